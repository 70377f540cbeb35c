"""A lesson as its file has it: an exposure, the steps to see in it, what to guess before and what to answer after.

Whether its scenario exists and its steps are ever reached is the matter of loading and of `warmflow lesson check`.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from pumpmodel import BODY_NAMES, PROFILE_NAMES
from warmflow.simulation.events import LONGEST_MIN, Event, Start, Strict
from warmflow.simulation.scenario import Outcome, Scenario
from warmflow.training.quantities import NAMES
from warmflow.training.statements import cited
from warmflow.training.step_conditions import When

PARTS = ("heat", "pocket", "propellant", "restrictor", "catheter", "reservoir", "drops", "dose")
GUESSED = ("peak_percent", "peak_after_min", "added_ul", "added_percent", "starts_min", "empty_day", "left_ml")
StatementNumber = Annotated[int, Field(ge=1, le=13)]


class Inline(Strict):
    """An exposure of the lesson's own, in place of a scenario; keys as in docs/scenarios.md."""

    rest_before_min: float = Field(0.0, ge=0, le=LONGEST_MIN, description="rest before minute 0 of the events")
    rest_after_min: float = Field(ge=0, le=LONGEST_MIN, description="rest after the end of the last event")
    start: Start = Field(default_factory=Start, description="how the pump is at the beginning")
    event: tuple[Event, ...] = Field(min_length=1, description="what happens")


class Concentration(Strict):
    """Lets a lesson speak of mg. An illustrative choice, shown as one; nobody's dose."""

    mg_ml: float = Field(gt=0, le=1000, description="drug in the reservoir, mg/mL")
    choice: str = Field(min_length=10, description="where the figure comes from, and that it is an illustration")


class Step(Strict):
    """One screen."""

    id: str = Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", description="short name, small letters and hyphens")
    title: str = Field(min_length=3, max_length=60, description="its headline")
    text: str = Field(min_length=20, max_length=400, description="what there is to see and why")
    when: When = Field(description="when it is reached")
    shows: tuple[Literal[NAMES], ...] = Field(min_length=1, max_length=5, description="its numbers")  # type: ignore[valid-type]
    part: Literal[PARTS] | None = Field(None, description="what the drawing points at")  # type: ignore[valid-type]


class Predict(Strict):
    """A slider to guess on before the run."""

    what: Literal[GUESSED] = Field(description="what is guessed")  # type: ignore[valid-type]
    ask: str = Field(min_length=10, max_length=200, description="the question")
    low: float = Field(description="left end")
    high: float = Field(description="right end")
    step: float = Field(gt=0, description="one notch")

    @field_validator("high")
    @classmethod
    def _rises(cls, high: float, info: ValidationInfo) -> float:
        if high <= info.data.get("low", high - 1):
            raise ValueError(f"{high:g} is no more than low, {info.data['low']:g}")
        return high


class Question(Strict):
    """Multiple choice, after the run."""

    text: str = Field(min_length=10, max_length=200, description="the question")
    choices: tuple[str, ...] = Field(min_length=2, max_length=5, description="the answers to choose from")
    right: int = Field(ge=1, description="which of them is right, counted from 1")
    why: str = Field(min_length=10, max_length=400, description="explanation that is shown after the answer")
    source: str = Field(
        min_length=3, description="where that comes from; `[mass-general]` and the like name a source in full"
    )

    @field_validator("source")
    @classmethod
    def _in_full(cls, source: str) -> str:
        return cited(source)

    @field_validator("choices")
    @classmethod
    def _differ(cls, choices: tuple[str, ...]) -> tuple[str, ...]:
        if len({choice.strip().lower() for choice in choices}) < len(choices):
            raise ValueError("two choices are the same")
        return choices

    @field_validator("right")
    @classmethod
    def _is_there(cls, right: int, info: ValidationInfo) -> int:
        count = len(info.data.get("choices", ()))
        if count and right > count:
            raise ValueError(f"{right}, of {count} choices")
        return right


class Compare(Strict):
    """A second run beside this one; what is not given is as in the lesson."""

    title: str = Field(min_length=5, max_length=80, description="title of the comparison")
    profile: Literal[PROFILE_NAMES] | None = Field(None, description="another pump profile")  # type: ignore[valid-type]
    body: Literal[BODY_NAMES] | None = Field(None, description="another body preset")  # type: ignore[valid-type]
    scenario: str | None = Field(None, description="another scenario, by name")
    lesson: str = Field(min_length=20, max_length=300, description="what there is to learn of it")

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.profile is None and self.body is None and self.scenario is None:
            raise ValueError("nothing else to compare with: give profile, body or scenario")
        return self


class Lesson(Strict):
    """One file. `scenario` or `[inline]`, one of them."""

    title: str = Field(min_length=3, max_length=60, description="a line for lists")
    order: int = Field(100, ge=0, description="place in lists; equal ones go by name")
    aim: str = Field(min_length=20, max_length=400, description="what a trainee has understood afterwards")
    intro: str = Field(
        "",
        max_length=300,
        description="what trainees read before they guess: the situation, and nothing of how it ends",
    )
    scenario: str | None = Field(None, description="a scenario's name, or a scenario file beside the lesson")
    inline: Inline | None = Field(None, description="an exposure of its own instead")
    profile: Literal[PROFILE_NAMES] = Field("r11", description="the pump's profile")  # type: ignore[valid-type]
    body: Literal[BODY_NAMES] = Field("average", description="the body preset")  # type: ignore[valid-type]
    probe: Literal["water", "skin"] | None = Field(
        None, description="a real probe may play it: what the probe touches; not given: only an emulated one"
    )
    bring: tuple[str, ...] = Field((), max_length=6, description="what to bring beside thermos, thermometer and towel")
    closing: str = Field(min_length=20, max_length=400, description="the last screen, above the statement")
    statement: tuple[StatementNumber, ...] = Field(
        min_length=1, description="which of the 13 source statements it illustrates"
    )
    concentration: Concentration | None = Field(None, description="to speak of mg")
    step: tuple[Step, ...] = Field(min_length=2, max_length=12, description="the screens, in order")
    predict: tuple[Predict, ...] = Field((), max_length=4, description="what is guessed before")
    question: tuple[Question, ...] = Field((), max_length=6, description="what is asked after")
    compare: tuple[Compare, ...] = Field((), max_length=4, description="runs to hold it against")

    def inline_scenario(self, illustrates: str) -> Scenario:
        """The exposure of its own as a scenario of which nothing is expected."""
        assert self.inline is not None
        nothing = Outcome(basis="chosen", how="an exposure of a lesson's own: no figure is expected of it")
        return Scenario(
            title=self.title,
            why=self.aim,
            statement=self.statement,
            illustrates=illustrates,
            outcome=(nothing,),
            **{name: getattr(self.inline, name) for name in Inline.model_fields},
        )
