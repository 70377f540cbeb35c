"""Skin, core and pump over a segment, by the closed forms of three linear equations. Ref: `pumpmodel.body`.

With a constant target an exponential source k exp(-t/a) adds k a / (a - tau) exp(-t/a) to the node, and the node's own
start decays with tau; a core that rises at r leads the node by r tau.
"""

import math
from typing import NamedTuple

import numpy as np

from pumpmodel.body import BODIES, CORE_REST_TAU_S, SETTLED_C
from warmflow.simulation.segments import Quantity, Segment
from warmflow.simulation.trace import Column


class Warmth(NamedTuple):
    """Temperatures now, with time as last axis of length 1; `ramp_c_s` is the core's, while an exposure lasts."""

    skin_c: Column
    core_c: Column
    node_c: Column
    ramp_c_s: Quantity


class Course(NamedTuple):
    """The coefficients of one segment, and how long anything moves."""

    segment: Segment
    g: float
    tau_s: float
    skin_gap_c: Column
    core_gap_c: Column
    core_start_c: Column
    core_rise_c_s: Quantity
    target_c: Column  # where the node goes; with a rising core, where it would go at the start
    from_skin_c: Column
    from_core_c: Column
    own_c: Column
    moves_s: float


def course(segment: Segment, body: str, now: Warmth) -> Course:
    """The closed form from `now` on."""
    g, tau_s = BODIES[body]
    skin_gap = now.skin_c - segment.skin_c
    from_skin = g * skin_gap * segment.skin_tau_s / (segment.skin_tau_s - tau_s)
    rise: Quantity = now.ramp_c_s if segment.ramps else 0.0
    if segment.ramps:
        core_gap = np.zeros_like(now.core_c)
        target = g * segment.skin_c + (1 - g) * (now.core_c - rise * tau_s) + segment.pocket_warmth_c
    else:
        core_gap = now.core_c - segment.core_c
        target = g * segment.skin_c + (1 - g) * segment.core_c + segment.pocket_warmth_c + 0.0 * now.core_c
    from_core = (1 - g) * core_gap * CORE_REST_TAU_S / (CORE_REST_TAU_S - tau_s)
    own = now.node_c - target - from_skin - from_core
    moves_s = segment.length_s
    if not np.any(rise):
        moves_s = _moves_s(segment, tau_s, skin_gap, core_gap, from_skin, from_core, own)
    return Course(segment, g, tau_s, skin_gap, core_gap, now.core_c, rise, target, from_skin, from_core, own, moves_s)


def ramp_c_s(segment: Segment, core_c: Column) -> Quantity:
    """Rise of the core in an exposure that begins now, in degC/s; it is reached after `core_ramp_s`."""
    return 0.0 if segment.core_ramp_s is None else (segment.core_c - core_c) / segment.core_ramp_s


def temperatures(course: Course, t_s: Column) -> tuple[Column, Column, Column]:
    """Skin, core and pump in degC at times after the segment's start."""
    segment = course.segment
    skin_decay = np.exp(-t_s / segment.skin_tau_s)
    skin = segment.skin_c + course.skin_gap_c * skin_decay
    node = course.target_c + course.from_skin_c * skin_decay + course.own_c * np.exp(-t_s / course.tau_s)
    if segment.ramps:
        core = course.core_start_c + course.core_rise_c_s * t_s
        node = node + (1 - course.g) * course.core_rise_c_s * t_s
    else:
        core_decay = np.exp(-t_s / CORE_REST_TAU_S)
        core = segment.core_c + course.core_gap_c * core_decay
        node = node + course.from_core_c * core_decay
    if segment.held_c is not None:
        node = segment.held_c + 0.0 * node
    return skin, core, node


def _moves_s(segment: Segment, tau_s: float, *parts: Column) -> float:
    # until each exponential is below what the stepped model calls settled
    skin_gap, core_gap, from_skin, from_core, own = (float(np.max(np.abs(part))) for part in parts)
    times_s = [
        tau * math.log(3 * size / SETTLED_C)
        for tau, size in (
            (segment.skin_tau_s, max(skin_gap, from_skin)),
            (CORE_REST_TAU_S, max(core_gap, from_core)),
            (tau_s, own),
        )
        if 3 * size > SETTLED_C
    ]
    return min(max(times_s, default=0.0), segment.length_s)
