"""A scenario as a run: what the rig's instruments would give of a simulated pump. Labelled as simulated throughout.

Meter and probe as the firmware has them: noise, resolution, a running total in whole nanolitres. The truth stays here.
"""

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.report.run_record import Record, holes, usual_interval_s
from warmflow.simulation import scenario as scenarios
from warmflow.simulation import vectorised
from warmflow.simulation.rig import Rig, checked

READINGS = 100_000  # a run has about so many at most
METER_NOISE = 0.005  # of the flow, 1 s.d. a reading. Ref: default of the firmware's settings
PROBE_NOISE_C = 0.02
PROBE_STEP_C = 0.0625  # Ref: DS18B20 at 12 bits, which the emulated probe reads as
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
    usual_s = usual_interval_s(t_s)
    return Record(
        f"{played.title}: {rig.title}",
        "simulated",
        f"scenario {name}, metered every {step_s:g} s (noise {100 * METER_NOISE:g} % a reading, seed {seed})",
        t_s,
        volume_nl / 1000,
        np.concatenate([flow_nl_h[:1], flow_nl_h]) / 1000,
        probe_c,
        resolution_ul=0.001,
        usual_s=usual_s,
        holes_s=holes(t_s, usual_s),
        notes=_notes(trace.reference_nl_h),
    )


def metered(true_nl_h: Column, step_s: float, random: np.random.Generator) -> tuple[Column, Column]:
    """Flow and total that the rig's meter says: noise on each reading, whole nL/h, whole nL with the rest carried."""
    flow = np.maximum(0.0, true_nl_h * (1 + random.normal(0, METER_NOISE, len(true_nl_h))))
    total = np.floor(np.concatenate([[0.0], np.cumsum(flow * step_s / 3600)]))
    return np.floor(flow + 0.5), total


def _notes(reference_nl_h: Column) -> tuple[str, ...]:
    said = ["simulated: no pump and no instrument was there"]
    if np.ptp(reference_nl_h) > 1e-6:
        said.append(
            "the fluid is changed in this run, and the reference rate with it: errors are against the first one"
        )
    return tuple(said)
