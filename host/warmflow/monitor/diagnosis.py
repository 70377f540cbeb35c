"""The slower product of the monitor: what is happening, how sure it is, what it has done to the dose, when it is over.

Plain values with units in their names; every number is marked measured, declared or modelled in `MARKS`.
"""

from typing import NamedTuple

from warmflow.monitor.attribution import Shares
from warmflow.monitor.dose import DoseState
from warmflow.monitor.forecast import Forecast


class Expected(NamedTuple):
    """What the flow should be, from the declared rig and the measured inputs, with 1 s.d. of what they leave open."""

    flow_nl_h: float
    deviation: float  # from the reference rate, as a fraction
    uncertainty: float  # 1 s.d., as a fraction of the reference rate
    pump_c: float  # modelled temperature of the pump


class Diagnosis(NamedTuple):
    """The state at a pump time. Deviations and shares are fractions of the reference rate."""

    pump_time_ms: int
    cause: str  # a name of causes.NAMES, or "none"
    title: str
    kind: str  # of an exposure, "" where it cannot be told
    confidence: float  # 0 to 1
    since_ms: int  # pump time at which this cause was first named
    ranking: tuple[tuple[str, float], ...]  # all causes that something speaks for
    evidence: tuple[tuple[str, float], ...]  # what speaks for and against, 0 to 1
    deviation: float
    shares: Shares
    expected: Expected
    drift: int  # +1, -1: a slow drift up or down, by CUSUM
    dose: DoseState
    forecast: Forecast | None
    instruments: str  # what is wrong with them, in words, or ""
    second: tuple[str, float] | None = None  # a cause that acts at the same time, and its confidence
    unclear: tuple[str, ...] = ()  # the two likeliest causes, where neither is likely enough to be named alone


# what each number rests on, for whoever puts it into words
MARKS = {
    "deviation": "measured",
    "shares.ambient": "measured",
    "shares.reservoir": "declared",
    "shares.propellant": "modelled",
    "shares.viscosity": "modelled",
    "shares.fluid": "modelled",
    "shares.unexplained": "measured",
    "expected": "modelled",
    "dose": "measured",
    "forecast": "modelled",
}
