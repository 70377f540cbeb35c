"""What the flow should be, from the probe alone: the same model as the pump's, driven by what was measured.

It knows the declared rig and the probe's readings; it has to assume the body's core where the probe does not show it.
"""

from pumpmodel import Pump
from pumpmodel.probe import READING_MAX_C, READING_MIN_C
from warmflow.monitor.rig import Measured, Rig

MAX_GAP_MS = 3_600_000  # after a longer pause the shadow starts again from rest: it would only guess
STEP_MS = 1000


class Shadow:
    """A model pump that follows the readings."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._pump = self._rested()
        self._at_ms: int | None = None

    @property
    def reference_flow_nl_h(self) -> float:
        """The rig's own resting rate: declared body, fluid and site, half-full reservoir."""
        return float(self._pump.reference_flow_nl_h)

    def follow(self, reading: Measured) -> float:
        """Expected flow in nL/h at this reading."""
        gap_ms = 0 if self._at_ms is None else reading.pump_time_ms - self._at_ms
        self._at_ms = reading.pump_time_ms
        if not 0 <= gap_ms <= MAX_GAP_MS:
            self._pump, gap_ms = self._rested(), 0
        # a value that no probe can read is no reading: the last one holds
        possible = reading.probe_c is not None and READING_MIN_C <= reading.probe_c <= READING_MAX_C
        self._pump.touch(reading.probe_c if possible else None)
        while gap_ms > 0:
            step_ms = min(gap_ms, STEP_MS)
            self._pump.step(step_ms / 1000)
            gap_ms -= step_ms
        return float(self._pump.flow_nl_h)

    def _rested(self) -> Pump:
        rig = self._rig
        return Pump(
            profile=rig.profile,
            body=rig.body,
            fluid=rig.fluid,
            glycerol_fraction=rig.glycerol_fraction,
            site_pressure_kpa=rig.site_pressure_kpa,
            place=rig.place,
        )
