"""Pump-days at rest: one reading in 30 s, white meter noise of 2 %, probe noise of 0.1 degC, weather of +/-2 kPa.

    python tests/monitor/rest_days.py --days 3000

A flag counts as false where the true deviation was 2 points and more under its threshold all the hour before; the dose
flag where the true dose was under its own by a tenth of a point. Any cause that is named is counted too.
"""

import argparse
import math
import sys
import time
from typing import NamedTuple

import numpy as np

from pumplink.codes import Status
from pumpmodel import PROFILES, Pump, reference_flow_nl_h
from warmflow.monitor import Level, Measured, Monitor, Rig
from warmflow.monitor.dose import FILL_DAYS
from warmflow.monitor.pump_limits import DEFAULT_LIMITS

INTERVAL_S = 30
A_DAY = 86400 // INTERVAL_S
WEATHER_KPA = 2.0
POINTS = 0.02
DOSE_POINTS = 0.001
FILL_NL = 30_000_000
RIGS = tuple((profile, body) for profile in ("r11", "n-butane") for body in ("deep", "average", "slim"))


class Counts(NamedTuple):
    """What was said in so many readings; all but the first two should be 0. `cpu_s` is the monitor's."""

    readings: int
    cpu_s: float
    rate: int
    drift: int
    dose: int
    named: int

    @property
    def false(self) -> int:
        return self.rate + self.drift + self.dose + self.named


def weather_kpa(days: int, rng: np.random.Generator) -> np.ndarray:
    """Away from the site's pressure: slow waves of 1 to 10 days and a tide, cut at +/-2 kPa."""
    t_d = np.arange(days * A_DAY) / A_DAY
    waves = sum(
        amplitude * np.sin(2 * np.pi * (t_d / period_d + rng.random()))
        for amplitude, period_d in zip((1.0, 0.9, 0.6, 0.3), rng.uniform((6, 3, 1.5, 1), (10, 6, 3, 1.5)), strict=True)
    )
    return np.clip(waves + 0.1 * np.sin(4 * np.pi * t_d), -WEATHER_KPA, WEATHER_KPA)


def watch(profile: str, body: str, days: int, seed: int, standing: float = 0.0) -> Counts:
    """One pump of this profile in this body. `standing`: a true deviation that is always there, in place of weather."""
    rng = np.random.default_rng(seed)
    reference = float(reference_flow_nl_h(profile, body))
    pump = Pump(profile, body)
    kpa = weather_kpa(days, rng)
    true = -kpa / pump.drive_kpa if not standing else np.full(len(kpa), standing)
    probe_c = np.round((34.0 + rng.uniform(-0.3, 0.3) + 0.1 * rng.standard_normal(len(kpa))) * 16) / 16
    flow = np.floor(reference * (1 + true) * (1 + 0.02 * rng.standard_normal(len(kpa))) + 0.5).astype(int)
    volume = np.floor(np.cumsum(flow) * INTERVAL_S / 3600).astype(int)
    label = round(PROFILES[profile].label_nl_h)
    rig = Rig(profile, body, "skin", "drug", 0.0, 101.325, label, FILL_NL, 0, 1_000_000, 1)
    fill = round(FILL_DAYS * A_DAY)
    return _count(rig, fill, true, reference, probe_c.tolist(), flow.tolist(), volume.tolist())


def _count(
    rig: Rig, fill: int, true: np.ndarray, reference: float, probe: list[float], flow: list[int], volume: list[int]
) -> Counts:
    monitor = Monitor()
    monitor.declare(rig)
    status, rate, drift, dose, named, cpu_s = Status(32), 0, 0, 0, 0, 0.0
    true_dose = 0.0
    for start in range(0, len(flow), fill):
        if start:
            monitor.declare(rig._replace(metered_at_fill_nl=volume[start - 1]))
            true_dose = 0.0
        for hour in range(start, min(start + fill, len(flow)), 120):
            stop = min(hour + 120, start + fill, len(flow))
            batch = [
                Measured(
                    n * INTERVAL_S * 1000, probe[n], None, flow[n], volume[n], status, n * INTERVAL_S * 1000, n + 1
                )
                for n in range(hour, stop)
            ]
            begun = time.process_time()
            findings = [monitor.read(reading) for reading in batch]
            found = monitor.diagnosis()
            cpu_s += time.process_time() - begun
            assert found is not None
            near = np.abs(true[max(start, hour - 120) : stop]).max()
            due = max(
                (level for level, at in DEFAULT_LIMITS.above.items() if near >= at - POINTS), default=Level.NORMAL
            )
            rate += sum(finding is not None and finding.level > due for finding in findings)
            true_dose += float(true[hour:stop].sum()) / fill
            owed = max(
                (level for level, at in DEFAULT_LIMITS.dose.items() if abs(true_dose) >= at - DOSE_POINTS), default=0
            )
            dose += (
                found.dose.level > owed and found.dose.level > Level.NORMAL and not _lately(true_dose, found.dose.level)
            )
            drift += found.drift != 0
            named += found.cause != "none"
    return Counts(len(flow), cpu_s, rate, drift, dose, named)


def _lately(true_dose: float, level: Level) -> bool:
    # the flag's hysteresis: it may stand a little longer
    return abs(true_dose) >= DEFAULT_LIMITS.dose[level] - 0.003


def add(counts: list[Counts]) -> Counts:
    return Counts(*(sum(values) for values in zip(*counts, strict=True)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    each = math.ceil(options.days / len(RIGS))
    counts = []
    for number, (profile, body) in enumerate(RIGS):
        counts.append(watch(profile, body, each, options.seed + number))
        print(f"{profile:9} {body:8} {each} days: {counts[-1]._asdict()}", flush=True)
    whole = add(counts)
    cost_us = 1e6 * whole.cpu_s / whole.readings
    print(f"{each * len(RIGS)} pump-days, {whole.readings} readings, {cost_us:.1f} us a reading")
    print(f"rate flags {whole.rate}, drift {whole.drift}, dose {whole.dose}, causes named {whole.named}: goal 0 each")
    return 0 if not whole.false else 1


if __name__ == "__main__":
    sys.exit(main())
