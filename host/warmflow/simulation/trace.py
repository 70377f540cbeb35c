"""The result of a simulation: one row per step, as columns. A row for a long quiet period has a long `dt_s`.

Flows, pressures and drive are means over the step, temperatures and volumes those at its end.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import Scenario

Column = NDArray[np.float64]
JUMP = 0.005  # of the reference rate, from one row to the next
LESSON_DAYS = 14  # the fill against whose dose all is measured


@dataclass(frozen=True)
class Trace:
    """Columns of equal length; the last axis is time, one before it may be that of several pumps."""

    t_s: Column
    dt_s: Column
    skin_c: Column
    core_c: Column
    pump_c: Column
    vapour_kpa: Column
    drive_kpa: Column
    ambient_kpa: Column
    outlet_kpa: Column
    reference_nl_h: Column
    flow_nl_h: Column
    delivered_nl_h: Column
    pumped_nl: Column
    delivered_nl: Column
    reservoir_nl: Column

    @property
    def deviation(self) -> Column:
        """Of the flow that leaves the pump, from the reference rate: 0.1 is +10 %."""
        return self.flow_nl_h / self.reference_nl_h - 1.0

    @property
    def extra_nl(self) -> Column:
        """Delivered since the start, less what the reference rate would have given."""
        return self.delivered_nl - np.cumsum(self.reference_nl_h * self.dt_s / 3600.0, axis=-1)

    def thinned(self, points: int) -> "Trace":
        """About so many rows of one pump, and both sides of every jump; for the eye, not for sums of flow."""
        jumps = np.abs(np.diff(self.deviation)) > JUMP
        for name in ("ambient_kpa", "outlet_kpa", "reference_nl_h", "dt_s"):
            jumps |= np.diff(getattr(self, name)) != 0
        at = np.flatnonzero(jumps)
        keep = np.arange(len(self.t_s)) % max(1, len(self.t_s) // points) == 0
        keep[[0, -1, *at, *(at + 1)]] = True
        columns = {name: getattr(self, name)[keep] for name in COLUMNS}
        columns["dt_s"] = np.diff(columns["t_s"], prepend=self.t_s[0] - self.dt_s[0])
        return Trace(**columns)


COLUMNS = tuple(field.name for field in fields(Trace))


@dataclass(frozen=True)
class Run:
    """A trace with what it is a trace of. `withdrawn_nl` and `first_reference_nl_h` are single numbers."""

    scenario: Scenario
    rig: Rig
    trace: Trace
    withdrawn_nl: float
    how: str

    @property
    def lesson_nl(self) -> float:
        """14 days at the reference rate with which the scenario starts, in nL."""
        return float(np.ravel(self.trace.reference_nl_h)[0]) * 24 * LESSON_DAYS
