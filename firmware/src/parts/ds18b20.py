"""DS18B20 on 1-Wire, alone on its pin, with three wires. It converts while the loop goes on, and is read in pieces.

No value that its CRC, its configuration byte or the power-on rule speaks against is passed on.
Ref: DS18B20 data sheet (commands, scratchpad, 85 degC at power-on, CRC x^8 + x^5 + x^4 + 1).
"""

from micropython import const

from parts.part import Part
from pump import codec

_SKIP_ROM = const(0xCC)
CONVERT = 0x44
_READ_SCRATCHPAD = const(0xBE)
_CONVERT_MS = const(760)  # 750 at 12 bits
RETRY_MS = 300
_SCRATCHPAD_BYTES = const(9)
_PIECE_BYTES = const(3)  # a byte takes half a millisecond
MIN_C = -55.0
MAX_C = 125.0
_POWER_ON_C = const(85.0)
_NEAR_C = const(3.0)  # of the power-on value: only then has a probe been there on its way


def crc8(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


def decode(scratchpad, last_c):
    """(temperature or None, "" or what is wrong). `last_c`: the last good one, None if there is none."""
    if crc8(scratchpad[:8]) != scratchpad[8]:
        return None, "CRC error"
    if scratchpad[4] & 0x9F != 0x1F:  # all zeros have a good CRC
        return None, "data line is shorted to ground"
    raw = scratchpad[0] | scratchpad[1] << 8
    temp_c = (raw - 65536 if raw & 0x8000 else raw) / 16
    if temp_c == _POWER_ON_C and (last_c is None or abs(last_c - _POWER_ON_C) > _NEAR_C):
        return None, "power-on value: it lost its supply"
    if not MIN_C <= temp_c <= MAX_C:
        return None, "out of range"
    return temp_c, ""


class Ds18b20(Part):
    code = codec.SENSOR_DS18B20

    def __init__(self, wire):
        Part.__init__(self)
        self._wire = wire
        self._next = self._convert
        self._converted_ms = 0
        self._scratchpad = bytearray(_SCRATCHPAD_BYTES)
        self._got = 0

    def work(self, now_ms):
        return self._next(now_ms)

    def found(self):
        """Whether one answers now, in 8 ms. It need not have converted yet."""
        if not self._command(_READ_SCRATCHPAD):
            return False
        data = bytes([self._wire.readbyte() for _ in range(_SCRATCHPAD_BYTES)])
        return crc8(data[:8]) == data[8] and data[4] & 0x9F == 0x1F

    def _command(self, command):
        wire = self._wire
        if not wire.reset():
            self.fault = "no answer: unplugged, or a wire is open"
        elif not wire.idle():
            self.fault = "data line is shorted to ground"
        else:
            wire.writebyte(_SKIP_ROM)
            wire.writebyte(command)
            return True
        self._next = self._convert
        return False

    def _convert(self, now_ms):
        if not self._command(CONVERT):
            return RETRY_MS
        self._converted_ms = now_ms + _CONVERT_MS
        self._next = self._ask
        return _CONVERT_MS

    def _ask(self, now_ms):
        if not self._command(_READ_SCRATCHPAD):
            return RETRY_MS
        self._got = 0
        self._next = self._fetch
        return 0

    def _fetch(self, now_ms):
        for index in range(self._got, self._got + _PIECE_BYTES):
            self._scratchpad[index] = self._wire.readbyte()
        self._got += _PIECE_BYTES
        if self._got < _SCRATCHPAD_BYTES:
            return 0
        self._next = self._convert
        temp_c, fault = decode(self._scratchpad, self._value)
        if fault:
            self.fault = fault
        else:
            self.keep(temp_c, self._converted_ms)
        return 0


DRIVER = Ds18b20
