"""A model pump in an exposure, read at 1 Hz over a noisy meter: for forecasts and flags. The truth is at hand here."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from pumplink.codes import Status
from pumpmodel import PROFILES, Pump, reference_flow_nl_h
from warmflow.monitor import Measured, Monitor, Rig


class Exposed(NamedTuple):
    """An exposure: a skin in degC and a core that rises at a rate until it is over."""

    profile: str
    body: str
    skin_c: float
    ramp_c_min: float
    leaves_min: float
    place: str = "water"
    declared_body: str | None = None

    def rig(self) -> Rig:
        row = PROFILES[self.profile]
        body = self.declared_body or self.body
        return Rig(
            self.profile, body, self.place, "drug", 0.0, 101.325, round(row.label_nl_h), 30_000_000, 0, 1_000_000, 1
        )

    def reference_nl_h(self) -> float:
        """Of the declared body: what deviations are measured against."""
        return float(reference_flow_nl_h(self.profile, self.declared_body or self.body))

    def true_flow(self, minutes: float, stays: bool = False) -> Iterator[tuple[float, Pump]]:
        """(minutes since the exposure began, pump) each second; `stays`: it does not end."""
        pump = Pump(self.profile, self.body, place=self.place)
        length_min = minutes + 1 if stays else self.leaves_min
        pump.expose(self.skin_c, 37.0 + self.ramp_c_min * length_min, duration_s=length_min * 60)
        for second in range(1, round(minutes * 60) + 1):
            pump.step(1.0)
            yield second / 60, pump


def crossings_min(case: Exposed, limits: tuple[float, ...], minutes: float) -> dict[float, float | None]:
    """Minutes at which the true flow crosses each limit, if the exposure goes on; None: not within `minutes`."""
    reference, found = case.reference_nl_h(), dict[float, float | None].fromkeys(limits)
    for minute, pump in case.true_flow(minutes, stays=True):
        for limit in limits:
            if found[limit] is None and pump.flow_nl_h / reference - 1 >= limit:
                found[limit] = minute
    return found


def back_min(case: Exposed, limit: float) -> float:
    """Minute from which the true flow stays under the limit."""
    last, reference = 0.0, case.reference_nl_h()
    for minute, pump in case.true_flow(case.leaves_min + 240):
        if pump.flow_nl_h / reference - 1 >= limit:
            last = minute
    return last


def watched(case: Exposed, minutes: float, seed: int, noise: float = 0.02) -> Iterator[tuple[float, Monitor]]:
    """(minutes since the exposure began, monitor) each second, after ten minutes of rest."""
    r = random.Random(seed)
    monitor = Monitor()
    monitor.declare(case.rig())
    offset_c = r.uniform(-0.3, 0.3)
    pump = Pump(case.profile, case.body, place=case.place)

    def read(second: int, true_c: float, pump: Pump, volume_nl: float) -> float:
        probe_c = round((true_c + offset_c + r.gauss(0, 0.1)) * 16) / 16
        flow = max(0, round(pump.flow_nl_h * (1 + r.gauss(0, noise))))
        volume_nl += flow / 3600
        monitor.read(
            Measured(second * 1000, probe_c, None, flow, int(volume_nl), Status(32), second * 1000, second + 1)
        )
        return volume_nl

    volume_nl = 0.0
    for second in range(600):
        pump.step(1.0)
        volume_nl = read(second, 24.0 if case.place == "water" else pump.skin_c, pump, volume_nl)
    for number, (minute, exposed) in enumerate(case.true_flow(minutes)):
        in_water = minute <= case.leaves_min
        true_c = (case.skin_c + 0.5 if in_water else 24.0) if case.place == "water" else exposed.skin_c
        volume_nl = read(600 + number, true_c, exposed, volume_nl)
        yield minute, monitor
