"""What a pump is declared to be: fill, label rate, reservoir, restrictor, spring. One row a profile, nowhere else.

No row describes a marketed device: which fill, residual volume or spring rate one has was not found.
"""

from .errors import require_name
from .flow import ARTERIAL_KPA, LOW_PRESSURE_KPA

LABEL_NL_H = 1.3e6 / 24.0  # 1.3 mL/day (chosen; arterial liver infusion uses about 1 mL/day)
RESERVOIR_NL = 30_000_000  # Ref: 30 mL, NCT00587067
RESIDUAL_NL = 1_000_000  # chosen: stays under the bellows, out of reach of needle and propellant


class Profile:
    """One declared pump; `outlet_kpa` is the back-pressure at which its restrictor gives the label rate."""

    def __init__(self, name: str, fill: str, outlet_kpa: float = ARTERIAL_KPA, spring_half_range_kpa: float = 0.0):
        self.name = name
        self.fill = fill
        self.label_nl_h = LABEL_NL_H
        self.reservoir_nl = RESERVOIR_NL
        self.residual_nl = RESIDUAL_NL
        self.outlet_kpa = outlet_kpa
        self.spring_half_range_kpa = spring_half_range_kpa


_ROWS = (
    Profile("r11", "r11"),
    Profile("n-butane", "n-butane"),
    Profile("r114", "r114"),
    Profile("r123", "r123"),
    Profile("isopentane", "isopentane"),
    Profile("nc5f12", "nc5f12"),
    Profile("r11-low", "r11", outlet_kpa=LOW_PRESSURE_KPA),
    Profile("r11-spring", "r11", spring_half_range_kpa=2.2),  # chosen: full to empty is +/-5 % of flow
)
PROFILES = {row.name: row for row in _ROWS}
PROFILE_NAMES = tuple([row.name for row in _ROWS])  # order fixed: append only, the wire sends the index


def profile_named(name: str) -> Profile:
    """The row of that name. Raises: PumpModelError, listing the names."""
    return PROFILES[require_name("profile", name, PROFILE_NAMES)]
