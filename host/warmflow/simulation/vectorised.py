"""A scenario in numpy: closed forms for the temperatures, columns for flow and volume; one pump or a thousand at once.

Gives what `stepped` gives, to a few nanolitres and 1e-5 of the flow (tests/simulation). Volumes are floats here: for
counts to the nanolitre ask the stepped model.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from pumpmodel import PROFILES, Pump
from pumpmodel.flow import LABEL_VISCOSITY_MPA_S, label_drive_kpa
from pumpmodel.infusate import WATER_LN, glycerol_viscosity_mpa_s, water_viscosity_mpa_s
from pumpmodel.profile import Profile
from pumpmodel.propellant import FILLS, VALID_MAX_C, VALID_MIN_C
from warmflow.simulation import reservoir_closed_form
from warmflow.simulation.events import Refill
from warmflow.simulation.rig import Rig, make_pump
from warmflow.simulation.scenario import Scenario
from warmflow.simulation.segments import Overrides, Segment, segments
from warmflow.simulation.thermal_closed_form import Course, Warmth, course, ramp_c_s, temperatures
from warmflow.simulation.trace import COLUMNS, Column, Run, Trace

SPRING_ROUNDS = 8
SPRING_NL = 0.5
LEVEL_POINTS = 500  # enough to know how full the reservoir will be, to 1e-5, when all is quiet
Row = dict[str, Column]


class Volumes(NamedTuple):
    """Running totals, with time as last axis of length 1."""

    pumped_nl: Column
    delivered_nl: Column
    level_nl: Column
    withdrawn_nl: Column


def run(scenario: Scenario, rig: Rig, step_s: float = 1.0, overrides: Overrides | None = None) -> Run:
    """A row each `step_s` while anything moves, one for each quiet stretch. Overrides: columns, an entry a pump."""
    overrides = {name: values[:, None] for name, values in (overrides or {}).items()}
    shape = next((values.shape for values in overrides.values()), (1,))
    warmth, volumes = _start(scenario, make_pump(scenario, rig), shape)
    parts: list[Row] = []
    for segment in segments(scenario, rig, overrides):
        if segment.begins:
            warmth = warmth._replace(ramp_c_s=ramp_c_s(segment, warmth.core_c))
        volumes = _needle(segment, volumes)
        found = course(segment, rig.body, warmth)
        part = _part(found, _grid(found, step_s, PROFILES[rig.profile], volumes), PROFILES[rig.profile], volumes)
        parts.append(part)
        volumes = volumes._replace(**{name: part[to][..., -1:] for name, to in _CARRIED.items()})
        last = {name: part[name][..., -1:] for name in ("skin_c", "core_c", "pump_c")}
        warmth = Warmth(last["skin_c"], last["core_c"], last["pump_c"], warmth.ramp_c_s)
    columns = {name: np.concatenate([part[name] for part in parts], axis=-1) for name in COLUMNS}
    return Run(scenario, rig, Trace(**columns), float(np.max(volumes.withdrawn_nl)), f"closed forms at {step_s:g} s")


_CARRIED = {"pumped_nl": "pumped_nl", "delivered_nl": "delivered_nl", "level_nl": "reservoir_nl"}


def _start(scenario: Scenario, pump: Pump, shape: tuple[int, ...]) -> tuple[Warmth, Volumes]:
    zero = np.zeros(shape)
    pump_c = pump.pump_c if scenario.start.pump_c is None else scenario.start.pump_c  # a pump shows it after a step
    warmth = Warmth(zero + pump.skin_c, zero + pump.core_c, zero + pump_c, 0.0)
    return warmth, Volumes(zero, zero, zero + pump.reservoir_nl, zero)


def _needle(segment: Segment, volumes: Volumes) -> Volumes:
    for event in segment.needle:
        drawn_nl = volumes.level_nl
        if not isinstance(event, Refill) and event.volume_ml is not None:
            drawn_nl = np.minimum(drawn_nl, round(event.volume_ml * 1e6))
        filled_nl = round(event.volume_ml * 1e6) if isinstance(event, Refill) else 0
        volumes = volumes._replace(
            level_nl=volumes.level_nl - drawn_nl + filled_nl, withdrawn_nl=volumes.withdrawn_nl + drawn_nl
        )
    return volumes


def _grid(found: Course, step_s: float, profile: Profile, volumes: Volumes) -> Column:
    """Times after the segment's start: the ends of all steps, with 0 before them."""
    length_s = found.segment.length_s
    moving = max(1, int(np.ceil(found.moves_s / step_s)))
    if moving * step_s >= length_s:
        steps = max(1, round(length_s / step_s))
        return np.linspace(0.0, length_s, steps + 1)
    moves_s = moving * step_s
    moving_s = np.linspace(0.0, moves_s, moving + 1)
    some_s = moving_s if moving < LEVEL_POINTS else np.linspace(0.0, moves_s, LEVEL_POINTS)
    left_nl = volumes.level_nl - _demand_nl(found, some_s, profile).sum(axis=-1, keepdims=True)
    rate_nl_s = _demand_nl(found, np.array([moves_s, length_s]), profile) / (length_s - moves_s)
    quiet_s = reservoir_closed_form.quiet_grid_s(
        left_nl, rate_nl_s, length_s - moves_s, step_s, bool(profile.spring_half_range_kpa)
    )
    return np.append(moving_s, moves_s + quiet_s)


