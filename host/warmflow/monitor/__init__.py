"""What the readings mean. Pure: declared and measured values and pump time in, findings out. No I/O, no clock, no
truth.
"""

from warmflow.monitor.findings import Finding, Level
from warmflow.monitor.monitor import Monitor
from warmflow.monitor.rig import Measured, Rig

__all__ = ["Finding", "Level", "Measured", "Monitor", "Rig"]
