"""How fast a lesson's pump time runs along the way: at the lesson's own speed, and faster where nothing new would come.

A step is looked at for a moment; what then lies between it and the next one is cut short, so that no screen stands
longer than STILL_S. Knows when steps come from the simulated run, and reads no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

STILL_S = 20.0  # nothing on the screen stands longer
LOOK_S = 4.0  # a step is looked at so long, at the lesson's own speed, before pump time is hurried
HURRY_X = 600  # no less than this: a hurry that is hardly faster is no relief
NOTCHES = (1, 2, 5, 10, 20, 30, 60, 120, 200, 300, 600, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True)
class Tempo:
    """`changes`: from this pump time on (s, ascending) at this speed; before the first one at `own_x`."""

    own_x: int
    changes: tuple[tuple[float, int], ...] = ()

    def speed_x(self, t_s: float) -> int:
        """Pump time runs so many times as fast as real time, here."""
        return next((speed_x for from_s, speed_x in reversed(self.changes) if t_s >= from_s), self.own_x)

    def after(self, t_s: float, real_s: float) -> float:
        """Pump time when so many seconds of real time have passed since `t_s`."""
        for from_s, _ in self.changes:
            if from_s <= t_s:
                continue
            until_s = (from_s - t_s) / self.speed_x(t_s)
            if real_s < until_s:
                break
            t_s, real_s = from_s, real_s - until_s
        return t_s + real_s * self.speed_x(t_s)


def tempo(own_x: int, most_x: int, steps_s: Sequence[float], end_s: float) -> Tempo:
    """The way of a lesson whose steps come at these pump times: no slower than `own_x`, no faster than `most_x`."""
    changes: list[tuple[float, int]] = []
    for step_s, next_s in pairwise([*sorted(set(steps_s)), end_s]):
        if next_s - step_s <= STILL_S * own_x:
            continue
        wanted_x = max(HURRY_X, own_x, (next_s - step_s) / STILL_S)
        speed_x = min(most_x, next((notch for notch in NOTCHES if notch >= wanted_x), NOTCHES[-1]))
        if speed_x > own_x:
            # the look is shorter where the rest of the way would take too long
            look_s = (STILL_S - (next_s - step_s) / speed_x) / (1 - own_x / speed_x)
            changes += [(step_s + max(0.0, min(LOOK_S, look_s)) * own_x, speed_x), (next_s, own_x)]
    return Tempo(own_x, tuple(changes))
