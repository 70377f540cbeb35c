"""The facts of one screen, and the state of the connection to each pump in words. Pure.

The reported state of a link is not valid any longer when the broker or the daemon that reported it is gone.
"""

from typing import NamedTuple

from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.pump_view import PumpView, status_words
from warmflow.cli.watch.text_runs import Part

DAEMON_WORDS = {
    "": "no daemon seen here; start one: warmflow run",
    "stopped": "the daemon was stopped",
    "dead": "the daemon died without a word",
}
LIVE, NOT_LIVE, BROKEN = "●", "○", "✕"
HEARD = (None, "ok", "crc storm")  # links in which readings come


class Frame(NamedTuple):
    """All that one picture is drawn from."""

    model: WatchModel
    pump: PumpView | None
    now_s: float
    where: str
    subtitle: str = ""
    hint: str = ""
    span: str = "auto"
    paused: str = ""  # what the banner says; "" while the picture is live


def broker_state(frame: Frame) -> list[Part]:
    model = frame.model
    if model.broker == "connecting":
        return [(f"{NOT_LIVE} connecting to broker {frame.where}", "$level-low")]
    if model.broker == "away":
        detail = f": {model.broker_detail}" if model.broker_detail else ""
        return [(f"{BROKEN} broker {frame.where} away{detail}", "$level-high bold")]
    detail = f": {model.broker_detail}" if model.broker_detail else ""
    return [(f"{LIVE} broker {frame.where}{detail}", "$dim")]


def empty_words(frame: Frame) -> str:
    """Why no pump is shown, and what to do."""
    model = frame.model
    if model.broker == "connected":
        return DAEMON_WORDS.get(model.daemon, f"the daemon is {model.daemon}")
    if model.broker == "away" and "refused" in model.broker_detail:
        port = frame.where.rpartition(":")[2]
        return f"nobody listens at {frame.where}. Start `warmflow run --broker-port {port}`, or name a broker: --broker"
    return f"broker {model.broker}"


def link_words(frame: Frame, pump: PumpView) -> tuple[str, bool]:
    """Link, or the device behind it, in words; and whether the link is broken: a device's state breaks none."""
    if frame.model.broker != "connected":
        return "link unknown: broker away", True
    if frame.model.daemon in ("stopped", "dead"):
        return f"link unknown: daemon {frame.model.daemon}", True
    status = pump.status.status if pump.status else None
    if pump.availability == "offline":
        return f"offline, {status or 'no reason given'}", True
    return (status_words(pump.status), pump.status.link not in HEARD) if pump.status else ("link unknown", False)


def link_trouble(frame: Frame, pump: PumpView) -> str:
    """The reason with its remedy, as the daemon gave it, of whatever is not well: the link or the device."""
    if frame.model.broker != "connected":
        return ""
    if frame.model.daemon in ("stopped", "dead"):
        return DAEMON_WORDS[frame.model.daemon]
    well = pump.status is None or (pump.status.status in (None, "ok") and pump.availability != "offline")
    return "" if well or pump.status is None else pump.status.reason or ""
