"""Requests that the daemon itself carries out for people: about alarms, annotations, scenarios. Their fields alone."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from warmflow.api.requests.board_commands import Ask, OfPump
from warmflow.api.requests.names import Name


def _moment(text: str, info: ValidationInfo) -> str:
    try:
        moment = datetime.fromisoformat(text)
        since_1970 = moment.tzinfo is None or moment.astimezone(UTC).year >= 1970
    except (ValueError, OverflowError):
        since_1970 = False
    if not since_1970:
        raise ValueError(f"{info.field_name}: {text!r} is no time since 1970: write it as {EXAMPLE}")
    if moment.tzinfo is None:
        raise ValueError(f"{info.field_name}: {text!r}: of which zone? write it as {EXAMPLE}")
    return text


EXAMPLE = "2026-11-21T12:00:00Z"
Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_moment)]


class Alarms(Ask):
    """Of all pumps, or of one."""

    pump: Name | None = Field(None, description="of this pump alone")


class AlarmHistory(Alarms):
    hours: float = Field(24.0, gt=0, le=24 * 366, description="so far back")
    limit: int = Field(200, ge=1, le=2000, description="the newest ones, so many")


class OfAlarm(Ask):
    """What a person does about an alarm."""

    pump: Name = Field(description="the pump's name, as in the alarm")
    id: str = Field(min_length=1, max_length=40, description="which alarm: rate, dose, link, ...")
    by: str = Field(min_length=1, max_length=60, description="who: it is kept as it is said, and not checked")
    text: str = Field("", max_length=500, description="a comment, kept with the alarm")


class Shelve(OfAlarm):
    minutes: float = Field(gt=0, le=7 * 24 * 60, description="how long it is out of sight")


class Comment(OfAlarm):
    text: str = Field(min_length=1, max_length=500, description="what there is to say")


class Annotations(Alarms):
    since: Moment | None = Field(None, description="from this UTC time on; a day ago if not given")
    until: Moment | None = Field(None, description="up to this UTC time; now if not given")
    limit: int = Field(1000, ge=1, le=10_000, description="the newest ones, so many")


class Annotate(Ask):
    pump: Name = Field(description="the pump's name")
    time: Moment | None = Field(None, description="the moment that it is about, UTC; now if not given")
    text: str = Field(min_length=1, max_length=500, description="what there is to say")
    by: str = Field(min_length=1, max_length=60, description="who: it is kept as it is said, and not checked")


class RemoveAnnotation(Ask):
    annotation: int = Field(ge=1, le=2**53, description="its number, as `annotations` tells it")


class Adopt(Ask):
    pump: Name = Field(description="the pump's name, which belongs to the board that was replaced")
    board: str = Field(min_length=1, max_length=200, description="the new board: its id, its port, or its present name")
    by: str = Field("", max_length=60, description="who: it is kept as it is said, and not checked")


class StartScenario(OfPump):
    scenario: str = Field(min_length=1, max_length=100, description="its name, as `scenarios` tells it")


class StopScenario(OfPump):
    """Of one pump."""
