"""The microcontroller's own sensor: 0.47 degC a step and off by degrees, so it illustrates and never judges.

The board averages it; here is only when.
"""

from parts.part import Part
from pump import codec

EVERY_MS = 250


class Die(Part):
    code = codec.SENSOR_DIE
    status = codec.STATUS_PROBE_ILLUSTRATIVE

    def __init__(self, board):
        Part.__init__(self)
        self._chip = board

    def found(self):
        return self._chip.die_temp_c() is not None

    def work(self, now_ms):
        temp_c = self._chip.die_temp_c()
        if temp_c is None:
            self.fault = "out of range"
        else:
            self.keep(temp_c, now_ms)
        return EVERY_MS


DRIVER = Die
