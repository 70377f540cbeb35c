"""The model run forward: when a limit is crossed if the exposure goes on, when the flow is back if it ends now.

Closed forms of the pocket's one equation, so that a forecast costs a few dozen exponentials. It knows the present
exposure only: whoever leaves the tub earlier makes it wrong, and it says so by its name.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from pumpmodel.body import CORE_REST_TAU_S, SKIN_REST_TAU_S
from warmflow.monitor.thermal_response import POCKETS

HORIZON_MIN = 60.0  # [chosen] further ahead nobody sits in a tub
BACK_HORIZON_MIN = 360.0
GRID_MIN = 3.0
BISECTIONS = 10
MARGIN, LEAST_MIN = 0.12, 0.4  # [measured on the wide corpus] of a range, for what no body in it has
STEADY_RAMP = 0.004  # degC/min: a core that rises by less is taken as steady


class Range(NamedTuple):
    """Within which minutes a limit (a fraction) is crossed, in four of five cases; None: not within the horizon."""

    limit: float
    low_min: float | None
    high_min: float | None


class Forecast(NamedTuple):
    """Minutes of pump time from now; None: not within the horizon."""

    crossings: tuple[tuple[float, float | None], ...]  # (limit as a fraction, minutes) for limits not yet crossed
    back_min: float | None  # until the flow is back under the notice limit, if the exposure ends now
    left: bool  # the exposure is over: `back_min` counts from now in any case
    text: str
    ranges: tuple[Range, ...] = ()  # of the crossings
    back_range_min: tuple[float | None, float | None] | None = None


class Outlook(NamedTuple):
    """What a forecast starts from: the likely body, its skin and core now and to come, as differences from rest."""

    body: str
    pump_c: float
    skin_c: float
    skin_target_c: float
    skin_tau_s: float
    core_c: float
    ramp_c_min: float


def staying(now: Outlook, minutes: float) -> float:
    """Warming of the pump after so many minutes, if the exposure goes on."""
    g, tau_s = POCKETS[now.body]
    t_s, ramp_c_s = minutes * 60, now.ramp_c_min / 60
    far_c = g * now.skin_target_c + (1 - g) * (now.core_c - ramp_c_s * tau_s)
    skin_c = g * (now.skin_c - now.skin_target_c) * now.skin_tau_s / (now.skin_tau_s - tau_s)
    own_c = now.pump_c - far_c - skin_c
    moving_c = skin_c * math.exp(-t_s / now.skin_tau_s) + own_c * math.exp(-t_s / tau_s)
    return far_c + (1 - g) * ramp_c_s * t_s + moving_c


def leaving(now: Outlook, minutes: float) -> float:
    """Warming of the pump after so many minutes, if the exposure ends now."""
    g, tau_s = POCKETS[now.body]
    t_s = minutes * 60
    skin_c = g * now.skin_c * SKIN_REST_TAU_S / (SKIN_REST_TAU_S - tau_s)
    core_c = (1 - g) * now.core_c * CORE_REST_TAU_S / (CORE_REST_TAU_S - tau_s)
    own_c = now.pump_c - skin_c - core_c
    return (
        skin_c * math.exp(-t_s / SKIN_REST_TAU_S)
        + core_c * math.exp(-t_s / CORE_REST_TAU_S)
        + own_c * math.exp(-t_s / tau_s)
    )


def crossing_min(now: Outlook, limit_c: float) -> float | None:
    """Minutes until the pump's warming passes `limit_c` (away from rest), if the exposure goes on."""
    sign = 1.0 if limit_c >= 0 else -1.0
    before = 0.0
    while before < HORIZON_MIN:
        after = before + GRID_MIN
        if sign * staying(now, after) >= sign * limit_c:
            return _bisect(lambda t: sign * staying(now, t) >= sign * limit_c, before, after)
        before = after
    return None


def back_min(now: Outlook, limit_c: float) -> float | None:
    """Minutes until the warming is under `limit_c` for good, if the exposure ends now; 0 if it is and stays."""
    sign = 1.0 if limit_c >= 0 else -1.0
    last, step = None, GRID_MIN
    at = 0.0
    while at < BACK_HORIZON_MIN:
        if sign * leaving(now, at) >= sign * limit_c:
            last = at
        elif last is not None or at > 60.0:
            break
        at += step
    if last is None:
        return 0.0
    if last + step >= BACK_HORIZON_MIN:
        return None
    return _bisect(lambda t: sign * leaving(now, t) < sign * limit_c, last, last + step)


def _bisect(true_at: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if true_at(middle):
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


def spread(times_min: list[float | None]) -> tuple[float | None, float | None]:
    """The range that holds in four of five cases, from what likely bodies and a straight line say."""
    reached = [minutes for minutes in times_min if minutes is not None]
    if not reached:
        return None, None
    low, high = (1 - MARGIN) * min(reached), (1 + MARGIN) * max(reached) + LEAST_MIN
    never = len(times_min) - len(reached)
    return max(low - LEAST_MIN, 0.0), None if never > len(times_min) / 2 or high > HORIZON_MIN else high


def words(ranges: list[Range], back: tuple[float | None, float | None] | None, left: bool, lowest: float) -> str:
    """The forecast as a sentence or two. `lowest`: the limit that a flow is back under, as a fraction."""
    parts = []
    if not left and ranges:
        limit, low, high = ranges[0]
        if low is None:
            parts.append(f"will not cross {100 * limit:+.0f} % within {HORIZON_MIN:.0f} min if the exposure goes on")
        else:
            verb = "may" if high is None else "will"
            parts.append(f"{verb} cross {100 * limit:+.0f} % {_minutes(low, high)} if the exposure goes on")
    if back is not None and back[0] is not None:
        ending = "" if left else " once the exposure ends"
        parts.append(f"back under {100 * lowest:.0f} % {_minutes(*back)}{ending}")
    return "; ".join(parts)


def _minutes(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"in {low or 0:.0f} min at the earliest, if at all,"
    first, last = round(low), max(round(high), 1)
    return f"in {first} to {last} min" if last > first else f"in about {last} min"
