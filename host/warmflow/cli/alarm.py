"""`warmflow alarm`: lists alarms and answers them, through the running daemon. It opens no port and no journal."""

from typing import Annotated, Any

import typer

from warmflow.cli.daemon_client import DEFAULT_URL, DaemonApi, TokenFile, Url
from warmflow.cli.login_name import login_name
from warmflow.runtime import console

app = typer.Typer(
    help="List, acknowledge, shelve and comment on the alarms of the running daemon.", no_args_is_help=True
)
OfPump = Annotated[str, typer.Argument(help="Name of the pump.")]
Name = Annotated[str, typer.Argument(metavar="ALARM", help="Which alarm: rate, dose, link, ...")]
By = Annotated[str | None, typer.Option(help="Your name, for the history. Default: your login name.")]
Text = Annotated[str, typer.Option("--comment", "-m", help="A comment; it is stored with the alarm.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
STATES = {"returned unacknowledged": "returned, unack."}


@app.command("list")
def list_(
    pump: Annotated[str | None, typer.Argument(help="Only this pump.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also list alarms that are normal.")] = False,
    json: Json = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """List the alarms that are not normal: state, priority, start, reason, and who acknowledged each."""
    found = DaemonApi(url, token_file).request("alarms", pump=pump)["alarms"]
    shown = [alarm for alarm in found if all_ or alarm["state"] != "normal"]
    if json:
        console.say_json(shown, indent=1)
        return
    for alarm in shown:
        console.say(_line(alarm))
        for comment in alarm["comments"]:
            console.say(f"    {comment['at']}  {comment['by']}: {comment['text']}")
    if not shown:
        console.say("no alarms" if found else "no alarms yet: `warmflow run` has not received data from a pump")


@app.command()
def history(
    pump: Annotated[str | None, typer.Argument(help="Only this pump.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 366, help="How many hours back.")] = 24.0,
    json: Json = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Show the history of alarms and of what people did about them, oldest first."""
    found = DaemonApi(url, token_file).request("alarm_history", pump=pump, hours=hours, limit=2000)["history"]
    if json:
        console.say_json(found, indent=1)
        return
    for line in found:
        who = f" by {line['by']}" if line["by"] else ""
        said = f": {line['said']}" if line["said"] else ""
        console.say(f"{line['at']}  {line['pump']:12} {line['id']:11} {line['event']}{who}{said}  [{line['text']}]")


@app.command()
def ack(
    pump: OfPump, name: Name, by: By = None, text: Text = "", url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """Acknowledge an alarm."""
    _do(url, token_file, "acknowledge", pump=pump, id=name, by=by, text=text)


@app.command()
def shelve(
    pump: OfPump,
    name: Name,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, max=10_080, help="How long it stays shelved.")],
    by: By = None,
    text: Text = "",
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Hide an alarm for a time."""
    _do(url, token_file, "shelve", pump=pump, id=name, by=by, text=text, minutes=minutes)


@app.command()
def unshelve(
    pump: OfPump, name: Name, by: By = None, text: Text = "", url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """Show a shelved alarm again."""
    _do(url, token_file, "unshelve", pump=pump, id=name, by=by, text=text)


@app.command()
def unlatch(
    pump: OfPump, name: Name, by: By = None, text: Text = "", url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """Clear a latched alarm whose condition has ended."""
    _do(url, token_file, "unlatch", pump=pump, id=name, by=by, text=text)


@app.command()
def comment(
    pump: OfPump,
    name: Name,
    text: Annotated[str, typer.Argument(help="The comment.")],
    by: By = None,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Add a comment to an alarm."""
    _do(url, token_file, "comment", pump=pump, id=name, by=by, text=text)


def _do(url: str, token_file: Any, kind: str, *, by: str | None, **fields: Any) -> None:
    done = DaemonApi(url, token_file).request(kind, by=by or login_name(), **fields)
    console.say(_line(done["alarm"]))
    if not done["kept"]:
        console.note("done, but not on disk yet: the journal cannot be written at the moment")


def _line(alarm: dict[str, Any]) -> str:
    who = f", acknowledged by {alarm['acknowledged_by']}" if alarm["acknowledged_by"] else ""
    shelved_until = f", shelved until {alarm['shelved_until']}" if alarm["shelved_until"] else ""
    often = f", repeating ({alarm['chattering']} times in 10 min)" if alarm["chattering"] else ""
    state = STATES.get(alarm["state"], alarm["state"])
    head = f"{alarm['pump']:12} {alarm['id']:11} {state:16} {alarm['priority'] or '-':7} since {alarm['since']}"
    return f"{head}{who}{shelved_until}{often}  {alarm['text']}"
