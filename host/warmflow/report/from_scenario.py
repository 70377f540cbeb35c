"""A scenario as a run: what the rig's instruments would give of a simulated pump. Labelled as simulated throughout.

Meter, probe and barometer as the firmware has them: noise, resolution, a running total in whole nanolitres. Fluid and
fill are declared when they change, as a board does. The truth stays here.
"""

import hashlib

import numpy as np

from pumpmodel import PROFILES
from warmflow.instruments.columns import Column
from warmflow.monitor import Rig as DeclaredRig
from warmflow.report.run_record import Record, holes, usual_interval_s
from warmflow.simulation import scenario as scenarios
from warmflow.simulation import vectorised
from warmflow.simulation.events import Fluid, Refill, Withdraw
from warmflow.simulation.rig import Rig, checked, make_pump
from warmflow.simulation.trace import Run

READINGS = 100_000  # a run has about so many at most
METER_NOISE = 0.005  # of the flow, 1 s.d. a reading. Ref: default of the firmware's settings
PROBE_NOISE_C = 0.02
PROBE_STEP_C = 0.0625  # Ref: DS18B20 at 12 bits, which the emulated probe reads as
BAROMETER_NOISE_KPA = 0.003  # Ref: BMP280 data sheet, table 2: 1.3 Pa at its finest, a few at its usual setting
BATH_C = 0.5  # water is so much warmer than the skin in it


def read(name: str, rig: Rig, place: str = "skin", seed: int = 1) -> Record:
    """Plays a scenario and reads its meter. Raises ScenarioError, SimulateError, PumpModelError."""
    played = scenarios.load(name)
    run = vectorised.run(played, checked(rig))
    trace = run.trace
    end_s = float(trace.t_s[-1])
    step_s = max(1.0, float(np.ceil(end_s / READINGS)))
    t_s = step_s * np.arange(int(end_s / step_s) + 1)
    ends_s = np.concatenate([[0.0], trace.t_s])
    random = np.random.default_rng(seed)
    pumped_nl = np.interp(t_s, ends_s, np.concatenate([[0.0], trace.pumped_nl]))
    flow_nl_h, volume_nl = metered(np.diff(pumped_nl) / step_s * 3600, step_s, random)
    true_c = trace.pump_c if place == "pump" else trace.skin_c + (BATH_C if place == "water" else 0.0)
    probe_c = np.interp(t_s, ends_s, np.concatenate([true_c[:1], true_c]))
    probe_c = np.round((probe_c + random.normal(0, PROBE_NOISE_C, len(t_s))) / PROBE_STEP_C) * PROBE_STEP_C
    before = np.clip(np.searchsorted(trace.t_s, t_s), 0, len(trace.t_s) - 1)  # pressure changes at once, not on a slope
    ambient_kpa = np.round(trace.ambient_kpa[before] + random.normal(0, BAROMETER_NOISE_KPA, len(t_s)), 3)
    usual_s = usual_interval_s(t_s)
    declared = _declarations(run, place, t_s, volume_nl)
    return Record(
        f"{played.title}: {rig.title}",
        "simulated",
        f"scenario {name}, metered every {step_s:g} s (noise {100 * METER_NOISE:g} % a reading, seed {seed})",
        t_s,
        volume_nl / 1000,
        np.concatenate([flow_nl_h[:1], flow_nl_h]) / 1000,
        probe_c,
        ambient_kpa,
        resolution_ul=0.001,
        usual_s=usual_s,
        holes_s=holes(t_s, usual_s),
        sha256=hashlib.sha256(np.column_stack([t_s, volume_nl, probe_c, ambient_kpa]).tobytes()).hexdigest(),
        notes=_notes(trace.reference_nl_h),
        rig=declared[-1][1],
        declarations=declared,
    )


def _declarations(run: Run, place: str, t_s: Column, volume_nl: Column) -> tuple[tuple[float, DeclaredRig], ...]:
    """At the start, and after each change of fluid or fill. Nobody says when the first fill was: an hour before."""
    profile, trace, start = PROFILES[run.rig.profile], run.trace, run.scenario.start
    label_nl_h = round(profile.label_nl_h)
    level_nl = make_pump(run.scenario, run.rig).reservoir_nl
    found = [(0.0, DeclaredRig(
        run.rig.profile, run.rig.body, place, start.fluid, start.glycerol_fraction, run.rig.site_kpa, label_nl_h,
        min(level_nl + label_nl_h, profile.reservoir_nl), -label_nl_h, profile.residual_nl,
    ))]  # fmt: skip
    for event in run.scenario.events:
        if not isinstance(event, Fluid | Refill | Withdraw):
            continue
        at_s = 60 * (run.scenario.rest_before_min + event.at_min)
        row = min(int(np.searchsorted(trace.t_s, at_s, side="right")), len(trace.t_s) - 1)  # the first after it
        before_nl = trace.pumped_nl[row - 1] if row else 0.0
        now = found[-1][1]._replace(
            filled_nl=round(float(trace.reservoir_nl[row] + trace.pumped_nl[row] - before_nl)),
            metered_at_fill_nl=round(float(np.interp(at_s, t_s, volume_nl))),
        )
        if isinstance(event, Fluid):
            now = now._replace(fluid=event.fluid, glycerol_fraction=event.glycerol_fraction)
        found.append((at_s, now))
    return tuple(found)


def metered(true_nl_h: Column, step_s: float, random: np.random.Generator) -> tuple[Column, Column]:
    """Flow and total that the rig's meter says: noise on each reading, whole nL/h, whole nL with the rest carried."""
    flow = np.maximum(0.0, true_nl_h * (1 + random.normal(0, METER_NOISE, len(true_nl_h))))
    total = np.floor(np.concatenate([[0.0], np.cumsum(flow * step_s / 3600)]))
    return np.floor(flow + 0.5), total


def _notes(reference_nl_h: Column) -> tuple[str, ...]:
    said = ["simulated: no pump and no instrument was there; flow meter, probe and barometer are those of the emulator"]
    if np.ptp(reference_nl_h) > 1e-6:
        said.append(
            "the fluid is changed in this run, and the reference rate with it: errors are against the first one"
        )
    return tuple(said)
