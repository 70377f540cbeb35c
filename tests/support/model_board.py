"""A board without a process: the pump's model, the commands of a lesson, truth and readings to the hub. For tests of
what is done to a board, in an event loop whose time may be a traveller's.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from records import START

from pumplink import messages as m
from pumplink.codes import Fault, Platform, Sensor
from pumpmodel import Pump
from warmflow.device.identity import Boot
from warmflow.device.link import CommandError
from warmflow.device.states import LinkState
from warmflow.device.updates import GroundTruth, Reading, Update

TRUTH_EVERY = 5  # readings
DEFAULTS = {
    "profile": "r11", "body": "average", "fluid": "drug", "glycerol_permille": 0, "speed_x": 1, "rate_hz": 10,
    "place": "water", "sensor": "auto", "rig_name": "rig",
}  # fmt: skip


class ModelBoard:
    """Has what the stage uses of a `PumpLink`. `probe_c` is a real probe's reading; `silent`: it says and hears
    nothing; `told`: every command that came, in order.
    """

    def __init__(self, to: Callable[[Update], None], name: str = "rig", platform: Platform = Platform.RP2040,
                 sensor: Sensor = Sensor.EMULATED, **settings: Any) -> None:  # fmt: skip
        self.name, self.told, self.silent = name, list[m.Message](), False
        self.settings = DEFAULTS | {"rig_name": name} | settings
        self.probe_c: float | None = None if sensor is Sensor.EMULATED else 34.0
        self.session = SimpleNamespace(boot=Boot("b0", 1, 7), state=LinkState.OK)
        self.hello = SimpleNamespace(platform=platform)
        self.rig = SimpleNamespace(sensor=sensor, site_pressure_pa=101_325)
        self._to, self._sequence = to, 0
        self._boot()

    async def run(self) -> None:
        """Until cancelled: ten readings a second of the loop's time."""
        while True:
            await asyncio.sleep(0.1)
            self._step(0.1 * self.settings["speed_x"])

    async def command(self, make: Callable[[int], m.Message], timeout_s: float = 3.0) -> m.Ack:
        message = make(1)
        if self.silent:
            await asyncio.sleep(timeout_s)
            raise CommandError(f"{self.name}: no answer within {timeout_s:g} s")
        self.told.append(message)
        text = self._obey(message)
        return m.Ack(1, 0, 0, text)

    def kinds(self) -> list[str]:
        """Of all commands, in order."""
        return [type(each).__name__ for each in self.told]

    def _boot(self) -> None:
        self.pump = Pump(self.settings["profile"], self.settings["body"], place=self.settings["place"])
        self.pump_ms = 0

    def restart(self) -> None:
        before = self.session.boot
        self.session.boot = before._replace(boots=before.boots + 1)
        self._boot()

    def _obey(self, message: m.Message) -> str:
        match message:
            case m.GetConfig():
                return json.dumps(self.settings)
            case m.SetConfig(_, text):
                self._configure(json.loads(text))
            case m.SetSpeed(_, speed_x):
                self.settings["speed_x"] = speed_x
            case m.SetEnvironment(_, 0):
                self.pump.end_exposure()
            case m.SetEnvironment():
                values = (None if value is None else value / 1000 for value in message[2:])
                self.pump.expose(*values, duration_s=message.duration_s)
            case m.InjectFault(_, Fault.NONE):
                self.pump.end_faults()
            case m.InjectFault(_, fault, permille, duration_s):
                self.pump.fault(Fault(fault).name.lower(), permille / 1000, duration_s)
            case m.Identify():
                pass
            case m.Refill():
                self.pump.refill(self.pump.reservoir.capacity_nl)
            case m.Reset():
                self.restart()
            case _:
                raise AssertionError(f"a lesson does not tell a board {message}")
        return ""

    def _configure(self, changes: dict[str, Any]) -> None:
        self.settings |= changes
        if self.pump.profile.name != self.settings["profile"]:
            self.pump.set_profile(self.settings["profile"])
        if self.pump.body_name != self.settings["body"]:
            self.pump.set_body(self.settings["body"])
        if self.pump.place != self.settings["place"]:
            self.pump.place_probe(self.settings["place"])

    def _step(self, dt_s: float) -> None:
        left_ms = round(dt_s * 1000)
        self.pump_ms += left_ms
        if self.settings["sensor"] != "emulated":
            self.pump.touch(self.probe_c)
        while left_ms > 0:
            self.pump.step(min(1000, left_ms) / 1000)
            left_ms -= 1000
        self._sequence += 1
        if not self.silent:
            self._to(self._reading())
            if self._sequence % TRUTH_EVERY == 0:
                self._to(GroundTruth(self.name, self._truth(), self._utc()))

    def _reading(self) -> Reading:
        probe_mc = None if self.probe_c is None else round(self.probe_c * 1000)
        message = m.Telemetry(
            0, self._sequence, self.pump_ms, self.pump_ms, probe_mc, 0, None, round(self.pump.flow_nl_h), 0, 0
        )
        return Reading(self.name, self.session.boot, message, None, self._utc(), False, None, None, 1)  # type: ignore[arg-type]

    def _utc(self) -> datetime:
        return START + timedelta(milliseconds=self.pump_ms)

    def _truth(self) -> m.Truth:
        pump, milli = self.pump, lambda value: round(value * 1000)
        return m.Truth(
            sequence=self._sequence, uptime_ms=self.pump_ms, pump_time_ms=self.pump_ms, skin_mc=milli(pump.skin_c),
            core_mc=milli(pump.core_c), pump_mc=milli(pump.pump_c), vapour_pa=milli(pump.vapour_kpa),
            drive_pa=milli(pump.drive_kpa), true_ambient_pa=milli(pump.ambient_kpa), outlet_pa=milli(pump.outlet_kpa),
            viscosity_npa_s=round(pump.viscosity_mpa_s * 1e6), flow_nl_h=round(pump.flow_nl_h),
            delivered_flow_nl_h=round(pump.delivered_flow_nl_h), delivered_nl=pump.delivered_nl,
            reservoir_level_nl=pump.reservoir_nl, reference_flow_nl_h=round(pump.reference_flow_nl_h),
            faults=0, flags=0,
        )  # fmt: skip
