"""A 10k thermistor to ground and a 10k resistor to 3.3 V, on an ADC pin: by its Beta, or by Steinhart and Hart.

An open or a shorted one is told by its voltage. Ref: B = ln(R/R0) / (1/T - 1/T0); 1/T = a + b ln R + c (ln R)^3.
"""

from math import log

from parts.part import Part
from pump import codec

SERIES_OHM = 10000.0
R25_OHM = 10000.0
ZERO_K = 273.15
SAMPLES = 16
EVERY_MS = 100
SHORT_BELOW = 0.03  # of the supply: 129 degC of a usual part
OPEN_ABOVE = 0.97  # -25 degC
FLOATS_ABOVE = 0.25  # what an internal pull moves of the supply: 0.15 at a part at -10 degC, 0.3 and more at no part
MIN_C = -20.0
MAX_C = 120.0


def beta_c(ohm, beta):
    return 1.0 / (log(ohm / R25_OHM) / beta + 1.0 / (25.0 + ZERO_K)) - ZERO_K


def steinhart_c(ohm, a, b, c):
    ln = log(ohm)
    return 1.0 / (a + b * ln + c * ln * ln * ln) - ZERO_K


def decode(fraction, beta, steinhart):
    """(temperature or None, "" or what is wrong) of the ADC's fraction of the supply; `steinhart`: (a, b, c) or ()."""
    if fraction < SHORT_BELOW:
        return None, "shorted"
    if fraction > OPEN_ABOVE:
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
        return up - down < FLOATS_ABOVE and not decode((up + down) / 2, self._beta, self._steinhart)[1]

    def step(self, now_ms):
        temp_c, fault = decode(self._divider.fraction(SAMPLES), self._beta, self._steinhart)
        if fault:
            self.fault = fault
        else:
            self.keep(temp_c, now_ms)
        return EVERY_MS


DRIVER = Ntc
