"""Fields of the requests that the daemon itself carries out: alarms, annotations, scenarios."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from warmflow.api.requests.board_commands import Ask, OfPump
from warmflow.api.requests.names import Name
from warmflow.monitor.pump_limits import FIELDS


def _moment(text: str, info: ValidationInfo) -> str:
    try:
        moment = datetime.fromisoformat(text)
        since_1970 = moment.tzinfo is None or moment.astimezone(UTC).year >= 1970
    except (ValueError, OverflowError):
        since_1970 = False
    if not since_1970:
        raise ValueError(f"{info.field_name}: {text!r} is not a time since 1970; write it as {EXAMPLE}")
    if moment.tzinfo is None:
        raise ValueError(f"{info.field_name}: {text!r} has no time zone; write it as {EXAMPLE}")
    return text


EXAMPLE = "2026-11-21T12:00:00Z"
Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_moment)]


class Alarms(Ask):
    """Of all pumps, or of one."""

    pump: Name | None = Field(None, description="only this pump")


class AlarmHistory(Alarms):
    hours: float = Field(24.0, gt=0, le=24 * 366, description="how many hours back")
    until: Moment | None = Field(None, description="up to this UTC time; default: now")
    limit: int = Field(200, ge=1, le=2000, description="at most this many, the newest")


class SetLimits(Ask):
    """Of one pump, or of all that have none of their own."""

    pump: Name | None = Field(None, description="the pump's name; default: the limits of all pumps")
    limits: dict[str, float | None] = Field(
        min_length=1,
        max_length=len(FIELDS),
        description="new limits by name, as in `rate_low_above_percent`; `null` takes a limit back to its default",
    )
    by: str = Field(min_length=1, max_length=60, description="your name; it is stored as given, not checked")


class OfAlarm(Ask):
    """A person's response to an alarm."""

    pump: Name = Field(description="the pump's name, as in the alarm")
    id: str = Field(min_length=1, max_length=40, description="which alarm: rate, dose, link, ...")
    by: str = Field(min_length=1, max_length=60, description="your name; it is stored as given, not checked")
    text: str = Field("", max_length=500, description="a comment, stored with the alarm")


class Shelve(OfAlarm):
    minutes: float = Field(gt=0, le=7 * 24 * 60, description="how long it is hidden")


class Comment(OfAlarm):
    text: str = Field(min_length=1, max_length=500, description="the comment")


class Annotations(Alarms):
    since: Moment | None = Field(None, description="from this UTC time on; default: one day ago")
    until: Moment | None = Field(None, description="up to this UTC time; default: now")
    limit: int = Field(1000, ge=1, le=10_000, description="at most this many, the newest")


class Annotate(Ask):
    pump: Name = Field(description="the pump's name")
    time: Moment | None = Field(None, description="the time that it refers to, UTC; default: now")
    text: str = Field(min_length=1, max_length=500, description="the annotation")
    by: str = Field(min_length=1, max_length=60, description="your name; it is stored as given, not checked")


class RemoveAnnotation(Ask):
    annotation: int = Field(ge=1, le=2**53, description="its number, from the answer to `annotations`")


class Adopt(Ask):
    pump: Name = Field(description="the pump's name, so far of the board that is replaced")
    board: str = Field(min_length=1, max_length=200, description="the new board: its id, its port, or its present name")
    by: str = Field("", max_length=60, description="your name; it is stored as given, not checked")


class StartScenario(OfPump):
    scenario: str = Field(min_length=1, max_length=100, description="its name, from the answer to `scenarios`")


class StopScenario(OfPump):
    """Of one pump."""
