"""TMP117 on I2C, as it wakes up: one conversion a second. Its registers are read, the bus is never scanned.

Only what it has converted since the last look is taken; a bus error is no value.
Ref: TMP117 data sheet (registers 0, 1, 15; 1/128 degC a step; -256 degC before the first conversion).
"""

from micropython import const

from parts.part import Part
from pump import codec

ADDRESS = 0x48
_TEMPERATURE = const(0x00)
_CONFIGURATION = const(0x01)
_DEVICE_ID = const(0x0F)
_DATA_READY = const(0x2000)
ID = 0x117
EVERY_MS = 200
MIN_C = -55.0
MAX_C = 150.0


def decode(raw):
    """(temperature or None, "" or what is wrong)."""
    temp_c = (raw - 65536 if raw & 0x8000 else raw) / 128
    if temp_c == -256.0:
        return None, "it has not converted yet"
    if not MIN_C <= temp_c <= MAX_C:
        return None, "out of range"
    return temp_c, ""


class Tmp117(Part):
    code = codec.SENSOR_TMP117

    def __init__(self, i2c):
        Part.__init__(self)
        self._i2c = i2c

    def found(self):
        try:
            return self._register(_DEVICE_ID) & 0xFFF == ID
        except OSError:
            return False

    def work(self, now_ms):
        try:
            if self._register(_CONFIGURATION) & _DATA_READY:  # reading either register clears it
                temp_c, fault = decode(self._register(_TEMPERATURE))
                if fault:
                    self.fault = fault
                else:
                    self.keep(temp_c, now_ms)
        except OSError:
            self.fault = "no answer: unplugged, or a wire is open"
        return EVERY_MS

    def _register(self, register):
        data = self._i2c.readfrom_mem(ADDRESS, register, 2)
        return data[0] << 8 | data[1]


DRIVER = Tmp117
