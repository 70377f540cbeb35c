"""A wide case as readings, with the truth beside them for whoever judges."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from wide_cases import Case
from wide_physics import (
    ARTERIAL_KPA,
    FALLOFF_NL,
    SITE_KPA,
    TISSUE_KPA,
    Temperatures,
    flow_nl_h,
    glycerol_slowing,
    lagged,
    temperatures,
    vapour_kpa,
    viscosity,
)

from pumplink.codes import Status
from warmflow.monitor import Measured, Rig

STEP_C = 0.0625
LABEL_NL_H = 54167


class Recorded(NamedTuple):
    """Readings in order; truth in columns of the same length. `effect`: of the flow at rest, as a fraction."""

    rig: Rig
    refilled: tuple[int, Rig] | None
    readings: list[Measured]
    t_s: np.ndarray
    flow: np.ndarray
    effect: np.ndarray
    judged: np.ndarray
    reference_nl_h: float


class Truth(NamedTuple):
    t_s: np.ndarray
    flow: np.ndarray
    rest: np.ndarray
    temps: Temperatures
    air: np.ndarray


def truth(case: Case, step_s: float | None = None) -> Truth:
    """The course at steps of the interval, at most 10 s each."""
    interval_s = case.instruments.interval_s
    step_s = step_s or (interval_s if interval_s <= 10 else 10.0)
    t_s = np.arange(1, int(case.length_s / step_s) + 1) * step_s
    pocket = sum((c.size * _share(c, t_s) for c in case.changes if c.kind == "pocket"), np.zeros(len(t_s)))
    felt = [] if case.feigned else case.exposures
    temps = temperatures(case.body, felt, t_s, case.start_c, pocket)
    air = SITE_KPA + case.weather_kpa + case.weather_day_kpa * np.sin(2 * np.pi * t_s / 86400 + case.seed % 7)
    moved = air + sum((c.size * _share(c, t_s) for c in case.changes if c.kind == "pressure"), np.zeros(len(t_s)))
    loose = sum((c.size * _share(c, t_s) for c in case.changes if c.kind == "loose"), np.zeros(len(t_s)))
    flow = flow_nl_h(case.fill, temps.pump, moved, ARTERIAL_KPA - loose * (ARTERIAL_KPA - TISSUE_KPA))
    still = temperatures(case.body, [], t_s[[0, 1]]).pump[0]
    rest = flow_nl_h(case.fill, np.full(len(t_s), still), air, np.full(len(t_s), ARTERIAL_KPA))
    for change in case.changes:
        if change.kind == "occlusion":
            flow = flow * (1 - change.size * _share(change, t_s))
            if change.from_s < 0:
                rest = rest * (1 - change.size)
        if change.kind == "fluid":
            flow = np.where(_share(change, t_s) > 0, flow * glycerol_slowing(change.size), flow)
    if case.filled_nl < 3e6:
        flow = _emptied(flow, case.filled_nl, step_s)
    return Truth(t_s, flow, rest, temps, moved)


def _share(change, t_s: np.ndarray) -> np.ndarray:
    grown = np.clip((t_s - change.from_s) / max(change.ramp_s, 1e-3), 0.0, 1.0)
    left = 1.0 - np.clip((t_s - change.to_s) / max(change.ramp_s, 1e-3), 0.0, 1.0)
    return np.minimum(grown, left)


def _emptied(flow: np.ndarray, level_nl: float, step_s: float) -> np.ndarray:
    out = np.empty(len(flow))
    for n, full in enumerate(flow.tolist()):
        share = 1.0 if level_nl > FALLOFF_NL else 0.1 + 0.9 * level_nl / FALLOFF_NL if level_nl > 0 else 0.0
        out[n] = full * share
        level_nl -= out[n] * step_s / 3600
    return out


def record(case: Case) -> Recorded:
    """The same case gives the same readings."""
    rng = np.random.default_rng(case.seed)
    real, made = truth(case), case.instruments
    step_s = real.t_s[1] - real.t_s[0]
    each = max(1, round(made.interval_s / step_s))
    at = np.arange(each - 1, len(real.t_s), each)
    t_s, flow = real.t_s[at], real.flow[at]
    mean = np.add.reduceat(real.flow[: len(at) * each], np.arange(0, len(at) * each, each)) / each
    probe = _probe(case, real, step_s)[at] + made.offset_c + made.probe_noise_c * rng.standard_normal(len(t_s))
    seen = mean * made.gain * (1 + made.drift_a_day * t_s / 86400)
    if made.dead_s:
        seen = np.interp(t_s - made.dead_s, t_s, seen)
    metered = np.floor(np.maximum(0.0, seen * (1 + made.noise * rng.standard_normal(len(t_s)))) + 0.5)
    if made.count_nl > 1:
        counts = np.floor(np.cumsum(seen * made.interval_s / 3600) / made.count_nl + rng.random())
        volume = (counts - counts[0]) * made.count_nl
        metered = np.floor(np.diff(counts, prepend=counts[0]) * made.count_nl * 3600 / made.interval_s + 0.5)
    else:
        volume = np.floor(np.cumsum(metered * made.interval_s / 3600))
        metered[rng.random(len(t_s)) < made.zeros] = 0
    air = np.round(1000 * (real.air[at] + rng.uniform(-0.1, 0.1)) + 5 * rng.standard_normal(len(t_s))) / 1000
    effect = real.flow[at] / real.rest[at] - 1.0
    rows = _Rows(case, rng, t_s, np.round(probe / STEP_C) * STEP_C, air if made.barometer else None, metered, volume)
    readings, kept = rows.readings()
    rig = Rig(
        case.fill,
        _declared(case),
        case.place,
        "drug",
        0.0,
        SITE_KPA,
        LABEL_NL_H,
        round(case.declared_nl),
        0,
        1_000_000,
        1,
    )
    refilled = None
    if case.refilled_s is not None:
        index = int(np.searchsorted(t_s[kept], case.refilled_s))
        refilled = (index, rig._replace(metered_at_fill_nl=int(volume[kept][max(index - 1, 0)])))
    judged = _judged(case, t_s, effect)
    return Recorded(
        rig, refilled, readings, t_s[kept], flow[kept] * made.gain, effect[kept], judged[kept], _reference(case)
    )


def _declared(case: Case) -> str:
    return "deep" if case.body.g < 0.17 else "average" if case.body.g < 0.33 else "slim"


def _reference(case: Case) -> float:
    g = {"deep": 0.1, "average": 0.25, "slim": 0.4}[_declared(case)]
    return float(flow_nl_h(case.fill, np.array(37 - 3 * g), np.array(SITE_KPA), np.array(ARTERIAL_KPA)))


def _probe(case: Case, real: Truth, step_s: float) -> np.ndarray:
    temps = real.temps
    if case.feigned:
        temps = temperatures(case.body._replace(g=0.4, tau_s=900), case.exposures, real.t_s)
    if case.place == "pump":
        return lagged(temps.pump, step_s, case.instruments.lag_s)
    if case.place == "skin":
        return lagged(temps.skin, step_s, case.instruments.lag_s)
    water = np.full(len(real.t_s), case.desk_c)
    for event in case.exposures:
        water[(real.t_s > event.from_s) & (real.t_s <= event.to_s)] = event.skin_c + 0.5
    return lagged(water, step_s, case.instruments.lag_s)


def _judged(case: Case, t_s: np.ndarray, effect: np.ndarray) -> np.ndarray:
    if case.judged_s is not None:
        return (t_s >= case.judged_s[0]) & (t_s <= case.judged_s[1])
    if case.causes == ("none",):
        return t_s >= 600
    size = np.abs(effect)
    if case.start_c is not None:  # a pump that stands still from the first reading on could be anything
        size = np.where(effect > -0.9, size, 0.0)
    return (size >= 0.5 * size.max()) & (
        t_s > min((e.from_s for e in [*case.exposures, *case.changes]), default=0) + 60
    )


class _Rows(NamedTuple):
    case: Case
    rng: np.random.Generator
    t_s: np.ndarray
    probe_c: np.ndarray
    ambient: np.ndarray | None
    flow: np.ndarray
    volume: np.ndarray

    def readings(self) -> tuple[list[Measured], np.ndarray]:
        case, count = self.case, len(self.t_s)
        status = np.full(count, int(Status.PROBE_EMULATED))
        if case.place == "pump":
            status[(self.probe_c < 30) | (self.probe_c > 45)] |= int(Status.PROBE_RANGE)
        else:
            out = self.probe_c < 30
            status[out] |= int(Status.PROBE_OUT)
        spoiled = (self.t_s > 1800) & bool(case.spoil)
        chance = self.rng.random(count)
        kept = np.ones(count, bool)
        probe: list[float | None] = self.probe_c.tolist()
        volume = self.volume
        if case.spoil == "probe lost":
            status[spoiled] |= int(Status.PROBE_FAULT)
            probe = [None if bad else value for bad, value in zip(spoiled.tolist(), probe, strict=True)]
        elif case.spoil == "probe garbage":
            probe = [
                85.0 if bad and x < 0.4 else value
                for bad, x, value in zip(spoiled.tolist(), chance, probe, strict=True)
            ]
        elif case.spoil == "volume wrong":
            rate = np.diff(volume, prepend=0.0) * np.where(spoiled, 0.75, 1.0)
            volume = np.floor(np.cumsum(rate))
        elif case.spoil == "late":
            status[spoiled & (chance < 0.7)] |= int(Status.LATE)
        elif case.spoil == "lost":
            gone = self.rng.random(count // 6 + 1) < 0.5
            kept = ~(spoiled & gone[np.arange(count) // 6])
        if case.silence_s:
            kept &= ~((self.t_s > case.silence_s[0]) & (self.t_s < case.silence_s[1]))
        kept &= self.t_s >= case.starts_s
        ambient: list[float | None] = [None] * count if self.ambient is None else self.ambient.tolist()
        which = np.flatnonzero(kept)
        ms = np.round(self.t_s * 1000).astype(int).tolist()
        flow, vol, flags = (
            self.flow.astype(int).tolist(),
            volume.astype(int).tolist(),
            [Status(s) for s in status.tolist()],
        )
        found = [Measured(ms[i], probe[i], ambient[i], flow[i], vol[i], flags[i], ms[i], i + 1) for i in which.tolist()]
        return found, which


def staying(case: Case, event: int = 0) -> Case:
    """The same, if the exposure went on for another hour."""
    exposures = list(case.exposures)
    exposures[event] = exposures[event]._replace(to_s=case.length_s + 3600)
    return replace(case, exposures=exposures, length_s=case.length_s + 3600)


__all__ = ["Recorded", "record", "staying", "truth", "vapour_kpa", "viscosity"]
