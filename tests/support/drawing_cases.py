"""What the drawing is given in tests and pictures: moments of lessons, as `simulate` has them, none invented."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from warmflow.training import views
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.playback_modes import best, ways
from warmflow.training.progress import Progress, advance, played
from warmflow.training.sample import Sample
from warmflow.training.simulated_run import Replay

Look = Callable[[Sample], float]


class Case(NamedTuple):
    """A moment of a lesson: the first at which `most` is highest; the one at its start if there is none."""

    lesson: str
    most: Look | None
    part: str


CASES = {
    "rest": Case("hot-tub", None, "pocket"),
    "peak": Case("hot-tub", lambda sample: sample.flow_nl_h, "drops"),
    "warming": Case("hot-tub", lambda sample: sample.skin_c, "heat"),
    "occluded": Case("occlusion", lambda sample: -sample.flow_nl_h, "catheter"),
    "loose": Case("catheter-loose", lambda sample: -sample.outlet_kpa, "catheter"),
    "empty": Case("run-dry", lambda sample: sample.t_s, "reservoir"),
    "dive": Case("scuba", lambda sample: sample.ambient_kpa, "propellant"),
    "flight": Case("flight", lambda sample: sample.flow_nl_h, "restrictor"),
    "cold": Case("activation", None, "propellant"),
    "fever": Case("fever", lambda sample: sample.arrived_nl, "dose"),
}


@cache
def given(name: str) -> dict[str, Any]:
    """What a page hands to `draw` at the moment of a case."""
    case = CASES[name]
    play = played(LessonLibrary().look().lessons[case.lesson])
    replay, progress = Replay.of(play), Progress(play)
    way = best(ways(play))
    samples = Replay.of(play).until(float("inf"))
    at_s = 0.0 if case.most is None else max(samples, key=case.most).t_s
    first = advance(progress, replay.until(0.0))
    now = advance(first, replay.until(at_s))
    view = views.view(now, way, way.speed_x)
    start = views.view(first, way, way.speed_x)["drawing"]
    return {
        "drawing": view["drawing"],
        "start": start,
        "part": case.part,
        "phase_text": view["clock"]["phase_text"],
        "paused": False,
    }