def _demand_nl(found: Course, t_s: Column, profile: Profile) -> Column:
    _, _, node_c = temperatures(found, t_s)
    flow, _, _ = _full_flow(found.segment, 0.5 * (node_c[..., 1:] + node_c[..., :-1]), 0.0, profile)
    return flow * np.diff(t_s) / 3600.0


def _part(found: Course, t_s: Column, profile: Profile, volumes: Volumes) -> Row:
    segment, dt_s = found.segment, np.diff(t_s)
    skin_c, core_c, node_c = temperatures(found, t_s)
    middle_c = 0.5 * (node_c[..., 1:] + node_c[..., :-1])
    full_nl_h, vapour_kpa, drive_kpa = _full_flow(segment, middle_c, 0.0, profile)
    level_nl = reservoir_closed_form.levels_nl(volumes.level_nl, full_nl_h * dt_s / 3600.0)
    for _ in range(SPRING_ROUNDS if profile.spring_half_range_kpa else 0):
        before_nl = np.concatenate([volumes.level_nl + 0.0 * level_nl[..., :1], level_nl[..., :-1]], axis=-1)
        spring = reservoir_closed_form.spring_kpa(
            profile.spring_half_range_kpa, profile.reservoir_nl, before_nl, level_nl
        )
        full_nl_h, vapour_kpa, drive_kpa = _full_flow(segment, middle_c, spring, profile)
        old_nl, level_nl = level_nl, reservoir_closed_form.levels_nl(volumes.level_nl, full_nl_h * dt_s / 3600.0)
        if np.max(np.abs(level_nl - old_nl)) < SPRING_NL:
            break
    gone_nl = volumes.level_nl - level_nl
    flow_nl_h = np.diff(gone_nl, prepend=0.0, axis=-1) / dt_s * 3600.0
    row = {
        "skin_c": skin_c[..., 1:],
        "core_c": core_c[..., 1:],
        "pump_c": node_c[..., 1:],
        "vapour_kpa": vapour_kpa,
        "drive_kpa": drive_kpa,
        "ambient_kpa": np.asarray(segment.ambient_kpa),
        "outlet_kpa": np.asarray(segment.outlet_kpa),
        "reference_nl_h": np.asarray(segment.reference_nl_h),
        "flow_nl_h": flow_nl_h,
        "delivered_nl_h": flow_nl_h * (1.0 - segment.lost),
        "pumped_nl": volumes.pumped_nl + gone_nl,
        "delivered_nl": volumes.delivered_nl + gone_nl * (1.0 - segment.lost),
        "reservoir_nl": level_nl,
    }
    shape = flow_nl_h.shape
    wide = {name: np.broadcast_to(values, shape) for name, values in row.items()}
    return {"t_s": segment.start_s + t_s[1:], "dt_s": dt_s, **wide}


def _full_flow(
    segment: Segment, temp_c: Column, spring_kpa: float | Column, profile: Profile
) -> tuple[Column, Column, Column]:
    """(flow with a full reservoir in nL/h, vapour pressure, drive) at the temperatures in the middle of steps."""
    _, a, b, c = FILLS[profile.fill]
    temp_c = np.clip(temp_c, VALID_MIN_C, VALID_MAX_C)
    vapour = np.exp(a - b / (temp_c + c))
    drive = vapour + (spring_kpa - segment.ambient_kpa - segment.outlet_kpa)
    label = label_drive_kpa(profile.fill, profile.outlet_kpa)
    scale = profile.label_nl_h / label * LABEL_VISCOSITY_MPA_S * (1.0 - segment.occlusion)
    return scale * np.maximum(drive, 0.0) / _viscosity(segment, temp_c), vapour, drive


def _viscosity(segment: Segment, temp_c: Column) -> Column:
    water: Column = np.exp(WATER_LN[0] + WATER_LN[1] / (temp_c + WATER_LN[2]))
    fraction = segment.filling.glycerol_fraction
    return water * np.exp(np.interp(temp_c, TABLE_C, _ln_thicker(fraction))) if fraction else water


TABLE_C = np.linspace(VALID_MIN_C, VALID_MAX_C, 301)


@lru_cache
def _ln_thicker(fraction: float) -> Column:
    # ln of glycerol's viscosity against water's, by the library's own formula: linear between points to 1e-6
    pairs = [(glycerol_viscosity_mpa_s(at_c, fraction), water_viscosity_mpa_s(at_c)) for at_c in TABLE_C.tolist()]
    return np.array([math.log(glycerol / water) for glycerol, water in pairs])
