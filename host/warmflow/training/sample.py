"""One moment of a pump as a lesson sees it: from a TRUTH frame with its reading, or from a row of `simulate`.

Truth is modelled and may only be shown as such; what an instrument read stands apart, and is None where there is none.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pumplink import messages as m
from pumpmodel import viscosity_mpa_s
from warmflow.simulation.events import Filling, Fluid
from warmflow.simulation.scenario import Scenario
from warmflow.simulation.trace import JUMP, Run, Trace

ROWS = 4000  # of a replay, about: a lesson's figures do not change beyond it
TAKEN = (  # columns of a trace, in the order of a sample but for the viscosity, which a trace has not
    "skin_c", "core_c", "pump_c", "vapour_kpa", "drive_kpa", "ambient_kpa", "outlet_kpa", "reference_nl_h", "flow_nl_h",
    "delivered_nl_h",
)  # fmt: skip
PUMP_AT, VISCOSITY_AT = TAKEN.index("pump_c"), TAKEN.index("reference_nl_h")
SAME = 1e-6  # of a column: no more than rounding
SHARES = 400  # a quiet stretch is cut so that its clock moves in steps of no more than this share of the whole


class Sample(NamedTuple):
    """`t_s` is pump time since the lesson began; volumes count from any beginning. The last three are measured."""

    t_s: float
    skin_c: float
    core_c: float
    pump_c: float
    vapour_kpa: float
    drive_kpa: float
    ambient_kpa: float
    outlet_kpa: float
    viscosity_mpa_s: float
    reference_nl_h: float
    flow_nl_h: float
    arriving_nl_h: float
    arrived_nl: float
    reservoir_nl: float
    probe_c: float | None = None
    metered_nl_h: float | None = None
    barometer_kpa: float | None = None


def of_truth(truth: m.Truth, reading: m.Telemetry | None, began_ms: int) -> Sample:
    """What a board said; `began_ms` is its pump time when the lesson was started."""
    probe_mc = None if reading is None else reading.probe_mc
    ambient_pa = None if reading is None else reading.ambient_pa
    return Sample(
        (truth.pump_time_ms - began_ms) / 1000,
        truth.skin_mc / 1000,
        truth.core_mc / 1000,
        truth.pump_mc / 1000,
        truth.vapour_pa / 1000,
        truth.drive_pa / 1000,
        truth.true_ambient_pa / 1000,
        truth.outlet_pa / 1000,
        truth.viscosity_npa_s / 1e6,
        truth.reference_flow_nl_h,
        truth.flow_nl_h,
        truth.delivered_flow_nl_h,
        truth.delivered_nl,
        truth.reservoir_level_nl,
        None if probe_mc is None else probe_mc / 1000,
        None if reading is None else reading.metered_flow_nl_h,
        None if ambient_pa is None else ambient_pa / 1000,
    )


def of_run(run: Run) -> list[Sample]:
    """A simulated run as samples, the first at 0. Fewer rows than the trace has, and no long ones."""
    trace = run.trace
    kept = _kept(trace)
    columns = [getattr(trace, name)[kept].tolist() for name in (*TAKEN, "delivered_nl", "reservoir_nl", "pumped_nl")]
    t_s = trace.t_s[kept]
    dt_s = np.diff(t_s, prepend=0.0)
    longest_s = run.scenario.whole_min * 60 / SHARES
    found: list[Sample] = []
    arrived_nl, pumped_nl = 0.0, 0.0
    for end_s, length_s, *row in zip(t_s.tolist(), dt_s.tolist(), *columns, strict=True):
        *taken, arrived_end_nl, level_end_nl, pumped_end_nl = row
        filling = filling_at(run.scenario, end_s - length_s)
        taken.insert(VISCOSITY_AT, viscosity_mpa_s(filling.fluid, taken[PUMP_AT], filling.glycerol_fraction))
        level_nl = level_end_nl + pumped_end_nl - pumped_nl  # not that of the row before: a needle may be in between
        for share in _shares(length_s, longest_s) if found else (0.0, *_shares(length_s, longest_s)):
            volumes = (
                arrived_nl + share * (arrived_end_nl - arrived_nl),
                level_nl + share * (level_end_nl - level_nl),
            )
            found.append(Sample._make((end_s - length_s * (1 - share), *taken, *volumes, None, None, None)))
        arrived_nl, pumped_nl = arrived_end_nl, pumped_end_nl
    return found


def filling_at(scenario: Scenario, t_s: float) -> Filling:
    """What the reservoir holds from this second of the scenario on."""
    start = scenario.start
    now: Filling = Filling(fluid=start.fluid, glycerol_fraction=start.glycerol_fraction)
    for event in scenario.events:
        if isinstance(event, Fluid) and (scenario.rest_before_min + event.at_min) * 60 <= t_s:
            now = Filling(fluid=event.fluid, glycerol_fraction=event.glycerol_fraction)
    return now


def _kept(trace: Trace) -> NDArray[np.bool_]:
    """About ROWS rows, and both sides of every jump. Steps whose lengths differ in their last digits are no jump."""
    jumps = np.abs(np.diff(trace.deviation)) > JUMP
    for column in (trace.ambient_kpa, trace.outlet_kpa, trace.reference_nl_h, trace.dt_s):
        jumps |= np.abs(np.diff(column)) > SAME * np.abs(column[1:])
    at = np.flatnonzero(jumps)
    keep: NDArray[np.bool_] = np.arange(len(trace.t_s)) % max(1, len(trace.t_s) // ROWS) == 0
    keep[[0, -1, *at, *(at + 1)]] = True
    return keep


def _shares(length_s: float, longest_s: float) -> Iterator[float]:
    parts = max(1, int(np.ceil(length_s / longest_s)))
    yield from (part / parts for part in range(1, parts + 1))
