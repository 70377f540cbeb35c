"""What is wired to this board: finds it, keeps its work in the loop's spare time, and answers what the wire asks of it.

Knows parts and the app's state, no pin: those are the board's. Nothing here decides a flow or a temperature.
"""

from micropython import const
from parts import driver
from parts.led import Drip, StatusLed

from pump import codec, declared, sensor
from pump.background import Background

KEYS = (  # settings that mean: look again what is there
    "sensor", "ntc_beta", "ntc_steinhart", "pins", "oled", "buzzer", "drip", "stepper", "drip_nl",
    "stepper_steps_per_ul",
)  # fmt: skip
_LOOK_MS = const(3000)
HOST_AWAY_MS = 10000
STARVED_MS = 20  # a host that keeps the loop busy must not cost us the probe
LONGEST_STEP_MS = 4  # of a job, with a margin; with less time left before a reading none is begun


def _answers(ask, *what):
    """Whether a part acknowledges: its driver is loaded only then, for the sake of memory.

    Asked twice, since a bus on which another address has just timed out can fail once more.
    """
    for _ in range(2):
        try:
            ask(*what)
            return True
        except OSError:
            pass
    return False


class Fittings:
    """probe: what measures the temperature. fitted: flags of HELLO, true to what was found."""

    def __init__(self, app):
        self._app = app
        self.background = Background(lambda job, error: app.guard.failed(job, error))
        self.fitted = 0
        self.barometer = self.buzzer = self.stepper = self._drip = None
        board, config = app.board, app.config
        board.use_pins(config["pins"])
        self.probe = sensor.fallback(config, app.pump)
        self._look_at = 0
        self.problems = []  # what could not be fitted; all else is, all the same
        for fit in (self._fit_probe, self._fit_i2c, self._fit_lamps, self._fit_sound, self._fit_stepper):
            try:
                fit(board, config)
            except Exception as error:
                self.problems.append(error)

    def close(self):
        """Lamp and buzzer off: others take their place."""
        if self.buzzer:
            self.buzzer.off()
        if self._drip:
            self._drip.off()

    def _fit_probe(self, board, config):
        self.probe = sensor.make(board, config, self.probe)
        self._work_the_probe()

    def _work_the_probe(self):
        background = self.background
        background.drop("probe")
        background.drop("look")
        if self.probe.step:
            background.add("probe", self.probe.step)
        if self._app.config["sensor"] == "auto" and self.probe.name not in sensor.PLUGGED:
            background.add("look", self._look)

    def _look(self, now_ms):
        """For a probe that is plugged in while the board runs: one kind at a time."""
        app, name = self._app, sensor.PLUGGED[self._look_at % len(sensor.PLUGGED)]
        self._look_at += 1
        if now_ms < _LOOK_MS:  # all were tried at boot
            return _LOOK_MS
        found = sensor.find((name,), app.board, app.config)
        if found:
            self.probe = found
            self._work_the_probe()
            app.probe_found()
        return _LOOK_MS // len(sensor.PLUGGED)

    def _fit_i2c(self, board, config):
        i2c = board.i2c()
        if i2c is None:
            return
        if _answers(i2c.readfrom_mem, 0x76, 0xD0, 1) or _answers(i2c.readfrom_mem, 0x77, 0xD0, 1):
            barometer = driver("bmp280")(i2c)
            if barometer.found():
                self.barometer = barometer
                self.fitted |= codec.FITTED_BAROMETER
                self.background.add("barometer", barometer.step)
        if config["oled"] and _answers(i2c.writeto, 0x3C, b"\x00\xe3"):  # no operation
            from pump import display

            oled = driver("oled")(i2c, lambda: self._lines(display.lines))
            if oled.found():
                self.fitted |= codec.FITTED_OLED
                self.background.add("oled", oled.step)

    def _fit_lamps(self, board, config):
        app = self._app
        self.background.add("led", StatusLed(board.led, self.state).step)
        lamp = board.switch("drip") if config["drip"] else None
        if lamp:
            self.fitted |= codec.FITTED_DRIP_LED
            self._drip = Drip(lamp, app.delivered_nl, config["drip_nl"])
            self.background.add("drip", self._drip.step)

    def _fit_sound(self, board, config):
        pwm = board.pwm("buzzer") if config["buzzer"] else None
        if pwm:
            from pump.alarm import Alarm

            alarm = Alarm()
            self.buzzer = driver("buzzer")(pwm, lambda: self._priority(alarm))
            self.fitted |= codec.FITTED_BUZZER
            self.background.add("buzzer", self.buzzer.step)

    def _fit_stepper(self, board, config):
        pulse = board.pulse("step", "dir") if config["stepper"] else None
        if pulse:
            self.fitted |= codec.FITTED_STEPPER
            self.stepper = driver("stepper")(pulse, self._app.delivered_nl, config["stepper_steps_per_ul"])
            self.background.add("stepper", self.stepper.step)

    def state(self):
        """The board's state, in the words of the LED's table."""
        app = self._app
        now_ms = app.uptime_ms()
        if now_ms < app.identify_until_ms:
            return "identify"
        if app.status & codec.STATUS_PROBE_FAULT:
            return "probe_lost"
        if app.config_bad:
            return "config_bad"
        if now_ms - app.heard_ms > HOST_AWAY_MS:
            return "no_host"
        if app.status & (codec.STATUS_PROBE_OUT | codec.STATUS_PROBE_RANGE):
            return "rest"
        return "ok"

    def deviation(self):
        """Of the metered flow from the reference rate, as a fraction."""
        reference = self._app.pump.reference_flow_nl_h
        return self._app.meter.flow_nl_h / reference - 1.0 if reference else None

    def _priority(self, alarm):
        app, status = self._app, self._app.status
        unjudged = (
            codec.STATUS_PROBE_FAULT
            | codec.STATUS_PROBE_OUT
            | codec.STATUS_PROBE_RANGE
            | codec.STATUS_PROBE_ILLUSTRATIVE
        )
        lost = bool(status & codec.STATUS_PROBE_FAULT)
        return alarm.judge(None if status & unjudged else self.deviation(), lost, app.uptime_ms())

    def _lines(self, words):
        app = self._app
        flow_nl_h, pressure_pa = app.meter.flow_nl_h, app.air.pressure_pa
        return words(declared.rig_name(app), self.state(), app.probe_c, flow_nl_h, self.deviation(), pressure_pa)
