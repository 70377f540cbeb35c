"""The truth: `pumpmodel.Pump`, stepped through a scenario at 1 s. Slow and exact; what numpy gives is judged by it."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from pumpmodel import Pump
from warmflow.simulation.events import Exposure, Fault, Fluid, Flush, Refill, Withdraw
from warmflow.simulation.rig import Rig, make_pump
from warmflow.simulation.scenario import BoardStep, Scenario
from warmflow.simulation.trace import COLUMNS, Run, Trace

ROW_AT_LEAST_S = 60.0
ROWS_A_REPORT = 500
Progress = Callable[[float], None]


def run(scenario: Scenario, rig: Rig, step_s: float = 1.0, progress: Progress = lambda share: None) -> Run:
    """Steps a pump through a scenario. A row for each step that changes flow or temperature, and each minute.

    Raises: PumpModelError for an event that the model refuses, as an over-fill.
    """
    pump = make_pump(scenario, rig)
    rows = []
    for row in _rows(pump, scenario, step_s):
        rows.append(row)
        if len(rows) % ROWS_A_REPORT == 0:
            progress(row[0] / (scenario.whole_min * 60))
    columns = dict(zip(COLUMNS, np.array(rows, dtype=float).T, strict=True))
    return Run(scenario, rig, Trace(**columns), float(pump.reservoir.withdrawn_nl), f"stepped at {step_s:g} s")


def _rows(pump: Pump, scenario: Scenario, step_s: float) -> Iterator[tuple[float, ...]]:
    rest_s, end_s = scenario.rest_before_min * 60, scenario.whole_min * 60
    due = [(rest_s + event.at_min * 60, event) for event in scenario.events]
    ends_s = {rest_s + event.end_min * 60 for event in scenario.events}  # so that a row ends where an event does
    cuts_s = {0.0, end_s, *(at_s for at_s, _ in due), *ends_s}
    for from_s, to_s in pairwise(sorted(cut_s for cut_s in cuts_s if cut_s <= end_s)):
        for at_s, event in due:
            if at_s == from_s:
                apply(pump, event)
        yield from _stretch(pump, from_s, round((to_s - from_s) / step_s), step_s)
    for at_s, event in due:
        if at_s == end_s:
            apply(pump, event)


def _stretch(pump: Pump, from_s: float, steps: int, step_s: float) -> Iterator[tuple[float, ...]]:
    pending_s, flow_nl_h, pump_c = 0.0, -1.0, pump.pump_c
    step = pump.step
    for number in range(1, steps + 1):
        step(step_s)
        pending_s += step_s
        changed = pump.flow_nl_h != flow_nl_h or pump.pump_c != pump_c
        if changed or pending_s >= ROW_AT_LEAST_S or number == steps:
            flow_nl_h, pump_c = pump.flow_nl_h, pump.pump_c
            yield _row(pump, from_s + number * step_s, pending_s)
            pending_s = 0.0


def _row(pump: Pump, t_s: float, dt_s: float) -> tuple[float, ...]:
    return (
        t_s,
        dt_s,
        pump.skin_c,
        pump.core_c,
        pump.pump_c,
        pump.vapour_kpa,
        pump.drive_kpa,
        pump.ambient_kpa,
        pump.outlet_kpa,
        pump.reference_flow_nl_h,
        pump.flow_nl_h,
        pump.delivered_flow_nl_h,
        pump.pumped_nl,
        pump.delivered_nl,
        pump.reservoir_nl,
    )


def apply(pump: Pump, event: BoardStep) -> None:
    """Let an event happen to a pump now. Raises: PumpModelError."""
    match event:
        case Exposure():
            pump.expose(
                event.skin_c,
                event.core_c,
                event.ambient(pump.site_pressure_kpa),
                event.outlet_kpa,
                duration_s=event.duration_min * 60,
                core_ramp_s=None if event.core_ramp_min is None else event.core_ramp_min * 60,
            )
        case Fault():
            pump.fault(event.fault, event.magnitude, None if event.duration_min is None else event.duration_min * 60)
        case Refill():
            pump.refill(round(event.volume_ml * 1e6))
        case Withdraw():
            pump.withdraw(None if event.volume_ml is None else round(event.volume_ml * 1e6))
        case Flush():
            pump.flush(round(event.volume_ml * 1e6))
        case Fluid():
            pump.set_fluid(event.fluid, event.glycerol_fraction)
