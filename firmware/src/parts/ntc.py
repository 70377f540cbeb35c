"""A 10k thermistor to AGND and a 4.7k resistor to ADC_VREF, on an ADC pin: by its Beta, or by Steinhart and Hart.

With 4.7k the wide steps of the RP2040's converter (erratum E11: codes 512, 1536, 2560, 3584) lie at 101, 56, 31 and
0 degC; with 10k one of them would lie at 36.96 degC. An open or a shorted thermistor is told by its voltage.
Ref: B = ln(R/R0) / (1/T - 1/T0); 1/T = a + b ln R + c (ln R)^3.
"""

from math import log

from micropython import const

from parts.part import Part
from pump import codec

SERIES_OHM = 4700.0
_R25_OHM = const(10000.0)
_ZERO_K = const(273.15)
SAMPLES = 16
EVERY_MS = 100
_SHORT_BELOW = const(0.06)  # of the supply: 132 degC of a usual part
_OPEN_ABOVE = const(0.97)  # -26 degC
_FLOATS_ABOVE = const(0.25)  # what an internal pull moves of the supply: 0.08 at a part at -10 degC
MIN_C = -20.0
MAX_C = 120.0


def beta_c(ohm, beta):
    return 1.0 / (log(ohm / _R25_OHM) / beta + 1.0 / (25.0 + _ZERO_K)) - _ZERO_K


def steinhart_c(ohm, a, b, c):
    ln = log(ohm)
    return 1.0 / (a + b * ln + c * ln * ln * ln) - _ZERO_K


def decode(fraction, beta, steinhart):
    """(temperature or None, "" or what is wrong) of the ADC's fraction of the supply; `steinhart`: (a, b, c) or ()."""
    if fraction < _SHORT_BELOW:
        return None, "shorted"
    if fraction > _OPEN_ABOVE:
        return None, "open: unplugged, or a wire is broken"
    ohm = SERIES_OHM * fraction / (1.0 - fraction)
    temp_c = steinhart_c(ohm, *steinhart) if steinhart else beta_c(ohm, beta)
    if not MIN_C <= temp_c <= MAX_C:
        return None, "out of range"
    return temp_c, ""


class Ntc(Part):
    code = codec.SENSOR_NTC

    def __init__(self, adc, beta, steinhart=()):
        Part.__init__(self)
        self._divider = adc
        self._beta = beta
        self._steinhart = steinhart

    def found(self):
        """Whether a thermistor is on the pin: a plausible one, that an internal pull hardly moves."""
        down, up = self._divider.pulled()
        if up - down >= _FLOATS_ABOVE:
            return False
        # both, since a resistor alone reads as a cold thermistor against the pull to ground
        return not any([decode(fraction, self._beta, self._steinhart)[1] for fraction in (down, up)])

    def work(self, now_ms):
        temp_c, fault = decode(self._divider.fraction(SAMPLES), self._beta, self._steinhart)
        if fault:
            self.fault = fault
        else:
            self.keep(temp_c, now_ms)
        return EVERY_MS


DRIVER = Ntc
