"""A minute of readings as one summary, and which of them go to flash: those in which nobody acknowledged anything.

A minute is kept one more in RAM: only then is it known whether the host that fell silent in it has come back. Totals
are whole numbers, as 32-bit floats would drift over 6,000 readings.
"""

from pump import codec

AWAY_MS = 60000


class Minutes:
    def __init__(self, boot, shelf):
        self._boot = boot
        self._shelf = shelf
        self._minute_before = None  # the summary of the minute before, if it is on no shelf
        self._dropped = 0
        self._begin()

    def _begin(self):
        self._readings = self._probed = self._status = 0
        self._flow_sum = self._flow_min = self._flow_max = 0
        self._probe_sum = self._probe_min = self._probe_max = 0

    def add(self, temp_c, flow_nl_h, status):
        """One reading; temp_c is None where the probe gave none."""
        self._readings += 1
        self._status |= status
        self._flow_sum += flow_nl_h
        if flow_nl_h > self._flow_max:
            self._flow_max = flow_nl_h
        if flow_nl_h < self._flow_min or self._readings == 1:
            self._flow_min = flow_nl_h
        if temp_c is None:
            return
        probe_mc = int(temp_c * 1000)
        self._probed += 1
        self._probe_sum += probe_mc
        if self._probed == 1:
            self._probe_min = self._probe_max = probe_mc
        elif probe_mc > self._probe_max:
            self._probe_max = probe_mc
        elif probe_mc < self._probe_min:
            self._probe_min = probe_mc

    def close(self, uptime_ms, pump_time_ms, metered_nl, silent_ms, dropped):
        """Ends the minute. `silent_ms`: since the last acknowledgement; `dropped`: records that the ring lost so far.

        Raises OSError if the flash refuses.
        """
        ended = self._summary(uptime_ms, pump_time_ms, metered_nl) if self._readings else None
        self._begin()
        held, self._minute_before = self._minute_before, None
        if silent_ms < AWAY_MS and dropped == self._dropped:
            self._minute_before = ended
            return
        self._dropped = dropped
        for values in (held, ended):
            if values:
                self._shelf.put(codec.encode_minute_summary(*(self._boot + (self._shelf.next,) + values)))

    def _summary(self, uptime_ms, pump_time_ms, metered_nl):
        some = self._probed > 0
        return (
            uptime_ms,
            pump_time_ms,
            self._readings,
            self._probe_min if some else None,
            self._probe_sum // self._probed if some else None,
            self._probe_max if some else None,
            self._flow_min,
            self._flow_sum // self._readings,
            self._flow_max,
            metered_nl,
            self._status,
        )
