"""What a cause is judged by, as numbers: what the flow did, what the probe can explain of it, what else is measured.

Changes of the flow are logarithms against a baseline that was learned at rest, so that the body, the site and an offset
of the probe, of which nobody told the monitor, are in none of them.
"""

from typing import NamedTuple

from warmflow.monitor.history import Rise


class Features(NamedTuple):
    """A moment. `shift`: what pressure (if measured) and level do not explain of the change; a step and the rest of it
    are told apart.
    """

    now_s: float
    shift: float
    step: float  # what came between two readings
    slow: float  # the rest of `shift`
    slow_mean: float  # the same, over ten minutes
    noise: float  # 1 s.d. of that mean
    total: float  # with what pressure and level explain
    floor: float  # smaller slow changes are noise, or weather
    rise: Rise
    stepped_s: float | None  # pump time of the step
    resolution_s: float  # how far apart the readings are that show it
    recovers: float  # how much `slow` lies above its mean over ten minutes
    stands: float  # away from the reference rate since the first reading
    flow_ratio: float  # to the reference rate
    exposed: bool
    warm_ago_min: float  # since the probe was last warm, 0 while it is
    cold_ago_min: float
    undecided: bool  # cold water, or a probe in a cold room
    warmth_c: float  # largest effect that the skin alone can have on the pump now
    heat_low: float  # what warmth or cold at the probe explains at least and at most, as a shift
    heat_high: float
    misfit: float  # how far the course so far is from that of any body, as a share of the change
    air: float  # what the measured pressure explains
    air_kpa: float | None  # measured, less the site's
    reservoir: float  # what the level explains, the fill being misread by as much as the flow says
    level_nl: float  # by the declared fill
    filled_nl: float
    capacity_nl: float
    filled_s: float | None  # pump time of the fill, if it was seen
    loose_shift: float  # of a catheter that has slipped out altogether
    sensor: float
    clock: float
