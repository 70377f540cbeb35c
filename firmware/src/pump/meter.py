"""The flow meter of the rig: the emulated flow with noise and resolution, and its running total.

Totals are whole nanolitres with the remainder carried: floats have 32 bits on the board, and a sum of them drifts by a
per cent in two weeks.
"""

from pump.noise import gaussian


class Meter:
    def __init__(self, noise_fraction, total_nl):
        self._noise = noise_fraction
        self._rest_nl = 0.0
        self.total_nl = total_nl
        self.flow_nl_h = 0

    def measure(self, true_flow_nl_h, dt_ms):
        """One reading: the mean flow over the last `dt_ms` of pump time."""
        flow = max(0.0, true_flow_nl_h * (1.0 + self._noise * gaussian()))
        self.flow_nl_h = int(flow + 0.5)
        self._rest_nl += flow * (dt_ms / 3600000)
        whole = int(self._rest_nl)
        self._rest_nl -= whole
        self.total_nl += whole
