"""What the monitor makes of one pump at one time."""

from typing import NamedTuple

from warmflow.monitor.diagnosis import Diagnosis
from warmflow.monitor.findings import Finding
from warmflow.monitor.rig import Measured, Rig


class Assessment(NamedTuple):
    """From declared and measured values alone: the rig, the newest reading, the finding, and its likely cause."""

    rig: Rig
    measured: Measured
    finding: Finding
    diagnosis: Diagnosis
