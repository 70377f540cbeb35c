"""Which pump a simulation is about: profile, body and the site at which it was commissioned."""

from typing import NamedTuple

from pumpmodel import BODY_NAMES, FILLS, PROFILE_NAMES, PROFILES, Pump
from pumpmodel.surroundings import SITE_KPA
from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean
from warmflow.simulation.scenario import Scenario


class SimulateError(UserError):
    """The rig cannot be simulated; the text says what to give instead."""


class Rig(NamedTuple):
    """In the terms of `pumpmodel`."""

    profile: str = "r11"
    body: str = "average"
    site_kpa: float = 101.325

    @property
    def title(self) -> str:
        """For legends: `R-11, average body`."""
        fill = FILLS[PROFILES[self.profile].fill][0]
        extra = f" ({self.profile})" if self.profile != PROFILES[self.profile].fill else ""
        return f"{fill}{extra}, {self.body} body"


def checked(rig: Rig) -> Rig:
    """Returns the rig. Raises SimulateError for a name or pressure that there is not."""
    for option, name, known in (("--profile", rig.profile, PROFILE_NAMES), ("--body", rig.body, BODY_NAMES)):
        if name not in known:
            raise SimulateError(f"{option} {name}: unknown; {did_you_mean(name, known)}")
    low, high = SITE_KPA
    if not low <= rig.site_kpa <= high:
        raise SimulateError(f"--site-kpa {rig.site_kpa:g}: give {low:g} to {high:g} kPa, absolute")
    return rig


def make_pump(scenario: Scenario, rig: Rig) -> Pump:
    """A pump as the scenario starts."""
    start = scenario.start
    fill_nl = None if start.fill_ml is None else round(start.fill_ml * 1e6)
    pump = Pump(rig.profile, rig.body, start.fluid, start.glycerol_fraction, rig.site_kpa, fill_nl=fill_nl)
    if start.pump_c is not None:
        pump.set_pump_temperature(start.pump_c)
    return pump
