"""A pump in a body, from the domain file's formulas alone: what the wide corpus takes for true.

Imports neither `pumpmodel` nor the monitor, so that a slip in one of them does not hide in the other. Temperatures in
degC, pressures in kPa, times in seconds. Steps are exact for the pump's node with its target held over the step.
"""

import math
from typing import NamedTuple

import numpy as np

# Ref: domain file, ln(P/kPa) = A - B / (t + C)
FILLS = {
    "r11": (13.85644, 2409.176, 237.079),
    "n-butane": (13.95155, 2300.763, 247.045),
    "r114": (13.91523, 2273.392, 240.976),
    "r123": (13.91644, 2383.280, 228.495),
    "isopentane": (13.73439, 2403.645, 235.845),
}
SITE_KPA = 101.325
ARTERIAL_KPA = 12.40
TISSUE_KPA = 0.40
LABEL_NL_H = 1.3e6 / 24
SKIN_WARMS_S, SKIN_RESTS_S, CORE_RESTS_S = 120.0, 720.0, 2400.0
FALLOFF_NL = 500_000.0
REST_SKIN_C, REST_CORE_C = 34.0, 37.0


class Body(NamedTuple):
    """Coupling to the skin, time constant of the pocket, resting skin, and the amplitude of the core's day."""

    g: float
    tau_s: float
    skin_c: float = REST_SKIN_C
    day_c: float = 0.0
    day_from_s: float = 0.0


class Exposure(NamedTuple):
    """A skin and a core that rises at a rate, from a time to another."""

    from_s: float
    to_s: float
    skin_c: float
    core_c_min: float = 0.0
    held_core_c: float | None = None  # a fever: the core goes to it and stays


class Temperatures(NamedTuple):
    skin: np.ndarray
    core: np.ndarray
    pump: np.ndarray


def vapour_kpa(fill: str, temp_c: np.ndarray | float) -> np.ndarray:
    a, b, c = FILLS[fill]
    return np.exp(a - b / (np.clip(temp_c, 20.0, 50.0) + c))


def viscosity(temp_c: np.ndarray | float) -> np.ndarray:
    return np.exp(-3.52349 + 510.0366 / (np.asarray(temp_c) + 124.699))


def glycerol_slowing(weight: float) -> float:
    """Flow as a share of water's, at 37 degC."""
    return float(np.exp(np.interp(weight, (0.0, 0.1, 0.3, 0.5), np.log((1.0, 0.79, 0.44, 0.205)))))


def flow_nl_h(fill: str, pump_c: np.ndarray, air_kpa: np.ndarray, outlet_kpa: np.ndarray) -> np.ndarray:
    """Before any occlusion, other fluid or empty reservoir."""
    drive = vapour_kpa(fill, pump_c) - air_kpa - outlet_kpa
    label = vapour_kpa(fill, 37.0) - SITE_KPA - ARTERIAL_KPA
    return np.maximum(drive, 0.0) / label * LABEL_NL_H * viscosity(37.0) / viscosity(pump_c)


def temperatures(
    body: Body,
    exposures: list[Exposure],
    t_s: np.ndarray,
    start_c: float | None = None,
    pocket_c: np.ndarray | None = None,
) -> Temperatures:
    """Of skin, core and pump at evenly spaced times; `pocket_c` is warmth of the pocket's own."""
    dt_s = float(t_s[1] - t_s[0])
    day = body.day_c * np.cos(2 * math.pi * (t_s + body.day_from_s) / 86400)
    skins, extra = _skin_and_core(body, exposures, t_s, dt_s)
    core = REST_CORE_C + day + extra
    target = core + body.g * (skins - core) + (0.0 if pocket_c is None else pocket_c)
    keep = math.exp(-dt_s / body.tau_s)
    node = float(target[0]) if start_c is None else start_c
    pump = np.empty(len(t_s))
    for n, goal in enumerate(target.tolist()):
        node = goal + (node - goal) * keep
        pump[n] = node
    return Temperatures(skins, core, pump)


def _skin_and_core(
    body: Body, exposures: list[Exposure], t_s: np.ndarray, dt_s: float
) -> tuple[np.ndarray, np.ndarray]:
    warms, rests, core_keep = (math.exp(-dt_s / tau) for tau in (SKIN_WARMS_S, SKIN_RESTS_S, CORE_RESTS_S))
    skin, extra = body.skin_c, 0.0
    skins, extras = np.empty(len(t_s)), np.empty(len(t_s))
    for n, now in enumerate(t_s.tolist()):
        event = next((e for e in exposures if e.from_s < now <= e.to_s), None)
        if event is None:
            skin = body.skin_c + (skin - body.skin_c) * rests
            extra *= core_keep
        else:
            skin = event.skin_c + (skin - event.skin_c) * warms
            step_c = event.core_c_min * dt_s / 60
            if event.held_core_c is None:
                extra += step_c
            else:
                extra = min(extra + step_c, event.held_core_c - REST_CORE_C)
        skins[n], extras[n] = skin, extra
    return skins, extras


def lagged(values: np.ndarray, dt_s: float, lag_s: float) -> np.ndarray:
    """What a probe with this time constant shows of them."""
    keep, shown = math.exp(-dt_s / lag_s), float(values[0])
    out = np.empty(len(values))
    for n, value in enumerate(values.tolist()):
        shown = value + (shown - value) * keep
        out[n] = shown
    return out
