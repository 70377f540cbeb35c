"""A lesson played: samples in; the step reached, its numbers, the peak and the added dose out. Pure, with no clock.

It takes whatever plays the lesson: TRUTH frames of a board, or rows of a simulation. What comes late or twice is passed
over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pumpmodel import PROFILES
from warmflow.simulation.events import Fault
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import Scenario
from warmflow.simulation.trace import LESSON_DAYS
from warmflow.training.lesson import Lesson, Step
from warmflow.training.lesson_file import Loaded
from warmflow.training.quantities import Moment, value
from warmflow.training.sample import Sample
from warmflow.training.step_conditions import Phase, met

NEARLY_S = 1e-3
DIPPED_C = 2.0  # chosen: the skin is so much warmer once a real probe is in warm water ...
OUT_C = 1.0  # ... and so much below its highest once it is out again
SETTLED_PERCENT = 2.0  # chosen: and it is all over when the flow is so near its rate at rest again
EMPTY_NL = 0.5
EVEN = 1e-9  # below this two deviations are the same: the first of a plateau is the peak


@dataclass(frozen=True)
class Play:
    """What is played. `dipped`: a person's probe makes the exposure, not the scenario. `hidden` faults come on top,
    and change neither its phases nor its end.
    """

    name: str
    lesson: Lesson
    scenario: Scenario
    rig: Rig
    dipped: bool = False
    hidden: tuple[Fault, ...] = ()

    @property
    def begins_s(self) -> float:
        """When minute 0 of the events is, in pump time of the lesson."""
        return self.scenario.rest_before_min * 60

    @property
    def over_s(self) -> float:
        """When the last event is over."""
        return self.begins_s + self.scenario.last_end_min * 60


def played(loaded: Loaded, dipped: bool = False, site_kpa: float = 101.325) -> Play:
    """A lesson made ready to be played on its own rig."""
    lesson = loaded.lesson
    return Play(loaded.name, lesson, loaded.scenario, Rig(lesson.profile, lesson.body, site_kpa), dipped)


@dataclass(frozen=True)
class Reached:
    """A step that was reached, when, and its numbers at that moment."""

    step: Step
    t_s: float
    numbers: Mapping[str, float | None]


@dataclass(frozen=True)
class Progress:
    """How far a lesson is. Percent is of the reference rate, added doses of 14 days at it."""

    play: Play
    start: Moment | None = None
    now: Moment | None = None
    phase: Phase = "rest"
    reached: tuple[Reached, ...] = ()
    peak_percent: float = 0.0
    peak_s: float = 0.0
    peak_within_s: float = 0.0  # to the sample before it and the one after: the true peak may lie between
    over_s: float | None = None  # when the exposure was seen to be over
    starts_s: float | None = None
    empty_s: float | None = None
    least_nl: float = float("inf")
    warmest_c: float = float("-inf")
    furthest: Mapping[str, float] = field(default_factory=dict)

    @property
    def step(self) -> Step | None:
        """The one to show now."""
        return self.reached[-1].step if self.reached else None

    @property
    def finished(self) -> bool:
        """The exposure and its rest are over; with a probe in hand, all steps were reached."""
        return len(self.reached) == len(self.play.lesson.step) if self.play.dipped else self.phase == "end"

    @property
    def added_nl(self) -> float:
        return self.now.added_nl if self.now else 0.0


def advance(progress: Progress, samples: Iterable[Sample]) -> Progress:
    """How far the lesson is after these samples, in their order."""
    for sample in samples:
        progress = _after(progress, sample)
    return progress


def _after(before: Progress, sample: Sample) -> Progress:
    if before.now is not None and sample.t_s <= before.now.now.t_s:
        return before
    moment = _moment(before, sample)
    start = before.start or moment
    warmest_c = max(before.warmest_c, sample.skin_c)
    phase = _phase_dipped(before, start, moment) if before.play.dipped else _phase(before.play, sample.t_s)
    over_s = before.over_s
    if over_s is None and phase in ("after", "end"):
        over_s = sample.t_s if before.play.dipped else before.play.over_s
    flowing, empty = sample.flow_nl_h > 0, sample.reservoir_nl < EMPTY_NL
    percent = value("deviation_percent", moment) or 0.0
    higher = before.now is None or abs(percent) > abs(before.peak_percent) + EVEN
    now = replace(
        before,
        start=start,
        now=moment,
        phase=phase,
        over_s=over_s,
        warmest_c=warmest_c,
        peak_percent=percent if higher else before.peak_percent,
        peak_s=sample.t_s if higher else before.peak_s,
        peak_within_s=_peak_within_s(before, sample, higher),
        starts_s=sample.t_s if before.starts_s is None and flowing else before.starts_s,
        empty_s=sample.t_s if before.empty_s is None and empty else before.empty_s,
        least_nl=min(before.least_nl, sample.reservoir_nl),
        furthest=_furthest(before, start, moment),
    )
    return replace(now, reached=_reached(now, moment, start))


def _peak_within_s(before: Progress, sample: Sample, higher: bool) -> float:
    """The wider of the gaps on both sides of the highest sample."""
    if before.now is None:
        return 0.0
    last_s = before.now.now.t_s
    if higher:
        return sample.t_s - last_s
    return max(before.peak_within_s, sample.t_s - last_s) if last_s == before.peak_s else before.peak_within_s


def _moment(before: Progress, sample: Sample) -> Moment:
    lesson = before.play.lesson
    mg_ml = None if lesson.concentration is None else lesson.concentration.mg_ml
    if before.now is None:
        label_nl_h = PROFILES[before.play.rig.profile].label_nl_h
        return Moment(sample, 0.0, sample.reference_nl_h * 24 * LESSON_DAYS, label_nl_h, mg_ml)
    last = before.now
    usual_nl = sample.reference_nl_h * (sample.t_s - last.now.t_s) / 3600
    return last._replace(now=sample, added_nl=last.added_nl + sample.arrived_nl - last.now.arrived_nl - usual_nl)


def _phase(play: Play, t_s: float) -> Phase:
    # a sample at the very moment of a change still has the numbers before it
    if t_s >= play.scenario.whole_min * 60 - NEARLY_S:
        return "end"
    if play.scenario.event and t_s > play.over_s + NEARLY_S:
        return "after"
    return "exposure" if play.scenario.event and t_s > play.begins_s + NEARLY_S else "rest"


def _phase_dipped(before: Progress, start: Moment, moment: Moment) -> Phase:
    # one way only: who dips the probe again begins anew
    skin_c = moment.now.skin_c
    if before.phase == "rest" and skin_c >= start.now.skin_c + DIPPED_C:
        return "exposure"
    if before.phase == "exposure" and skin_c <= before.warmest_c - OUT_C:
        return "after"
    settled = abs(value("deviation_percent", moment) or 0.0) <= SETTLED_PERCENT
    return "end" if before.phase == "after" and settled else before.phase


def _furthest(before: Progress, start: Moment, moment: Moment) -> Mapping[str, float]:
    found = dict(before.furthest)
    for name in {step.when.peak_of for step in before.play.lesson.step} - {None}:
        now, was = value(str(name), moment), value(str(name), start)
        if now is not None and was is not None and abs(now - was) >= abs(found.get(str(name), was) - was):
            found[str(name)] = now
    return found


def _reached(progress: Progress, now: Moment, start: Moment) -> tuple[Reached, ...]:
    found = progress.reached
    minute = (now.now.t_s - progress.play.begins_s) / 60 + NEARLY_S / 60
    for step in progress.play.lesson.step[len(found) :]:
        if not met(step.when, progress.phase, minute, now, start, progress.furthest):
            break
        found = (*found, Reached(step, now.now.t_s, {name: value(name, now) for name in step.shows}))
    return found
