"""The rate flag: is the metered flow away from the reference rate, and does the probe's warmth explain it?"""

import math

from pumplink.codes import Status
from warmflow.monitor.findings import Finding
from warmflow.monitor.limits import Limits
from warmflow.monitor.rig import Measured, Rig
from warmflow.monitor.shadow import Shadow

SMOOTHING_MS = 20_000  # [chosen] pump time; a meter's noise of 2 % becomes 0.3 % at one reading a second
EXPLAINED = 0.5  # [chosen] share of a deviation that the probe must explain to be its cause
SUPPRESSED = {
    Status.PROBE_ILLUSTRATIVE: "the die sensor only illustrates",
    Status.PROBE_RANGE: "the probe reads outside 30-45 degC: no body",
}


class Monitor:
    """One pump's monitor. Feed `declare` with what the rig says it is, `read` with each reading in order."""

    def __init__(self) -> None:
        self.rig: Rig | None = None
        self._finding: Finding | None = None

    def declare(self, rig: Rig) -> None:
        """The rig says what it is. The same again changes nothing; a refill alone does not disturb the flag."""
        if self.rig is None or rig[:7] != self.rig[:7]:
            self._shadow = Shadow(rig)
            self._limits = Limits()
            self._flow_nl_h: float | None = None
        self.rig = rig

    def read(self, reading: Measured) -> Finding | None:
        """What this reading shows; None before the rig is declared."""
        if self.rig is None:
            return None
        before = self._finding
        reference = self._shadow.reference_flow_nl_h
        expected = self._shadow.follow(reading) / reference - 1
        flow = self._smoothed(reading, before)
        deviation = flow / reference - 1
        suppressed = next((why for flag, why in SUPPRESSED.items() if reading.status & flag), "")
        level = self._limits.update(0.0 if suppressed else deviation, reading.pump_time_ms)
        cause = self._cause(deviation, expected) if level else ""
        same = before is not None and (before.level, before.cause) == (level, cause)
        self._finding = Finding(
            reading.pump_time_ms,
            level,
            cause,
            before.since_ms if before and before.level == level else reading.pump_time_ms,
            deviation,
            expected,
            flow / self.rig.label_flow_nl_h - 1,
            reference,
            not same,
            suppressed,
        )
        return self._finding

    def _smoothed(self, reading: Measured, before: Finding | None) -> float:
        """Exponential mean over SMOOTHING_MS of pump time, whatever the interval of the readings."""
        if self._flow_nl_h is None or before is None or reading.pump_time_ms < before.pump_time_ms:
            self._flow_nl_h = float(reading.flow_nl_h)
        else:
            share = 1 - math.exp((before.pump_time_ms - reading.pump_time_ms) / SMOOTHING_MS)
            self._flow_nl_h += share * (reading.flow_nl_h - self._flow_nl_h)
        return self._flow_nl_h

    def _cause(self, deviation: float, expected: float) -> str:
        """ "heat" or "cold" where the probe's course explains the deviation, else "unexplained"."""
        if deviation * expected > 0 and abs(expected) >= EXPLAINED * abs(deviation):
            return "heat" if deviation > 0 else "cold"
        return "unexplained"
