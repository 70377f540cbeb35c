"""`warmflow alarm`: what there is, and what a person does about it, at the running daemon. It opens no port and no
journal itself.
"""

import getpass
import json as json_text
from typing import Annotated, Any

import typer

from warmflow.cli.daemon_client import DEFAULT_URL, DaemonApi, TokenFile, Url

app = typer.Typer(help="Alarms of the running daemon: list, acknowledge, shelve, comment.", no_args_is_help=True)
OfPump = Annotated[str, typer.Argument(help="The pump's name.")]
Name = Annotated[str, typer.Argument(metavar="ALARM", help="Which alarm: rate, dose, link, ...")]
By = Annotated[str | None, typer.Option(help="Who you are: it stands in the history. Default: your login name.")]
Text = Annotated[str, typer.Option("--comment", "-m", help="A comment, kept with the alarm.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
STATES = {"returned unacknowledged": "returned, unack."}


@app.command("list")
def list_(
    pump: Annotated[str | None, typer.Argument(help="Only this pump.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those that are normal.")] = False,
    json: Json = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Show what is not normal: state, priority, since when, why, and who acknowledged it."""
    found = DaemonApi(url, token_file).request("alarms", pump=pump)["alarms"]
    shown = [alarm for alarm in found if all_ or alarm["state"] != "normal"]
    if json:
        typer.echo(json_text.dumps(shown, indent=1, ensure_ascii=False))
        return
    for alarm in shown:
        typer.echo(_line(alarm))
        for comment in alarm["comments"]:
            typer.echo(f"    {comment['at']}  {comment['by']}: {comment['text']}")
    if not shown:
        typer.echo("no alarm" if found else "no alarm was ever told of; `warmflow run` has heard no pump yet")


@app.command()
def history(
    pump: Annotated[str | None, typer.Argument(help="Only this pump.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 366, help="So far back.")] = 24.0,
    json: Json = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Show what happened to alarms, and who did what, oldest first."""
    found = DaemonApi(url, token_file).request("alarm_history", pump=pump, hours=hours, limit=2000)["history"]
    if json:
        typer.echo(json_text.dumps(found, indent=1, ensure_ascii=False))
        return
    for line in found:
        who = f" by {line['by']}" if line["by"] else ""
        said = f": {line['said']}" if line["said"] else ""
        typer.echo(f"{line['at']}  {line['pump']:12} {line['id']:11} {line['event']}{who}{said}  [{line['text']}]")


@app.command()
def ack(
    pump: OfPump, name: Name, by: By = None, text: Text = "", url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """Acknowledge an alarm: somebody has seen it."""
    _do(url, token_file, "acknowledge", pump=pump, id=name, by=by, text=text)


@app.command()
def shelve(
    pump: OfPump,
    name: Name,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, max=10_080, help="How long it is out of sight.")],
    by: By = None,
    text: Text = "",
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Put an alarm out of sight for a time."""
    _do(url, token_file, "shelve", pump=pump, id=name, by=by, text=text, minutes=minutes)


@app.command()
def unshelve(
    pump: OfPump, name: Name, by: By = None, text: Text = "", url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """Bring a shelved alarm back."""
    _do(url, token_file, "unshelve", pump=pump, id=name, by=by, text=text)


@app.command()
def unlatch(
    pump: OfPump, name: Name, by: By = None, text: Text = "", url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """End a latched alarm, whose condition is gone."""
    _do(url, token_file, "unlatch", pump=pump, id=name, by=by, text=text)


@app.command()
def comment(
    pump: OfPump,
    name: Name,
    text: Annotated[str, typer.Argument(help="What there is to say.")],
    by: By = None,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Say something about an alarm."""
    _do(url, token_file, "comment", pump=pump, id=name, by=by, text=text)


def _do(url: str, token_file: Any, kind: str, *, by: str | None, **fields: Any) -> None:
    done = DaemonApi(url, token_file).request(kind, by=by or _login(), **fields)
    typer.echo(_line(done["alarm"]))
    if not done["kept"]:
        typer.echo("done, and not on disk yet: the journal can not be written now", err=True)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _line(alarm: dict[str, Any]) -> str:
    who = f", acknowledged by {alarm['acknowledged_by']}" if alarm["acknowledged_by"] else ""
    shelved_until = f", shelved until {alarm['shelved_until']}" if alarm["shelved_until"] else ""
    often = f", chatters ({alarm['chattering']} times in 10 min)" if alarm["chattering"] else ""
    state = STATES.get(alarm["state"], alarm["state"])
    head = f"{alarm['pump']:12} {alarm['id']:11} {state:16} {alarm['priority'] or '-':7} since {alarm['since']}"
    return f"{head}{who}{shelved_until}{often}  {alarm['text']}"
