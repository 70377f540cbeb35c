"""How fast a lesson may be played, by what plays it, and which of them can play it at all.

Water warms no faster than it does, a board and a virtual Pico have their limits, and what would last longer
than a sitting is a replay of a simulation, and says so.
"""

from typing import NamedTuple

from warmflow.simulation.events import Exposure
from warmflow.simulation.scenario import ScenarioError
from warmflow.training.progress import Play
from warmflow.training.tempo import NOTCHES

LONGEST_SITTING_MIN = 20.0  # chosen: longer than this nobody stands before a rig
LESSON_MIN = 6.0  # chosen: what a lesson should take
HURRIED_MIN = 1.0  # chosen: the whole of it at the fastest; what is longer stands still between two steps
MOST_X = {"probe": 10, "board": 60, "virtual": 600, "replay": 20_000}  # design: fastest pump time


class PlaybackMode(NamedTuple):
    """`why_not` is a key of the catalogue of texts, empty where it is possible. `label` is one, too."""

    name: str
    speed_x: int
    most_x: int
    lasts_min: float  # at speed_x
    why_not: str

    @property
    def possible(self) -> bool:
        return not self.why_not

    @property
    def label(self) -> str:
        return f"way.{self.name}"


def ways(play: Play) -> tuple[PlaybackMode, ...]:
    """All four, from the most real to the least, each at the slowest notch at which the lesson fits."""
    found = []
    for name, most_x in MOST_X.items():
        # with a probe in hand nobody waits for a long rest at the end
        whole_min = play.scenario.length_min if name == "probe" else play.scenario.whole_min
        fits = [speed_x for speed_x in NOTCHES if speed_x <= most_x and whole_min / speed_x <= LESSON_MIN]
        speed_x = fits[0] if fits else most_x
        lasts_min = whole_min / speed_x
        found.append(PlaybackMode(name, speed_x, most_x, lasts_min, _why_not(play, name, lasts_min)))
    return tuple(found)


def best(found: tuple[PlaybackMode, ...], boards: bool = True) -> PlaybackMode:
    """What to offer first: a virtual Pico where the lesson fits on one with no long wait in it, else the replay."""
    fits = [way for way in found if way.name == "virtual" and way.possible and way.lasts_min <= LESSON_MIN]
    fits = [way for way in fits if way.lasts_min * way.speed_x / way.most_x <= HURRIED_MIN]
    return fits[0] if fits and boards else found[-1]


def allowed(way: PlaybackMode, speed_x: int) -> bool:
    """Whether pump time may run so fast there."""
    return 1 <= speed_x <= way.most_x


def _why_not(play: Play, name: str, lasts_min: float) -> str:
    if name == "replay":
        return ""
    if name == "probe" and (play.lesson.probe is None or not _heat_alone(play)):
        return "why_not.no_probe"
    try:
        _ = play.scenario.exposure
    except ScenarioError:
        return "why_not.start"
    return "why_not.too_long" if lasts_min > LONGEST_SITTING_MIN else ""


def _heat_alone(play: Play) -> bool:
    return all(isinstance(event, Exposure) and event.skin_c is not None for event in play.scenario.event)
