"""The reservoir over many steps at once: whole flow, fall-off near empty, spring. Ref: `pumpmodel.reservoir`.

Near empty the stepped model's fall-off is a product: y = last + slope * level shrinks by (1 - x) / (1 + x) a step, with
x = slope * demand / 2. So the level is a cumulative product, and no loop over time is needed.
"""

import math

import numpy as np

from pumpmodel.reservoir import LAST_FLOW_FRACTION, NEAR_EMPTY_NL
from warmflow.simulation.trace import Column

SPRING_STEP_S = 60.0
SLACK, SPRING_SLACK = 1.001, 1.2  # a spring changes the rates by up to that
FALL_OFF_NL = math.log(1.0 / LAST_FLOW_FRACTION) / (1.0 - LAST_FLOW_FRACTION) * NEAR_EMPTY_NL  # at the full flow
NO_STEP_S = 1e-6
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


def quiet_grid_s(left_nl: Column, rate_nl_s: Column, length_s: float, step_s: float, spring: bool) -> Column:
    """Ends of steps over a time in which only the level can still change the flow: as few as that takes.

    One step while the flow stays, SPRING_STEP_S with a spring, `step_s` from the first pump near empty to the last one
    dry, and one step for what is left.
    """
    flowing = rate_nl_s > 0.0
    if not np.any(flowing) or (not spring and np.all(left_nl - rate_nl_s * length_s > NEAR_EMPTY_NL)):
        return np.array([length_s])
    rate_nl_s, above_nl = (
        rate_nl_s[flowing],
        np.maximum(np.broadcast_to(left_nl, flowing.shape)[flowing] - NEAR_EMPTY_NL, 0.0),
    )
    slack = SPRING_SLACK if spring else SLACK
    near_s = min(float(np.min(above_nl / rate_nl_s)) / slack, length_s)
    dry_s = min(float(np.max((above_nl + FALL_OFF_NL) / rate_nl_s)) * slack, length_s)
    to_near = np.linspace(0.0, near_s, (max(1, round(near_s / SPRING_STEP_S)) if spring else 1) + 1)
    to_dry = np.linspace(near_s, dry_s, max(1, round((dry_s - near_s) / step_s)) + 1)
    grid_s: Column = np.concatenate([to_near[1:], to_dry[1:], np.array([length_s])])
    return grid_s[np.diff(grid_s, prepend=0.0) > NO_STEP_S]
