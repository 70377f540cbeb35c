"""`warmflow explain`: why the flow of a pump is what it is now, or was at a past moment, in a paragraph."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from warmflow.cli.daemon_client import DEFAULT_URL, DaemonApi, NoDaemon, TokenFile, Url
from warmflow.runtime import console
from warmflow.runtime.progress_bar import ProgressBar


def explain(
    pump: Annotated[str | None, typer.Argument(help="Name of the pump. Default: the only pump.")] = None,
    at: Annotated[str | None, typer.Option(help="A past moment, UTC: 2026-11-21T12:00. Default: now.")] = None,
    hours: Annotated[
        float, typer.Option(min=0.1, max=24 * 14, help="Hours of readings before that moment to use.")
    ] = 3.0,
    journal: Annotated[Path | None, typer.Option(help="Journal file. Default: the daemon's.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with shares, confidence and dose.")] = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Explain in plain words why the flow is what it is. Each number is marked measured, modelled or declared.

    Raises: UserError for a pump or a moment without data.
    """
    found = None if at or journal else _now(pump, url, token_file)
    said = found or _then(pump, at, hours, journal)
    if json:
        console.say_json(said, indent=1)
        return
    state = ". ".join(said[each] for each in ("headline", "likely", "data_quality") if said[each])
    console.say(f"{said['pump']}, {said['time']}: {state}.", said["text"], said["note"])


def _now(pump: str | None, url: str, token_file: Path | None) -> dict[str, Any] | None:
    """The explanation of the running daemon. None if no daemon runs, or if it has no recent reading of this pump; then
    the journal is used. A daemon that was named must be running.
    """
    from warmflow.notice import NOTICE

    try:
        last = DaemonApi(url, token_file).get("/api/pumps")["last"]
    except (NoDaemon, KeyError):
        if url != DEFAULT_URL or token_file:
            raise
        return None
    known = {name: card["diagnosis"] | {"time": card["time"]} for name, card in last.items() if card.get("diagnosis")}
    if pump is None and len(known) == 1:
        pump = next(iter(known))
    if pump not in known:
        return None
    return {"pump": pump, "source": "the daemon", **known[pump], "note": NOTICE}


def _then(pump: str | None, at: str | None, hours: float, journal: Path | None) -> dict[str, Any]:
    from warmflow.api.payloads import diagnosis
    from warmflow.cli.export import moment
    from warmflow.daemon.config import journal_file
    from warmflow.report.past_diagnosis import NotKnown, judged

    path = journal_file(journal)
    if not path.exists():
        raise NotKnown(
            f"{path}: there is no journal; `warmflow run` writes one. Name another with --journal, or a daemon with "
            "--url"
        )
    with ProgressBar(f"up to {hours:g} h of readings") as bar:
        found = judged(path, pump, moment(at), hours, bar)
    return {"pump": found.pump, "source": "the journal", **msgspec.to_builtins(diagnosis(found))}
