"""Temperature probes behind one surface: `read()` gives (temp_c or None, age_ms or None).

None means that the part gave no valid conversion; nothing here makes a temperature up. The emulated probe is no part at
all: it reads the emulated world back as a DS18B20 would, and says so in every reading's status.
"""

from pump import codec
from pump.noise import gaussian

AIR_C = 24.0  # chosen: a probe that lies on the desk
SKIN_TO_WATER_C = 0.5  # how much warmer the water is than the skin in it, as the model has it
_STEP_C = 0.0625  # DS18B20 at 12 bits. Ref: its data sheet


class EmulatedProbe:
    code = codec.SENSOR_EMULATED
    status = codec.STATUS_PROBE_EMULATED

    def __init__(self, pump, noise_c):
        self._pump = pump
        self._noise_c = noise_c
        self.exposed_skin_c = None  # what the exposure in force does to the skin: the bath is a little warmer

    def read(self):
        place = self._pump.place
        if place == "skin":
            true_c = self._pump.skin_c
        elif place == "pump":
            true_c = self._pump.pump_c
        else:
            true_c = AIR_C if self.exposed_skin_c is None else self.exposed_skin_c + SKIN_TO_WATER_C
        return round((true_c + self._noise_c * gaussian()) / _STEP_C) * _STEP_C, 0


class DieSensor:
    """The microcontroller's own: 0.47 degC a step and off by degrees, so it illustrates and never judges."""

    code = codec.SENSOR_DIE
    status = codec.STATUS_PROBE_ILLUSTRATIVE

    def __init__(self, board):
        self._board = board

    def read(self):
        temp_c = self._board.die_temp_c()
        return temp_c, None if temp_c is None else 0


def make(name, board, pump, noise_c):
    """The probe that the config names; "auto" takes a real one where there is one."""
    if name == "die" or (name == "auto" and board.die_temp_c() is not None):
        return DieSensor(board)
    return EmulatedProbe(pump, noise_c)
