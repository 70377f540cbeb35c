"""A case as readings: the true course from the model in closed forms, then the instruments as the firmware has them.

Meter: flow x (1 + noise), whole nL/h, its total in whole nanolitres with the remainder carried (pump/meter.py). Noise:
a sum of four uniforms (pump/noise.py). Probe: quantised to 1/16 degC, as pump/sensor.py. Truth stays in this file.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from corpus_cases import Case

from pumplink.codes import Status
from pumpmodel import PROFILES
from warmflow.monitor import Measured, Rig
from warmflow.simulation import vectorised
from warmflow.simulation.events import Exposure

STEP_C = 0.0625


class Recorded(NamedTuple):
    """What a bench would have: declarations, readings, and for the judge alone the times at which it counts."""

    rig: Rig
    refilled: tuple[int, Rig] | None  # index of the reading before which another fill is declared
    readings: list[Measured]
    judged: np.ndarray  # of the readings: is the cause judged here?
    true_flow: np.ndarray


def gaussian(rng: np.random.Generator, count: int) -> np.ndarray:
    return (rng.integers(0, 65536, (4, count)).sum(axis=0) - 131070) * 2.6429e-5


def record(case: Case) -> Recorded:
    rng = np.random.default_rng(case.seed)
    dt_s = case.interval_s
    trace = vectorised.run(case.scenario, case.pump, step_s=min(dt_s, 5.0)).trace
    t_s = np.arange(1, int(case.scenario.whole_min * 60 / dt_s) + 1) * dt_s
    at = np.minimum(np.searchsorted(trace.t_s, t_s - 1e-6), len(trace.t_s) - 1)
    flow, ambient = trace.flow_nl_h[at], trace.ambient_kpa[at]
    probe_c = _probe(case, t_s, trace.skin_c[at], trace.pump_c[at])
    probe_c = probe_c + case.probe_offset_c + case.probe_noise_c * gaussian(rng, len(t_s))
    probe_c = np.round(probe_c / STEP_C) * STEP_C
    metered = np.floor(np.maximum(0.0, flow * (1 + case.meter_noise * gaussian(rng, len(t_s)))) + 0.5)
    volume = np.floor(np.cumsum(metered * dt_s / 3600))
    barometer = np.round(1000 * (ambient + rng.uniform(-0.1, 0.1)) + 5 * gaussian(rng, len(t_s))) / 1000
    rows = Rows(case, rng, t_s, probe_c, barometer if case.barometer else None, metered, volume)
    rig = _rig(case, case.filled_nl, 0)
    refilled = None
    if case.refilled_s is not None:
        index = int(np.searchsorted(t_s, case.refilled_s + dt_s / 2))
        refilled = (index, _rig(case, 30_000_000, int(volume[max(index - 1, 0)])))
    readings, kept = rows.readings()
    if refilled is not None:
        refilled = (int(np.searchsorted(kept, refilled[0])), refilled[1])
    return Recorded(rig, refilled, readings, _judged(case, t_s, flow)[kept], flow[kept])


def _rig(case: Case, filled_nl: int, at_nl: int) -> Rig:
    row = PROFILES[case.pump.profile]
    label = round(row.label_nl_h)
    fluid, fraction = case.fluid
    return Rig(
        case.pump.profile, "average", case.place, fluid, fraction, case.declared_site_kpa, label, filled_nl, at_nl,
        row.residual_nl, 1,
    )  # fmt: skip


def _probe(case: Case, t_s: np.ndarray, skin_c: np.ndarray, pump_c: np.ndarray) -> np.ndarray:
    """What the probe touches, truly; an exposure that only the probe feels comes from a body of its own."""
    rest_s = case.scenario.rest_before_min * 60
    events: list[tuple[Exposure, float]] = [
        (event, rest_s + event.at_min * 60)
        for event in case.scenario.events
        if isinstance(event, Exposure) and event.skin_c is not None
    ]
    if case.feigned is not None:
        scenario = case.scenario.model_copy(
            update={
                "event": (case.feigned,),
                "rest_after_min": case.scenario.rest_after_min - case.feigned.duration_min,
            }
        )
        other = vectorised.run(scenario, case.pump._replace(body="slim"), step_s=5.0).trace
        skin_c, pump_c = (np.interp(t_s, other.t_s, column) for column in (other.skin_c, other.pump_c))
        events = [(case.feigned, rest_s)]
    if case.place == "skin":
        return skin_c
    if case.place == "pump":
        return pump_c
    water = np.full(len(t_s), case.desk_c)
    for event, from_s in events:
        assert event.skin_c is not None
        water[(t_s > from_s) & (t_s <= from_s + event.duration_min * 60)] = event.skin_c + 0.5
    return water


def _judged(case: Case, t_s: np.ndarray, flow: np.ndarray) -> np.ndarray:
    if case.judged_s is not None:
        return (t_s >= case.judged_s[0]) & (t_s <= case.judged_s[1])
    if case.label == "none":
        return t_s >= 0
    resting = flow[-1] if case.story == "activation" else flow[0]
    effect = np.abs(flow / resting - 1.0)
    return effect >= 0.5 * effect.max()


class Rows(NamedTuple):
    """Columns of readings, before what is wrong with the instruments."""

    case: Case
    rng: np.random.Generator
    t_s: np.ndarray
    probe_c: np.ndarray
    ambient_kpa: np.ndarray | None
    flow: np.ndarray
    volume: np.ndarray

    def readings(self) -> tuple[list[Measured], np.ndarray]:
        """The readings, and which of the rows they are."""
        case, count = self.case, len(self.t_s)
        spoiled = (self.t_s >= case.spoil_from_s) & (self.t_s <= case.spoil_to_s) & bool(case.spoil)
        chance = self.rng.random(count)
        probe: list[float | None] = self.probe_c.tolist()
        ambient: list[float | None] = [None] * count if self.ambient_kpa is None else self.ambient_kpa.tolist()
        status = np.full(count, int(Status.PROBE_EMULATED))
        if case.place == "pump":
            status[(self.probe_c < 30) | (self.probe_c > 45)] |= int(Status.PROBE_RANGE)
        pump_ms, board_ms = np.round(self.t_s * 1000), np.round(self.t_s * 1000)
        volume, flow, kept = self.volume.copy(), self.flow.copy(), np.ones(count, bool)
        index = np.flatnonzero(spoiled)
        match case.spoil:
            case "probe lost" | "barometer lost":
                column, flag = (
                    (probe, Status.PROBE_FAULT) if "probe" in case.spoil else (ambient, Status.BAROMETER_FAULT)
                )
                for i in index:
                    if chance[i] < 0.9:
                        column[i] = None
                        status[i] |= int(flag)
            case "probe garbage":
                for i in index:
                    if chance[i] < 0.4:
                        probe[i] = 85.0 if chance[i] < 0.3 else -127.0
            case "probe leaps":
                for i in index:
                    if int(self.t_s[i] / max(20.0, 2 * case.interval_s)) % 2:
                        probe[i] = (probe[i] or 0.0) + 9.0
            case "barometer wrong":
                for i in index:
                    ambient[i] = (ambient[i] or 0.0) - 25.0
            case "volume wrong":
                rate = flow.copy()
                rate[spoiled] *= self.rng.choice([0.6, 0.8, 1.25])
                volume = np.floor(np.cumsum(rate * case.interval_s / 3600))
            case "pump clock fast":
                pump_ms += np.cumsum(spoiled) * case.interval_s * 1000 * self.rng.choice([0.05, -0.05, 0.1])
            case "pump clock jumps":
                every = max(1, round(300 / case.interval_s))
                pump_ms += np.cumsum(spoiled & (np.arange(count) % every == 0)) * 60_000
            case "readings lost":
                burst = np.floor(self.t_s / (6 * case.interval_s)).astype(int)
                gone = self.rng.random(int(burst.max()) + 1) < 0.5
                kept = ~(spoiled & gone[burst])
            case "late":
                status[index[chance[index] < 0.7]] |= int(Status.LATE)
        keep = np.flatnonzero(kept)
        return list(_measured(keep, pump_ms, probe, ambient, flow, volume, status, board_ms)), keep


def _measured(keep, pump_ms, probe, ambient, flow, volume, status, board_ms) -> Iterator[Measured]:  # type: ignore[no-untyped-def]
    for i in keep.tolist():
        yield Measured(
            int(pump_ms[i]),
            probe[i],
            ambient[i],
            int(flow[i]),
            int(volume[i]),
            Status(int(status[i])),
            int(board_ms[i]),
            i + 1,
        )
