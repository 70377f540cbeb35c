"""What the probe's readings are worth: lost, held, out of its place; told as status flags and events.

A lost probe's last good value goes on driving the model for the hold time of the config, then rest is assumed. Nothing
here reads a part, and a new one has two seconds to give its first value before it counts as lost.
"""

from micropython import const

from pump import codec
from pumpmodel.probe import Probe

_FIRST_VALUE_MS = const(2000)


class Contact:
    """`event(code, value, text)` records one."""

    def __init__(self, pump, config, event):
        self._pump = pump
        self._config = config
        self._event = event
        self._judge = Probe(config["place"])
        self._placed_ms = self._good_ms = 0
        self._lost = self._is_out = self._holds = False

    def begin(self, now_ms):
        """Another probe, or another place: what was read before counts no more."""
        self._placed_ms = now_ms
        self._forget()

    def take(self, probe, temp_c, now_ms, pump_time_ms):
        """Status flags of this reading; None is no valid one. Call `tell` after the model's step."""
        judge = self._judge
        if temp_c is None:
            flags = self._miss(probe, now_ms)
        else:
            flags = 0
            self._good_ms, self._holds = now_ms, True
            if self._lost:
                self._lost = False
                self._event(codec.EVENT_CODE_PROBE_BACK, 0, probe.name)
            judge.touch(temp_c, pump_time_ms)
        judge.expire(pump_time_ms)
        return (
            flags
            | probe.status
            | (codec.STATUS_PROBE_OUT if judge.out else 0)
            | (codec.STATUS_PROBE_RANGE if judge.out_of_band else 0)
        )

    def tell(self):
        """The probe that is taken out of its place, or put back, is an event."""
        if self._judge.out != self._is_out:
            self._is_out = self._judge.out
            self._event(codec.EVENT_CODE_PROBE_OUT if self._is_out else codec.EVENT_CODE_PROBE_IN, 0, "")

    def _miss(self, probe, now_ms):
        if not self._lost and now_ms - self._placed_ms >= _FIRST_VALUE_MS:
            self._lost = True
            self._event(codec.EVENT_CODE_PROBE_LOST, 0, (probe.name + ": " + probe.why())[:200])
        if self._holds and now_ms - self._good_ms >= self._config["probe_hold_s"] * 1000:
            self._forget()
        return codec.STATUS_PROBE_FAULT | (codec.STATUS_PROBE_HELD if self._holds else 0)

    def _forget(self):
        self._holds = self._is_out = False
        self._judge = Probe(self._config["place"])
        self._pump.place_probe(self._config["place"])
