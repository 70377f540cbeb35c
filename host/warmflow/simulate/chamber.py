"""The reservoir over many steps at once: whole flow, fall-off near empty, spring. Ref: `pumpmodel.reservoir`.

Near empty the stepped model's fall-off is a product: y = last + slope * level shrinks by (1 - x) / (1 + x) a step, with
x = slope * demand / 2. So the level is a cumulative product, and no loop over time is needed.
"""

import numpy as np

from pumpmodel.reservoir import LAST_FLOW_FRACTION, NEAR_EMPTY_NL
from warmflow.simulate.trace import Column

SLOPE = (1.0 - LAST_FLOW_FRACTION) / NEAR_EMPTY_NL


def levels_nl(start_nl: Column, demand_nl: Column) -> Column:
    """Level after each step, in nL; `demand_nl` is what the full flow would take in it."""
    full_nl = start_nl - np.cumsum(demand_nl, axis=-1)
    if np.all(full_nl[..., -1:] > NEAR_EMPTY_NL):
        return full_nl
    before_nl = full_nl + demand_nl
    falling = before_nl <= NEAR_EMPTY_NL
    first_nl = np.max(np.where(falling, before_nl, 0.0), axis=-1, keepdims=True)
    x = 0.5 * SLOPE * np.where(falling, demand_nl, 0.0)
    y = (LAST_FLOW_FRACTION + SLOPE * first_nl) * np.cumprod((1.0 - x) / (1.0 + x), axis=-1)
    return np.where(falling, np.maximum((y - LAST_FLOW_FRACTION) / SLOPE, 0.0), full_nl)


def spring_kpa(half_range_kpa: float, capacity_nl: float, before_nl: Column, after_nl: Column) -> Column:
    """What the bellows add over a step between two levels: linear in the level, 0 at half."""
    return half_range_kpa * ((before_nl + after_nl) / capacity_nl - 1.0)


def same_flow(start_nl: Column, demand_nl: Column, half_range_kpa: float) -> bool:
    """Whether such a demand leaves the flow as it is, so that one step may stand for many."""
    return not half_range_kpa and bool(np.all(start_nl - demand_nl > NEAR_EMPTY_NL))
