"""Which pocket and which course of the core the flow speaks for, given what the probe has done to the skin.

For each body the warming that the skin does not explain is fitted by a core that rises at one rate (least squares that
forget); the body whose fit is best is the likely one, the declared one being given some credit. It says how well the
probe explains the flow, and gives the forecast its start.
"""

import math
from typing import NamedTuple

from warmflow.monitor.thermal_response import Pocket

FORGET_S = 2400.0
RAMP_COLD, RAMP_MOST = -0.03, 0.08  # degC/min of a core; Ref: immersion gives up to 0.053 (domain file), with a margin
DECLARED_CREDIT = 0.7  # the declared body counts as if its error were this much of what it is
WEIGHT_LEAST = 1e-9
RAMP_USUAL, RAMP_SD = 0.012, 0.02  # [chosen] of a core in heat before anything is known, in degC/min
PRIOR = 60.0  # weight of that, in the units of the sums: the flow is worth more after some minutes
NEARLY_AS_WELL, NEARLY_C = 1.6, 0.03


class CoreFit(NamedTuple):
    """The likely body, its core's rise in degC/min, and the warming of the pump that both explain."""

    body: str
    ramp_c_min: float
    explained_c: float
    ramp_sd: float  # 1 s.d. of its rise
    error_c: float  # root mean square of what is left, less the noise of the readings


class Fits:
    """Running sums for each body."""

    def __init__(self, declared: str) -> None:
        self._declared = declared
        self.reset()

    def reset(self) -> None:
        """A new exposure: what was before counts no more."""
        self._sums: dict[str, list[float]] = {}
        self._weight = self._noise = 0.0
        self._last_c: float | None = None

    def add(self, warming_c: float, pockets: list[Pocket], dt_s: float) -> None:
        """The flow speaks for a pump that is `warming_c` above rest."""
        keep = math.exp(-dt_s / FORGET_S)
        self._weight = self._weight * keep + dt_s
        if self._last_c is not None:
            self._noise = self._noise * keep + 0.5 * dt_s * (warming_c - self._last_c) ** 2
        self._last_c = warming_c
        for pocket in pockets:
            left_c, x = warming_c - pocket.skin_c, pocket.core_per_ramp_c
            row = self._sums.setdefault(pocket.name, [0.0, 0.0, 0.0])
            row[0] = row[0] * keep + dt_s * x * x
            row[1] = row[1] * keep + dt_s * x * left_c
            row[2] = row[2] * keep + dt_s * left_c * left_c

    def best(self, pockets: list[Pocket], cold: bool) -> CoreFit | None:
        """A core falls in the cold only. None before anything was added."""
        found = self.all(pockets, cold)
        return min(found, key=self._credited) if found else None

    def plausible(self, pockets: list[Pocket], cold: bool) -> list[CoreFit]:
        """All bodies that explain the flow nearly as well as the best, the best one first."""
        found = sorted(self.all(pockets, cold), key=self._credited)
        return [fit for fit in found if fit.error_c <= NEARLY_AS_WELL * found[0].error_c + NEARLY_C]

    def _credited(self, fit: CoreFit) -> float:
        return fit.error_c**2 * (DECLARED_CREDIT if fit.body == self._declared else 1.0)

    def all(self, pockets: list[Pocket], cold: bool) -> list[CoreFit]:
        """One fit a body."""
        found = []
        for pocket in pockets:
            if pocket.name not in self._sums:
                continue
            xx, xy, yy = self._sums[pocket.name]
            usual = 0.0 if cold else RAMP_USUAL  # what is believed before the flow has told
            ramp = min(max((xy + usual * PRIOR) / (xx + PRIOR), RAMP_COLD if cold else 0.0), RAMP_MOST)
            ramp_sd = RAMP_SD * math.sqrt(PRIOR / (xx + PRIOR))
            left = yy - 2 * ramp * xy + ramp * ramp * xx - self._noise
            square = max(left, 0.0) / max(self._weight, WEIGHT_LEAST)
            explained_c = pocket.skin_c + ramp * pocket.core_per_ramp_c
            found.append(CoreFit(pocket.name, ramp, explained_c, ramp_sd, math.sqrt(square)))
        return found
