"""How the flow answers to the probe's temperature: % of the rate per degC, fitted from the data alone.

The pump follows its probe with a lag, so a first-order lag is fitted, too. Nothing of the model is used: an occlusion
or a flight in the same run spoils the fit, and then it is refused with the reason.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column
from warmflow.report import statistics
from warmflow.report.run_record import Record
from warmflow.report.sampling import mean_over, sampled
from warmflow.report.volume_uncertainty import legible_s

BLOCKS = 600  # chosen: about so many blocks a run
BLOCK_MIN_S = 30.0
KNOWN = 0.01  # chosen: of the rate, 1 s.d. of a block's mean
LAGS_MIN = (0, 0.5, 1, 2, 3, 5, 7, 10, 13, 16, 20, 25, 30, 40, 50, 60)
SPAN_MIN_C = 0.3  # chosen: less warming than this and there is nothing to fit
BLOCKS_MIN = 20
EXPLAINED_MIN = 0.5  # chosen: share of the flow's variance
STILL_PERCENT = -95.0  # chosen: below this the pump stands, and no temperature says by how much
STILL_MAX = 0.02  # chosen: of the blocks


class Sensitivity(NamedTuple):
    """`refused` says why there is no slope. x and y of the fit are for the plot."""

    percent_per_degc: float | None
    low_percent_per_degc: float | None
    high_percent_per_degc: float | None
    lag_min: float | None
    r_squared: float | None
    probe_min_c: float | None
    probe_max_c: float | None
    blocks: int
    block_s: float
    at_c: float | None  # temperature at which the fitted flow equals the rate of comparison
    refused: str
    x_c: Column
    y_percent: Column


def sensitivity(record: Record, against_ul_h: float) -> Sensitivity:
    """Fitted over the whole run, on means of blocks without holes."""
    if record.probe_c is None or np.all(np.isnan(record.probe_c)):
        return _refused("there is no temperature in this run")
    least_s = max(BLOCK_MIN_S, record.usual_s, math.ceil(record.length_s / BLOCKS))
    block_s = max(least_s, legible_s(record, against_ul_h, KNOWN, BLOCK_MIN_S))
    flows = 100 * (sampled(record, block_s).flow_ul_h / against_ul_h - 1)
    temps_c = mean_over(record, record.probe_c, block_s, len(flows))
    good = ~np.isnan(flows) & ~np.isnan(temps_c)
    if good.sum() < BLOCKS_MIN:
        return _refused(f"{good.sum()} blocks of {block_s:g} s with both values: at least {BLOCKS_MIN} are needed")
    low_c, high_c = float(temps_c[good].min()), float(temps_c[good].max())
    base = _refused("")._replace(probe_min_c=low_c, probe_max_c=high_c, blocks=int(good.sum()), block_s=block_s)
    still = float(np.mean(flows[good] < STILL_PERCENT))
    if still > STILL_MAX:
        return base._replace(refused=f"the flow stood still in {100 * still:.0f} % of the blocks")
    if high_c - low_c < SPAN_MIN_C:
        return base._replace(refused=f"the probe moved by {high_c - low_c:.2f} degC: at least {SPAN_MIN_C} are needed")
    return _fitted(base, _filled(temps_c), flows, good)


def _fitted(base: Sensitivity, temps_c: Column, flows: Column, good: NDArray[np.bool_]) -> Sensitivity:
    found = []
    for lag_min in LAGS_MIN:
        x_c = lagged(temps_c, base.block_s, lag_min * 60)[good]
        found.append((_left(x_c, flows[good]), lag_min, x_c))
    _, lag_min, x_c = min(found, key=lambda one: one[:2])
    fit = statistics.line(x_c, flows[good])
    if fit.r_squared < EXPLAINED_MIN:
        share = f"{100 * fit.r_squared:.0f} %"
        return base._replace(
            r_squared=fit.r_squared, x_c=x_c, y_percent=flows[good],
            refused=f"the probe's temperature goes with {share} of the flow's variance, less than half: "
            "something else changed the flow, or noise hides it",
        )  # fmt: skip
    return base._replace(
        percent_per_degc=fit.slope,
        low_percent_per_degc=fit.slope - fit.half_width,
        high_percent_per_degc=fit.slope + fit.half_width,
        lag_min=float(lag_min),
        r_squared=fit.r_squared,
        at_c=-fit.intercept / fit.slope if fit.slope else None,
        x_c=x_c,
        y_percent=flows[good],
    )


def lagged(values: Column, step_s: float, tau_s: float) -> Column:
    """A first-order lag that starts settled. Means of blocks in, means of blocks out."""
    if not tau_s:
        return values
    keep = math.exp(-step_s / tau_s)
    inside = 1 - tau_s / step_s * (1 - keep)  # how much of a block's own step is in its mean
    out, state = np.empty_like(values), float(values[0])
    for number, value in enumerate(values.tolist()):
        out[number] = value + (state - value) * (1 - inside)
        state = value + (state - value) * keep
    return out


def _left(x: Column, y: Column) -> float:
    away = x - x.mean()
    power = float(away @ away)
    if power < 1e-9:
        return math.inf
    left = y - y.mean() - float(away @ y) / power * away
    return float(left @ left)


def _filled(values: Column) -> Column:
    # the lag needs a value everywhere: a hole is bridged for it, but never fitted
    there = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(len(values)), there, values[there])


def _refused(why: str) -> Sensitivity:
    none = np.empty(0)
    return Sensitivity(None, None, None, None, None, None, None, 0, 0.0, None, why, none, none)
