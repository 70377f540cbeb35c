"""What the readings mean. Pure: declared and measured values and pump time in, findings out. No I/O, no clock, no
truth.
"""

from warmflow.monitor.assessment import Assessment
from warmflow.monitor.attribution import Shares
from warmflow.monitor.diagnosis import Diagnosis, Expected
from warmflow.monitor.dose import DoseState
from warmflow.monitor.findings import Finding, Level
from warmflow.monitor.forecast import Forecast
from warmflow.monitor.monitor import Monitor
from warmflow.monitor.rig import Measured, Rig

__all__ = [
    "Assessment",
    "Diagnosis",
    "DoseState",
    "Expected",
    "Finding",
    "Forecast",
    "Level",
    "Measured",
    "Monitor",
    "Rig",
    "Shares",
]
