"""BMP280 or BME280 on I2C, for the ambient pressure: one forced measurement a second, fetched later.

The compensation is the data sheet's in floats; in 32 bits it is good to 1 Pa. Its temperature is used for nothing else:
it is the board's. Ref: BMP280 data sheet, sections 3.11 (with its worked example), 4.3 and 8.1.
"""

from struct import unpack

from micropython import const

from parts.part import Part

ADDRESSES = (0x76, 0x77)
_CHIP_ID = const(0xD0)
CALIBRATION = 0x88
_CONTROL = const(0xF4)
_DATA = const(0xF7)
IDS = (0x58, 0x60)  # BMP280, BME280
_MEASURE = const(b"\x55")  # temperature x2, pressure x16, forced
_MEASURE_MS = const(50)  # 43.2 at most
EVERY_MS = 1000
_SKIPPED = const(0x80000)  # what the data registers hold before the first measurement
_MIN_PA = const(30000.0)  # what the part measures
_MAX_PA = const(110000.0)


def fine_temperature(raw, calibration):
    """The data sheet's t_fine: 5120 a degC."""
    t1, t2, t3 = calibration[:3]
    difference = raw / 16384.0 - t1 / 1024.0
    return difference * t2 + difference * difference / 64.0 * t3


def pressure_pa(raw, t_fine, calibration):
    """None where the calibration makes no sense."""
    p1, p2, p3, p4, p5, p6, p7, p8, p9 = calibration[3:]
    x = t_fine / 2.0 - 64000.0
    y = x * x * p6 / 32768.0 + x * p5 * 2.0
    y = y / 4.0 + p4 * 65536.0
    x = (1.0 + (p3 * x * x / 524288.0 + p2 * x) / 524288.0 / 32768.0) * p1
    if x == 0.0:
        return None
    p = (1048576.0 - raw - y / 4096.0) * 6250.0 / x
    return p + (p9 * p * p / 2147483648.0 + p * p8 / 32768.0 + p7) / 16.0


class Bmp280(Part):
    stale_ms = 3000

    def __init__(self, i2c):
        Part.__init__(self)
        self._i2c = i2c
        self._address = 0
        self._calibration = None
        self._measuring = False

    def found(self):
        """Whether one answers at either address; takes its calibration."""
        for address in ADDRESSES:
            try:
                if self._i2c.readfrom_mem(address, _CHIP_ID, 1)[0] in IDS:
                    self._address = address
                    self._calibration = unpack("<HhhHhhhhhhhh", self._i2c.readfrom_mem(address, CALIBRATION, 24))
                    return True
            except OSError:
                pass
        return False

    def work(self, now_ms):
        try:
            if self._calibration is None and not self.found():
                raise OSError
            if not self._measuring:
                self._i2c.writeto_mem(self._address, _CONTROL, _MEASURE)
                self._measuring = True
                return _MEASURE_MS
            self._take(self._i2c.readfrom_mem(self._address, _DATA, 6), now_ms)
        except OSError:
            self.fault = "no answer"
            self._calibration = None  # perhaps another one is plugged in next
        self._measuring = False
        return EVERY_MS - _MEASURE_MS

    def _take(self, data, now_ms):
        raw_p = data[0] << 12 | data[1] << 4 | data[2] >> 4
        raw_t = data[3] << 12 | data[4] << 4 | data[5] >> 4
        if raw_p == _SKIPPED or raw_t == _SKIPPED:
            self.fault = "it has not converted yet"
            return
        pressure = pressure_pa(raw_p, fine_temperature(raw_t, self._calibration), self._calibration)
        if pressure is None or not _MIN_PA <= pressure <= _MAX_PA:
            self.fault = "out of range"
        else:
            self.keep(pressure, now_ms)


DRIVER = Bmp280
