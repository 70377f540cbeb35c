"""A scenario: what happens to a pump, when, why it is worth showing, and what is expected to follow.

Files are TOML, see docs/scenarios.md. Expected outcomes come from literature or are derived apart from the code that
they judge. Unknown keys are refused by name.
"""

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from pydantic import Field, ValidationError, model_validator

from pumpmodel import BODY_NAMES, PROFILE_NAMES
from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean, printable
from warmflow.runtime.text_file import NoSuchFile, TextFileError, read_toml
from warmflow.runtime.validation_text import fault_words, key_of, keys_at
from warmflow.simulation.events import (
    KINDS,
    LONGEST_MIN,
    Event,
    Exposure,
    Fault,
    Fluid,
    Flush,
    Refill,
    Start,
    Strict,
    Withdraw,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Range = tuple[float, float]
BoardStep = Exposure | Fault | Refill | Withdraw | Flush | Fluid
METER_PERCENT = 4.0  # chosen: what a meter's noise of 2 % may add to a peak that is read at 600x


class ScenarioError(UserError):
    """A scenario cannot be used; the text names file and key."""


class Outcome(Strict):
    """What is expected of one pump in one body. Each range is [lowest, highest]; what is not given is not judged."""

    profile: Literal[PROFILE_NAMES] = Field("r11", description="the pump's profile")  # type: ignore[valid-type]
    body: Literal[BODY_NAMES] = Field("average", description="the body preset")  # type: ignore[valid-type]
    peak_percent: Range | None = Field(None, description="largest deviation of the flow from the reference rate")
    peak_after_min: Range | None = Field(None, description="minutes of the peak after the end of the last event")
    settles_min: Range | None = Field(
        None, description="minutes after the end of the last event from which the deviation stays below 10 %"
    )
    starts_min: Range | None = Field(None, description="minute at which the flow starts")
    empty_day: Range | None = Field(None, description="day on which the reservoir is empty")
    dose_percent: Range | None = Field(
        None, description="what was delivered too much or too little, in percent of 14 days at the reference rate"
    )
    withdrawn_ml: Range | None = Field(None, description="all that was drawn by needle")
    flow_ml_day: Range | None = Field(None, description="flow at the end")
    level: Literal["normal", "low", "medium", "high"] | None = Field(None, description="highest rate flag")
    cause: Literal["heat", "cold", "unexplained"] | None = Field(None, description="what the monitor says of it")
    basis: Literal["given", "derived", "chosen"] = Field(
        description="given: a source or the project's domain study says it; derived: worked out from its formulas "
        "apart from this program; chosen: follows from inputs that this project chose"
    )
    how: str = Field(min_length=10, description="where the figures come from")

    @model_validator(mode="after")
    def _ranges_rise(self) -> Self:
        for name in type(self).model_fields:
            limits = getattr(self, name)
            if isinstance(limits, tuple) and not limits[0] <= limits[1]:
                raise ValueError(f"{name} of {list(limits)}: give the lower limit first")
        return self


class Expected(NamedTuple):
    """The range in which `warmflow demo` accepts the first outcome, measured with a noisy meter."""

    peak_percent: Range
    level: str
    cause: str


class Scenario(Strict):
    """One file. `exposure`, `expected` and `length_min` are what the demo plays and judges."""

    title: str = Field(min_length=3, description="a line for lists and plots")
    why: str = Field(min_length=20, description="two sentences: what happens, and what there is to learn")
    statement: tuple[int, ...] = Field(min_length=1, description="which of the 13 source statements it illustrates")
    illustrates: str = Field(min_length=10, description="that statement, with its source")
    rest_before_min: float = Field(0.0, ge=0, le=LONGEST_MIN, description="rest before minute 0 of the events")
    rest_after_min: float = Field(ge=0, le=LONGEST_MIN, description="rest after the end of the last event")
    demo_rest_after_min: float | None = Field(
        None,
        ge=0,
        description="the same where `warmflow demo` plays it, for people who wait; rest_after_min if not given",
    )
    start: Start = Field(default_factory=Start, description="how the pump is at the beginning")
    event: tuple[Event, ...] = Field((), description="what happens, in any order")
    outcome: tuple[Outcome, ...] = Field(min_length=1, description="what is expected to follow")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not 0 < self.whole_min <= LONGEST_MIN:
            raise ValueError(f"it lasts {self.whole_min:g} minutes; give more than 0 and at most {LONGEST_MIN}")
        return self

    @property
    def events(self) -> tuple[BoardStep, ...]:
        """In order of time; what happens at the same minute keeps the file's order."""
        return tuple(sorted(self.event, key=lambda event: event.at_min))

    @property
    def last_end_min(self) -> float:
        """Minute at which the last event ends, or 0."""
        return max((event.end_min for event in self.event), default=0.0)

    @property
    def whole_min(self) -> float:
        """From the beginning of the first rest to the end of the last."""
        return self.rest_before_min + self.last_end_min + self.rest_after_min

    @property
    def length_min(self) -> float:
        """The same for the demo."""
        shorter_min = self.rest_after_min if self.demo_rest_after_min is None else self.demo_rest_after_min
        return self.rest_before_min + self.last_end_min + shorter_min

    @property
    def exposure(self) -> tuple[BoardStep, ...]:
        """The commands for a board, in order. Raises ScenarioError if a board cannot start in this state."""
        if self.start != Start():
            raise ScenarioError(f"{self.title}: a board cannot start in this state; use `warmflow simulate`")
        steps = (event.board_steps() if isinstance(event, Exposure) else (event,) for event in self.events)
        return tuple(step for group in steps for step in group)

    @property
    def expected(self) -> Expected:
        """The first outcome, as wide as a meter's noise makes it."""
        first = self.outcome[0]
        low, high = first.peak_percent or (0.0, 0.0)
        return Expected((low - METER_PERCENT, high + METER_PERCENT), first.level or "normal", first.cause or "")


def built_in() -> dict[str, Path]:
    """The scenarios that come with the program, by name."""
    return _in_folder(Path(str(resources.files("warmflow.simulation"))) / "scenarios")


def load(name: str) -> Scenario:
    """A built-in scenario by name, or a file by path. Raises ScenarioError."""
    known = built_in()
    path = known.get(name, Path(name))
    try:
        if path.is_dir():
            names = ", ".join(str(file) for file in _in_folder(path).values()) or "none"
            raise ScenarioError(f"{path}: this is a folder; name one of its scenarios: {names}")
        return Scenario(**read_toml(path))
    except NoSuchFile:
        hint = did_you_mean(name, known)
        raise ScenarioError(f"{printable(name)}: no such scenario; {hint} To use a file, give its path") from None
    except TextFileError as error:
        raise ScenarioError(str(error)) from None
    except ValidationError as error:
        raise ScenarioError(f"{path}: {'; '.join(_problem(problem) for problem in error.errors())}") from None


def load_all(folder: str | None = None) -> dict[str, Scenario]:
    """All built-in scenarios, or those of a user's folder, by name. Raises ScenarioError."""
    paths = built_in() if folder is None else _in_folder(Path(folder))
    if not paths:
        raise ScenarioError(f"{folder}: the folder contains no scenarios; add NAME.toml files (docs/scenarios.md)")
    return {name: load(str(path)) for name, path in paths.items()}


def _in_folder(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _problem(problem: "ErrorDetails") -> str:
    words = fault_words(problem, keys_at(Scenario, problem["loc"], KINDS))
    return f"{key_of(problem['loc'], KINDS)}: {words}".removeprefix(": ")
