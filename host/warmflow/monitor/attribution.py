"""A deviation as a waterfall: the share of each influence, in a stated order, so that they sum to it exactly.

Convention: the influences are put in force one after another, from the reference rate on, in the order of `Shares`. The
share of each is what the flow then changes, as a fraction of the reference rate; what is left to the measured flow is
`unexplained`. Another order moves small amounts between neighbours (the product of their shares), never the sum. A
logarithmic split would have no value where the flow is 0, and an average over all orders cannot be followed by hand.
"""

from itertools import pairwise
from typing import NamedTuple

from pumpmodel.propellant import clamp_c
from warmflow.monitor.restrictor import Restrictor


class Shares(NamedTuple):
    """Fractions of the reference rate: 0.1 is +10 %. They sum to the deviation."""

    propellant: float  # vapour pressure at the pump's temperature
    viscosity: float  # of the declared fluid at that temperature
    ambient: float  # pressure around the body: only where it is measured
    reservoir: float  # bellows' spring and the fall-off of the last half millilitre
    fluid: float  # another fluid than declared: only where that is the named cause
    unexplained: float

    @property
    def temperature(self) -> float:
        """Propellant and viscosity together."""
        return self.propellant + self.viscosity

    @property
    def deviation(self) -> float:
        """The sum."""
        return sum(self)


def share_of(cause: str, shares: Shares) -> float:
    """What a cause does to the flow: the step of the waterfall that it stands for."""
    return {
        "heat": shares.temperature,
        "cold": shares.temperature,
        "altitude or depth": shares.ambient,
        "near-empty": shares.reservoir,
        "wrong fluid": shares.fluid,
    }.get(cause, shares.unexplained)


def waterfall(
    restrictor: Restrictor,
    deviation: float,
    temp_c: float,
    ambient_kpa: float | None,
    level_nl: float,
    other_fluid: bool = False,
) -> Shares:
    """Shares of a deviation (a fraction), for a pump temperature in degC, a measured pressure and a declared level.

    `other_fluid`: what is left is put down to the fluid.
    """
    site_kpa = restrictor.site_kpa
    air_kpa = site_kpa if ambient_kpa is None else ambient_kpa
    temp_c = clamp_c(temp_c)
    thicker = restrictor.viscosity_mpa_s(restrictor.rest_c) / restrictor.viscosity_mpa_s(temp_c)
    spring_kpa = restrictor.spring_kpa(level_nl)
    warm = restrictor.ratio(temp_c, site_kpa) / thicker
    course = [
        1.0,
        warm,
        warm * thicker,
        restrictor.ratio(temp_c, air_kpa),
        restrictor.ratio(temp_c, air_kpa, spring_kpa) * restrictor.falloff(level_nl),
    ]
    if other_fluid:
        course.append(1.0 + deviation)
    else:
        course.append(course[-1])
    warmer, thinner, air, level, fluid = (after - before for before, after in pairwise(course))
    return Shares(warmer, thinner, air, level, fluid, deviation - (course[-1] - 1.0))
