"""Drivers of parts on paper, their readings as JSON lines. Runs on CPython and in MicroPython, which must agree."""

import json

from parts.bmp280 import Bmp280
from parts.buzzer import PATTERNS, Buzzer
from parts.calibration import line, problem
from parts.ds18b20 import Ds18b20
from parts.led import Drip, StatusLed
from parts.ntc import Ntc
from parts.stepper import Stepper
from parts.tmp117 import Tmp117
from simulated_parts import Adc, I2c, Wire, bmp280, divider, tmp117

from pump import config, display


class Tone:
    def __init__(self):
        self.said = []

    def freq(self, hz):
        self.said.append(hz)

    def duty_u16(self, duty):
        self.said.append(duty)


def run(step, to_ms):
    """Works as the loop does; when it wanted to."""
    due_ms, times = 0, []
    while due_ms < to_ms:
        times.append(due_ms)
        due_ms += max(1, step(due_ms))
    return times


def tell(name, *values):
    print(json.dumps((name, values)))


for temp_c in (-10.125, 0.0, 34.0, 41.0625):
    wire = Wire()
    wire.water_c = temp_c
    probe = Ds18b20(wire)
    tell("ds18b20", probe.found(), run(probe.step, 3000), probe.read(3000), probe.fault)
    wire.flip = 1
    run(probe.step, 3000)
    tell("noisy", probe.read(6000), probe.fault)
    i2c = I2c({0x48: tmp117(temp_c)})
    probe = Tmp117(i2c)
    tell("tmp117", probe.found(), run(probe.step, 1000), probe.read(1000))
    i2c.at = {}
    probe.step(1200)
    tell("tmp117", probe.read(4000), probe.fault)
    for given in ((), (1.129241e-3, 2.341077e-4, 8.775468e-8)):
        probe = Ntc(Adc(divider(temp_c)), 3950, given)
        probe.step(0)
        tell("ntc", probe.found(), round(probe.read(0)[0], 4))
for raw in (300000, 415148, 0x80000):
    barometer = Bmp280(I2c({0x77: bmp280(raw)}))
    tell("bmp280", barometer.found(), run(barometer.step, 1500), barometer.fault)
    tell("bmp280", round(barometer.read(1500)[0] or 0, 2))
for alarm in sorted(PATTERNS):
    tone = Tone()
    tell("buzzer", run(Buzzer(tone, lambda alarm=alarm: alarm).step, 12000), tone.said)
total, seen = [0], []
stepper = Stepper(seen.append, lambda: total[0], 100)
drip = Drip(seen.append, lambda: total[0], 250)
led = StatusLed(seen.append, lambda: "no_host")
total[0] = 1300
tell("outputs", run(stepper.step, 8000), run(drip.step, 500), run(led.step, 4000), seen)
tell("calibration", line({"sensor": "a", "low": [33500, 34000], "high": [40800, 41000]}, "a"))
tell("calibration", problem({"low": [30000, 41000]}), problem({"low": [1]}))
tell("config", config.check("pins", {"ntc": 4}), config.check("ntc_steinhart", [1, 2, 3]), config.check("oled", 1))
tell("config", config.check("pins", {"i2c_sda": 6, "i2c_scl": 7}), config.check("pins", {"i2c_sda": 6}))
tell("display", display.lines("rig", "ok", 41.0625, 54167, -0.031, 101325.4))
