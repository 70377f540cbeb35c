"""Which alarm stands on the board itself: from what an instrument measures, against the declared rig's reference rate.

The daemon's monitor judges by itself and better; this one serves a rig that stands alone. It judges no flow where the
probe is lost, out, or illustrative only.
"""

MEDIUM = 0.15  # Ref: action level of a pump recall; shared with the monitor's
HIGH = 0.25  # chosen; shared as well
HYSTERESIS = 0.02
HOLD_MS = 3000


def priority_of(deviation, standing):
    """Nothing, "medium" or "high" for a deviation as a fraction, None if there is none to judge."""
    off = 0.0 if deviation is None else abs(deviation)
    if off >= HIGH - (HYSTERESIS if standing == "high" else 0.0):
        return "high"
    if off >= MEDIUM - (HYSTERESIS if standing else 0.0):
        return "medium"
    return ""


class Alarm:
    """`priority`: the flow's, or "low" for a lost probe."""

    def __init__(self):
        self.priority = self._standing = self._seen = ""
        self._deviates_ms = 0

    def judge(self, deviation, probe_lost, now_ms):
        """A change counts once it has held for three seconds of board time."""
        seen = priority_of(deviation, self._standing)
        if seen != self._seen:
            self._seen, self._deviates_ms = seen, now_ms
        if now_ms - self._deviates_ms >= HOLD_MS:
            self._standing = seen
        self.priority = self._standing or ("low" if probe_lost else "")
        return self.priority
