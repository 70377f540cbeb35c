"""`warmflow limits`: shows and changes limits of flow, dose and reservoir, through the running daemon."""

from typing import Annotated, Any

import typer

from warmflow.cli.daemon_client import DEFAULT_URL, DaemonApi, TokenFile, Url
from warmflow.cli.login_name import login_name
from warmflow.errors import UserError
from warmflow.runtime import console

app = typer.Typer(
    help="Show and change the limits of flow, dose and reservoir, while the daemon runs.", no_args_is_help=True
)
Pump = Annotated[str | None, typer.Option("--pump", "-p", help="Only of this pump. Default: the limits of all pumps.")]
By = Annotated[str | None, typer.Option(help="Your name, for the history. Default: your login name.")]
Names = Annotated[list[str], typer.Argument(metavar="LIMIT...", help="Which limits: rate_low_above_percent, ...")]
Changes = Annotated[
    list[str], typer.Argument(metavar="LIMIT=NUMBER...", help="New limits: rate_low_above_percent=5 ...")
]


class NotALimit(UserError):
    """What was given sets no limit."""


@app.command()
def show(
    pump: Pump = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Show the limits that are in force, and which of them somebody has set."""
    found = DaemonApi(url, token_file).request("limits", pump=pump)
    if json:
        console.say_json(found, indent=1)
        return
    _print(found)


@app.command("set")
def set_(
    changes: Changes, pump: Pump = None, by: By = None, url: Url = DEFAULT_URL, token_file: TokenFile = None
) -> None:
    """Change limits from now on. Each change is stored in the history of the alarms."""
    _change(url, token_file, pump, by, dict(_parted(each) for each in changes))


@app.command()
def reset(names: Names, pump: Pump = None, by: By = None, url: Url = DEFAULT_URL, token_file: TokenFile = None) -> None:
    """Take limits back to what they are without a change of yours."""
    _change(url, token_file, pump, by, dict.fromkeys(names))


def _parted(text: str) -> tuple[str, float | None]:
    name, sign, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = None
    if not sign or value is None:
        raise NotALimit(f"{text}: write a limit and a number, for example rate_low_above_percent=5")
    return name.strip(), value


def _change(url: str, token_file: Any, pump: str | None, by: str | None, limits: dict[str, float | None]) -> None:
    done = DaemonApi(url, token_file).request("set_limits", pump=pump, limits=limits, by=by or login_name())
    _print(done)
    if not done["kept"]:
        console.note("done, but not on disk yet: the journal cannot be written at the moment")


def _print(found: dict[str, Any]) -> None:
    from warmflow.monitor.pump_limits import FIELDS

    console.say(f"limits of {found['pump'] or 'all pumps'}")
    for name, field in FIELDS.items():
        own = "  set" if name in found["set"] else ""
        console.say(f"  {name:27} {found['limits'][name]:6g} {field.unit:2} {field.label}{own}")
