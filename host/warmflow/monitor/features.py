"""What a cause is judged by, as numbers: what the flow did, what the probe can explain of it, what else is measured.

Changes of the flow are logarithms against a baseline that was learned at rest, so that the body, the site and an offset
of the probe, of which nobody told the monitor, are in none of them.
"""

from typing import NamedTuple

from warmflow.monitor.history import Rise


class Situation(NamedTuple):
    """A moment. `shift`: what pressure (if measured) and level do not explain of the change."""

    now_s: float
    shift: float
    slow_shift: float  # the same, over ten minutes
    total: float  # with what pressure and level explain
    floor: float  # smaller shifts are noise, or weather
    rise: Rise
    recovers: float  # how much `shift` lies above its mean over ten minutes
    flow_ratio: float  # to the reference rate
    exposed: bool
    cold: bool  # the exposure is, or was last, to cold
    warmth_c: float  # largest effect that the skin alone can have on the pump now
    heat_low: float  # what warmth or cold at the probe explains at least and at most, as a shift
    heat_high: float
    misfit: float  # how far the course so far is from that of any body, as a share of the change
    air: float  # what the measured pressure explains
    air_kpa: float | None  # measured, less the site's
    reservoir: float  # what the declared level explains
    level_nl: float
    filled_nl: float
    capacity_nl: float
    filled_s: float | None  # pump time of the fill, if it was seen
    loose_shift: float  # of a catheter that has slipped out altogether
    sensor: float
    clock: float
