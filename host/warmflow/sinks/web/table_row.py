"""What the table of the pages has of a pump beside its last reading: its state in words, what the rig is, and its
limits. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from warmflow.alarms.alarm import Alarm
from warmflow.alarms.pump_words import pump_words
from warmflow.alarms.state_words import state_words
from warmflow.api.payloads import PumpEntry
from warmflow.device.updates import Reading
from warmflow.monitor import Diagnosis, PumpLimits

RIG = ("profile", "propellant", "place", "sensor", "platform", "firmware", "board_id", "rate_hz", "speed_x")


def table_row(
    found: Callable[[str], Diagnosis | None],
    alarms: Callable[[str], Iterable[Alarm]],
    entry: Callable[[str], PumpEntry | None],
    limits: Callable[[str], PumpLimits],
) -> Callable[[str, Reading | None], dict[str, Any]]:
    """By a pump's name: the newest diagnosis, all alarms, what its board has said, the limits that are in force."""

    def row(pump: str, reading: Reading | None) -> dict[str, Any]:
        finding = reading.finding if reading else None
        words = state_words(finding, found(pump)) if finding else None
        said = pump_words(words, finding is not None and finding.deviation < 0, alarms(pump))
        return {"says": said._asdict(), "rig": rig(entry(pump)), "limits": limits(pump).values()}

    return row


def rig(entry: PumpEntry | None) -> dict[str, Any]:
    """What the controls and the pages show of a rig; empty before its board has said it."""
    return {} if entry is None else {name: getattr(entry, name) for name in RIG}
