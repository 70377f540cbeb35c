"""Cold water, or a probe that hangs out in a cold room? Both read below 20 degC, and the board says PROBE_OUT to both.

Two thermal models run side by side from where a probe falls below that within minutes: in one it is out, in the other
the body is in the water. The first is taken until the flow shows the second: cold water counts when it is in the flow.
"""

import math
from collections import deque

from warmflow.monitor.thermal_response import COLD_BELOW_C, Warmth

FELL_C, WITHIN_S = 1.5, 400.0  # [chosen] a room does not cool so fast
SHOWN, NOT_SHOWN = 0.3, 0.15  # share of the fall, in the declared body, that confirms or refutes
MEAN_S = 60.0  # over which the flow is averaged for that
LEAST_C = 0.2  # of the pump: a smaller difference tells nothing
SURE_C = 0.6


class ThermalModels:
    """Feed probe readings; `warmth` is the model that is believed."""

    def __init__(self, place: str, body: str) -> None:
        self.warmth = Warmth(place, body)  # below 30 degC the probe is out
        self._immersed: Warmth | None = None
        self._believed = False
        self._refuted = False
        self._recent: deque[tuple[float, float]] = deque(maxlen=48)
        self._at_s = 0.0
        self._base_c = self._warming_c = 0.0

    @property
    def believed(self) -> Warmth:
        """By what the flow has shown so far."""
        return self._immersed if self._believed and self._immersed is not None else self.warmth

    @property
    def undecided(self) -> bool:
        """Whether the probe may be in cold water, and the flow has not told yet."""
        return self._immersed is not None and not self._believed

    def advance(self, probe_c: float | None, dt_s: float, warming_c: float) -> None:
        """The probe has read `probe_c` over `dt_s`; `warming_c` is the warming of the pump that the flow spoke for."""
        self._at_s += dt_s
        self._warming_c += (1 - math.exp(-dt_s / MEAN_S)) * (warming_c - self._warming_c)
        if self.warmth.place != "pump":
            self._watch(probe_c)
        self.warmth.advance(probe_c, dt_s)
        if self._immersed is not None:
            self._immersed.advance(probe_c, dt_s)
            self._compare(probe_c)

    def _watch(self, probe_c: float | None) -> None:
        if probe_c is None:
            return
        recent = self._recent
        recent.append((self._at_s, probe_c))
        while len(recent) > 2 and self._at_s - recent[0][0] > WITHIN_S:
            recent.popleft()
        if probe_c >= COLD_BELOW_C:
            self._refuted = False
        elif self._immersed is None and not self._refuted and max(c for _, c in recent) > probe_c + FELL_C:
            self._immersed = self.warmth.immersed()
            self._base_c = self._warming_c - self.warmth.explained_c

    def _compare(self, probe_c: float | None) -> None:
        assert self._immersed is not None
        if self._believed and self._immersed.quiet and not self._immersed.exposed:
            self._immersed, self._believed = None, False
            return
        fall_c = self._immersed.explained_c - self.warmth.explained_c
        if fall_c > -LEAST_C:
            if not self._believed and probe_c is not None and probe_c >= COLD_BELOW_C:
                self._immersed = None  # it was out of it before anything could show
            return
        shown = (self._warming_c - self.warmth.explained_c - self._base_c) / fall_c
        if shown > SHOWN:
            self._believed = True
        elif shown < NOT_SHOWN and fall_c < -SURE_C and self._immersed.exposed:
            self._immersed, self._believed, self._refuted = None, False, True
