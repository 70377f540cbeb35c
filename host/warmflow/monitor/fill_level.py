"""How full the reservoir is, where the declared fill may be misread: in the last millilitre the flow says it better.

The fall-off of the last half millilitre is compared with the flow, with an error of the fill that moves slowly, as the
level does: a flow that stops at once is no reservoir that runs dry.
"""

import math

from pumpmodel.reservoir import LAST_FLOW_FRACTION, NEAR_EMPTY_NL
from warmflow.monitor.restrictor import LEAST, Restrictor

MISREAD_NL = 500_000.0  # [chosen] error of reading a fill
LAST_NL = NEAR_EMPTY_NL + MISREAD_NL  # above that the fall-off cannot have begun
TRACK_NL_S = 100.0  # [chosen] the error is followed no faster than seven times the resting flow
SLACK = 0.03  # of the flow: a smaller change tells nothing of the level


class FillLevel:
    """`explain` with each sample; `error_nl`: how much more is there than was declared."""

    def __init__(self) -> None:
        self.error_nl = 0.0
        self._began = False

    def explain(self, left: float, level_nl: float, restrictor: Restrictor, dt_s: float) -> float:
        """What a misread fill adds to the reservoir's part, as a logarithm, where `left` is unexplained."""
        if level_nl > LAST_NL:
            return 0.0
        declared = max(restrictor.falloff(level_nl), LEAST)
        wanted_nl = self._wanted_nl(declared * math.exp(left), level_nl) - level_nl
        wanted_nl = min(max(wanted_nl, -MISREAD_NL), MISREAD_NL)
        move_nl = wanted_nl - self.error_nl
        if self._began:
            move_nl = min(max(move_nl, -TRACK_NL_S * dt_s), TRACK_NL_S * dt_s)
        self._began = True
        self.error_nl += move_nl
        return math.log(max(restrictor.falloff(level_nl + self.error_nl), LEAST) / declared)

    def _wanted_nl(self, fraction: float, level_nl: float) -> float:
        # the level at which the flow would be this share of the full one
        if fraction > 1.0 - SLACK:
            return max(level_nl + self.error_nl, float(NEAR_EMPTY_NL))
        share = (fraction - LAST_FLOW_FRACTION) / (1.0 - LAST_FLOW_FRACTION)
        return NEAR_EMPTY_NL * max(share, 0.0)
