"""One scenario for many pumps at once, with one quantity varied: `temp=34:42:0.1`.

`temp` holds the pump itself at a temperature; the others vary what the scenario's own events set. Pumps go through in
blocks that fit the processor's cache, a thousand in about a second.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from warmflow.runtime.text import did_you_mean
from warmflow.simulation.events import Exposure, Fault
from warmflow.simulation.rig import Rig, SimulateError
from warmflow.simulation.scenario import Scenario
from warmflow.simulation.summary import first_peak
from warmflow.simulation.trace import Column
from warmflow.simulation.vectorised import run

BLOCK_PUMPS = 25
STEP_S = 10.0  # closed forms need no short steps: peaks move by less than 0.01 %
MOST_POINTS = 100_000
Progress = Callable[[float], None]


class Swept(NamedTuple):
    """A quantity that can be varied: its unit, its limits, and the scenario's own keys that must be there."""

    unit: str
    low: float
    high: float
    keys: tuple[str, ...]
    says: str


SWEPT = {
    "temp": Swept("degC", 20, 50, (), "temperature at which the pump itself is held"),
    "skin": Swept("degC", 0, 50, ("skin_c",), "skin in every exposure that sets it"),
    "core": Swept("degC", 30, 45, ("core_c",), "core in every exposure that sets it"),
    "ambient": Swept("kPa", 20, 1000, ("ambient_kpa", "altitude_m", "depth_m"), "ambient pressure where one is set"),
    "outlet": Swept("kPa", 0, 60, ("outlet_kpa",), "outlet pressure where one is set"),
    "magnitude": Swept("", 0, 1, ("magnitude",), "magnitude of every fault"),
}


class Sweep(NamedTuple):
    """A row for each value: largest deviation in percent of the reference rate, its minute, and the dose effect."""

    name: str
    unit: str
    values: Column
    peak_percent: Column
    peak_at_min: Column
    extra_ul: Column
    dose_percent: Column


def parse(text: str) -> tuple[str, Column]:
    """(name, values) of `name=from:to:step`. Raises SimulateError."""
    name, _, numbers = text.partition("=")
    if name not in SWEPT:
        raise SimulateError(f"--sweep {text}: unknown '{name}'; {did_you_mean(name, SWEPT)}")
    try:
        start, stop, step = (float(number) for number in numbers.split(":"))
        count = int((stop - start) / step + 1e-9) + 1
    except (ValueError, ZeroDivisionError, OverflowError):
        raise SimulateError(f"--sweep {text}: give {name}=from:to:step, as in temp=34:42:0.1") from None
    low, high = SWEPT[name].low, SWEPT[name].high
    if not (low <= start <= stop <= high and step > 0 and count <= MOST_POINTS):
        limits = f"{low:g} to {high:g} {SWEPT[name].unit}".rstrip()
        raise SimulateError(f"--sweep {text}: give {limits}, rising, and at most {MOST_POINTS} values")
    return name, start + step * np.arange(count, dtype=np.float64)


def sweep(
    scenario: Scenario,
    rig: Rig,
    name: str,
    values: Column,
    step_s: float = STEP_S,
    progress: Progress = lambda share: None,
) -> Sweep:
    """Runs a pump for each value. Raises SimulateError if no event of the scenario sets what is varied."""
    _require(scenario, name)
    rows = []
    for at in range(0, len(values), BLOCK_PUMPS):
        rows.append(_block(scenario, rig, name, values[at : at + BLOCK_PUMPS], step_s))
        progress((at + BLOCK_PUMPS) / len(values))
    return Sweep(name, SWEPT[name].unit, values, *np.concatenate(rows, axis=-1))


def _block(scenario: Scenario, rig: Rig, name: str, values: Column, step_s: float) -> Column:
    found = run(scenario, rig, step_s, {name: values})
    deviation = found.trace.deviation
    peak = first_peak(deviation)
    extra_nl = found.trace.extra_nl[:, -1]
    rows = (
        100 * np.take_along_axis(deviation, peak[:, None], axis=-1)[:, 0],
        found.trace.t_s[peak] / 60,
        extra_nl / 1e3,
        100 * extra_nl / found.lesson_nl,
    )
    return np.array(rows)


def _require(scenario: Scenario, name: str) -> None:
    keys = SWEPT[name].keys
    rows = [event for event in scenario.event if isinstance(event, Exposure | Fault)]
    if keys and not any(getattr(event, key, None) is not None for event in rows for key in keys):
        raise SimulateError(f"--sweep {name}: no event of '{scenario.title}' sets {' or '.join(keys)}; try temp")
