"""The temperature probe behind one surface: `read(now_ms)` gives (temp_c or None, age_ms or None).

None means that the part gave no valid conversion; nothing here makes a temperature up. Parts are found by reading them.
The emulated probe is no part at all: it reads the emulated world back as a DS18B20 would, and says so in every reading.
"""

from parts import driver
from parts.part import Part

from pump import codec
from pump.noise import gaussian

AIR_C = 24.0  # chosen: a probe that lies on the desk
SKIN_TO_WATER_C = 0.5  # how much warmer the water is than the skin in it, as the model has it
_STEP_C = 0.0625  # DS18B20 at 12 bits. Ref: its data sheet


class EmulatedProbe:
    code = codec.SENSOR_EMULATED
    status = codec.STATUS_PROBE_EMULATED
    name = "emulated"
    step = None

    def __init__(self, pump, noise_c):
        self._world = pump
        self._noise_c = noise_c
        self.exposed_skin_c = None  # what the exposure in force does to the skin: the bath is a little warmer

    def read(self, now_ms):
        place = self._world.place
        if place == "skin":
            true_c = self._world.skin_c
        elif place == "pump":
            true_c = self._world.pump_c
        else:
            true_c = AIR_C if self.exposed_skin_c is None else self.exposed_skin_c + SKIN_TO_WATER_C
        return round((true_c + self._noise_c * gaussian()) / _STEP_C) * _STEP_C, 0

    def calibrate(self, calibrated):
        """It needs none."""

    def raw(self, now_ms):
        return None, None

    def why(self):
        return "the probe is emulated"


class RealProbe:
    """A part and its calibration."""

    exposed_skin_c = None

    def __init__(self, name, part, calibrated):
        self.name = name
        self.code, self.status = part.code, part.status
        self.step = part.step
        self._part = part
        self.calibrate(calibrated)

    def calibrate(self, calibrated):
        self._slope, self._offset_c = 1.0, 0.0
        if calibrated:
            from parts import calibration

            self._slope, self._offset_c = calibration.line(calibrated, self.name)

    def raw(self, now_ms):
        """As the part says it."""
        return self._part.read(now_ms)

    def read(self, now_ms):
        temp_c, age_ms = self._part.read(now_ms)
        return (None if temp_c is None else temp_c * self._slope + self._offset_c), age_ms

    def why(self):
        """What is wrong, in words; "" if nothing."""
        return self._part.fault


class Missing(Part):
    """The configured part cannot be: this board has no pin for it."""

    def __init__(self, code):
        Part.__init__(self)
        self.code = code
        self.fault = "this board has no such pin"

    def found(self):
        return False

    def step(self, now_ms):
        return 60000


def _ds18b20(board, config):
    wire = board.one_wire()
    if wire is None:
        return Missing(codec.SENSOR_DS18B20)
    return driver("ds18b20")(wire)


def _tmp117(board, config):
    i2c = board.i2c()
    if i2c is None:
        return Missing(codec.SENSOR_TMP117)
    return driver("tmp117")(i2c)


def _ntc(board, config):
    adc = board.adc()
    if adc is None:
        return Missing(codec.SENSOR_NTC)
    return driver("ntc")(adc, config["ntc_beta"], config["ntc_steinhart"])


def _die(board, config):
    return driver("die")(board)


PARTS = {"ds18b20": _ds18b20, "tmp117": _tmp117, "ntc": _ntc, "die": _die}
PLUGGED = ("ds18b20", "tmp117", "ntc")
AUTO = PLUGGED + ("die",)


def find(names, board, config):
    """The first of these parts that answers, or None."""
    for name in names:
        part = PARTS[name](board, config)
        if part.found():
            return RealProbe(name, part, config["calibration"])
    return None


def fallback(config, pump):
    """What stands in until, and unless, a probe is found: the emulated one only where no real one is asked for."""
    if config["sensor"] in PARTS:
        return RealProbe(config["sensor"], Missing(codec.SENSOR_NONE), {})
    return EmulatedProbe(pump, config["probe_noise_mc"] / 1000)


def make(board, config, other):
    """The probe that the config names, whether it answers or not; "auto" takes the first that answers, else `other`."""
    name = config["sensor"]
    if name in PARTS:
        return RealProbe(name, PARTS[name](board, config), config["calibration"])
    return (find(AUTO, board, config) if name == "auto" else None) or other


def calibrated(config, probe, key, true_mc, now_ms):
    """The calibration with this point: the probe's present reading is `true_mc`, as "low" or "high" point.

    Raises: ValueError in words for what is no calibration.
    """
    raw_c, _ = probe.raw(now_ms)
    if raw_c is None:
        raise ValueError("no valid reading to calibrate: " + probe.why())
    kept = config["calibration"]
    given = dict(kept) if kept.get("sensor") == probe.name else {}
    given["sensor"] = probe.name
    given[key] = [int(raw_c * 1000 + (0.5 if raw_c >= 0 else -0.5)), true_mc]
    from parts import calibration

    problem = calibration.problem(given)
    if problem:
        raise ValueError(problem)
    return given
