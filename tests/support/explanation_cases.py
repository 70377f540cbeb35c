"""Pumps that the words are about: the model plays them, the monitor hears the instruments alone."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pumplink.codes import Status
from pumpmodel import PROFILES, Pump
from warmflow.device.updates import Assessed
from warmflow.monitor import Assessment, Measured, Monitor, Rig

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
Change = Callable[[Pump, int], float]  # moves the pump's world at a second; gives what the probe reads


def rig(place: str = "skin", profile: str = "r11", filled_nl: int = 30_000_000) -> Rig:
    label = round(PROFILES[profile].label_nl_h)
    return Rig(profile, "average", place, "drug", 0.0, 101.325, label, filled_nl, 0, 1_000_000, 1)


def play(
    change: Change, minutes: float, rig: Rig, barometer: bool = False, seed: int = 3, noise: float = 0.01
) -> tuple[Assessed, Pump]:
    """What is known after so many minutes, at 1 Hz; the pump, which nobody was told of, is given for comparison."""
    r = random.Random(seed)
    monitor, pump = Monitor(), Pump(rig.profile, "average", place=rig.place)
    monitor.declare(rig)
    volume_nl = 0.0
    finding = reading = None
    for second in range(round(60 * minutes)):
        probe_c = change(pump, second)
        pump.step(1.0)
        flow = max(0, round(pump.flow_nl_h * (1 + r.gauss(0, noise))))
        volume_nl += flow / 3600
        shown_c = round((probe_c + r.gauss(0, 0.05)) * 16) / 16
        air_kpa = round(pump.ambient_kpa + r.gauss(0, 0.01), 3) if barometer else None
        flags = Status.PROBE_EMULATED | (Status.PROBE_OUT if rig.place != "pump" and probe_c < 30 else Status(0))
        reading = Measured(1000 * second, shown_c, air_kpa, flow, int(volume_nl), flags, 1000 * second, second + 1)
        finding = monitor.read(reading)
    diagnosis = monitor.diagnosis()
    assert finding
    assert reading
    assert diagnosis
    at = START + timedelta(minutes=minutes)
    return Assessed("rig", at, Assessment(rig, reading, finding, diagnosis)), pump


def hot_tub(pump: Pump, second: int) -> float:
    """After ten minutes of rest in water of 42 degC."""
    if second == 600:
        pump.expose(41.5, 38.5, duration_s=1800)
    return 42.0 if second >= 600 else 24.0


def fever(pump: Pump, second: int) -> float:
    """After half an hour, a core of 39 degC under a skin of 36."""
    if second == 1800:
        pump.expose(36.0, 39.0, duration_s=20 * 3600, core_ramp_s=3600)
    return float(pump.skin_c)


def occlusion(pump: Pump, second: int) -> float:
    if second == 900:
        pump.fault("occlusion", 1.0, 1e6)
    return float(pump.skin_c)


def altitude(pump: Pump, second: int) -> float:
    """A climb to 2,400 m within 20 minutes."""
    pump.set_ambient(101.325 - min(max(second - 900, 0) / 1200, 1.0) * 25.0)
    return float(pump.skin_c)


def rest(pump: Pump, second: int) -> float:
    return float(pump.skin_c)
