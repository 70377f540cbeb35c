"""A simulated run as a replay of a lesson: all samples up to a pump time, none twice; it can jump and begin anew.

Whoever paces it says how fast: no clock here. What it plays is modelled from first to last, and is labelled a replay.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from pumpmodel import PumpModelError
from warmflow.errors import UserError
from warmflow.simulation import vectorised
from warmflow.simulation.events import Fault
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import Scenario
from warmflow.simulation.trace import Run
from warmflow.training.progress import Play, Progress, advance
from warmflow.training.sample import Sample, of_run

ROUGH_S = 30.0


def run_of(play: Play) -> Run:
    """The run that `warmflow simulate` gives for the lesson's scenario and rig; with hidden faults, with them."""
    scenario = play.scenario
    if play.hidden:
        whole_min = scenario.whole_min
        scenario = scenario.model_copy(update={"event": (*scenario.event, *play.hidden)})
        rest_min = whole_min - scenario.rest_before_min - scenario.last_end_min
        scenario = scenario.model_copy(update={"rest_after_min": rest_min})
    return simulated(scenario, play.rig)


def simulated(scenario: Scenario, rig: Rig) -> Run:
    """A run. Raises UserError for what the model refuses, as too much in the reservoir."""
    try:
        return vectorised.run(scenario, rig)
    except PumpModelError as error:
        raise UserError(f"{scenario.title}: {error}") from error


class Replay:
    """Where a replay stands. `t_s` is pump time since its start."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self.times_s = [sample.t_s for sample in samples]
        self._next = 0
        self.t_s = 0.0

    @classmethod
    def of(cls, play: Play) -> "Replay":
        return cls(of_run(run_of(play)))

    @property
    def whole_s(self) -> float:
        return self.times_s[-1]

    @property
    def over(self) -> bool:
        return self._next == len(self._samples)

    def anew(self) -> "Replay":
        """The same samples, from the start."""
        return Replay(self._samples)

    def until(self, t_s: float) -> Sequence[Sample]:
        """All samples that were not given yet, up to this time."""
        to = bisect_right(self.times_s, t_s + 1e-6)
        found = self._samples[self._next : to]
        self._next, self.t_s = max(self._next, to), max(self.t_s, min(t_s, self.whole_s))
        return found


def jumped(replay: Replay, play: Play, step_id: str) -> tuple[Replay, Progress]:
    """Replay and progress at the moment at which a step is reached; at the end if it never is."""
    anew, progress = replay.anew(), Progress(play)
    for sample in replay._samples:
        progress = advance(progress, anew.until(sample.t_s))
        if any(reached.step.id == step_id for reached in progress.reached):
            break
    return anew, progress


def injected(replay: Replay, progress: Progress, fault: str, magnitude: float) -> tuple[Replay, Progress]:
    """Replay and progress from here on with a hidden fault; magnitude 0 ends it.

    Raises: ValidationError for a fault or magnitude that there is not.
    """
    play = progress.play
    at_min = (replay.t_s - play.begins_s) / 60
    hidden = Fault(kind="fault", at_min=0.0, fault=fault, magnitude=magnitude)
    hidden = hidden.model_copy(update={"at_min": at_min})  # no file may have an event in the rest before; this may be
    play = replace(play, hidden=(*play.hidden, hidden))
    anew = Replay.of(play)
    anew.until(replay.t_s)
    return anew, replace(progress, play=play)


def steps_s(play: Play) -> list[float]:
    """When the steps of a lesson come, in pump time, to half a minute: enough for its tempo, and done in a moment."""
    run = vectorised.run(play.scenario, play.rig, step_s=ROUGH_S)
    return [one.t_s for one in advance(Progress(play), of_run(run)).reached]


def to_the_end(play: Play) -> Progress:
    """The whole lesson at once."""
    return advance(Progress(play), Replay.of(play).until(float("inf")))
