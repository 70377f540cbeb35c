"""What the monitor says: a level, a deviation, a cause, and since when."""

from typing import NamedTuple

from warmflow.monitor.levels import Level
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, PumpLimits


class Finding(NamedTuple):
    """The state of the rate flag after a reading. Deviations are fractions: 0.1 is +10 %."""

    pump_time_ms: int
    level: Level
    cause: str  # "" where the level is normal
    since_ms: int  # pump time at which the level was reached
    deviation: float  # metered flow, smoothed, against the reference rate
    expected: float  # what the probe's temperature explains of it
    label_deviation: float  # the same flow against the label
    reference_flow_nl_h: float
    changed: bool  # level or cause differ from the reading before
    suppressed: str  # why no flag is raised at all, "" if flags are raised
    limits: PumpLimits = DEFAULT_LIMITS  # that were in force
