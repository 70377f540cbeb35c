"""What the readings mean. Pure: declared and measured values and pump time in, findings out. No I/O, no clock, no
truth.
"""

from warmflow.monitor.assessment import Assessment
from warmflow.monitor.attribution import Shares
from warmflow.monitor.diagnosis import Diagnosis, Expected
from warmflow.monitor.dose import DoseState
from warmflow.monitor.findings import Finding
from warmflow.monitor.forecast import Forecast
from warmflow.monitor.levels import Level
from warmflow.monitor.monitor import Monitor
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits
from warmflow.monitor.rig import Measured, Rig

__all__ = [
    "DEFAULT_LIMITS",
    "Assessment",
    "Diagnosis",
    "DoseState",
    "Expected",
    "Finding",
    "Forecast",
    "Level",
    "Measured",
    "Monitor",
    "PumpLimits",
    "Rig",
    "Shares",
]
