"""The fields of each action of a lesson. Questions and choices are counted from 0, as in the lists that a page gets."""

from typing import Literal

from pydantic import Field

from warmflow.api.requests.board_commands import Ask
from warmflow.api.requests.names import Name

PlaybackModeName = Literal["probe", "board", "virtual", "replay"]
FaultName = Literal["occlusion", "catheter_loose", "leak", "warm_pocket"]
Diagnosis = Literal["none", "occlusion", "catheter_loose", "leak", "warm_pocket"]


class Choose(Ask):
    lesson: str = Field(min_length=1, max_length=200, description="its name")
    way: PlaybackModeName | None = Field(None, description="what plays it; the best one that is there if not given")
    speed_x: int | None = Field(None, ge=1, le=20_000, description="pump time; the way's own if not given")
    pump: Name | None = Field(None, description="which one plays, of several")


class Guess(Ask):
    what: str = Field(min_length=1, max_length=40, description="which slider")
    value: float = Field(description="where it stands")


class Jump(Ask):
    step: str = Field(min_length=1, max_length=100, description="the step's id")


class Answer(Ask):
    question: int = Field(ge=0, le=100, description="which question, from 0")
    choice: int = Field(ge=0, le=100, description="which choice, from 0")


class Diagnose(Ask):
    fault: Diagnosis = Field(description="what the trainees say that it is")


class Inject(Ask):
    fault: FaultName = Field(description="which")
    magnitude: float = Field(1.0, ge=0, le=1, description="0 ends it, 1 is full")


class Reveal(Ask):
    fault: FaultName = Field(description="which")


class Nothing(Ask):
    """An action without fields."""
