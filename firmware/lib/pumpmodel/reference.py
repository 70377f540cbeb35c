"""The reference rate: what this pump gives in this body at rest, against which every deviation is measured.

Not the label: in its pocket the pump rests below 37 degC, and clinics dose by the flow that they measure at refills.
"""

from .air import SEA_LEVEL_KPA
from .body import rest_pump_c
from .flow import flow_ratio
from .profile import profile_named


def reference_flow_nl_h(
    profile: str,
    body: str,
    fluid: str = "drug",
    site_pressure_kpa: float = SEA_LEVEL_KPA,
    glycerol_fraction: float = 0.0,
) -> float:
    """Flow in nL/h of a profile in a resting body, half-full reservoir, at the site's pressure; 0 where it cannot flow.

    Raises: PumpModelError for an unknown name.
    """
    row = profile_named(profile)
    return row.label_nl_h * flow_ratio(
        row.fill,
        rest_pump_c(body),
        ambient_kpa=site_pressure_kpa,
        outlet_kpa=row.outlet_kpa,
        label_outlet_kpa=row.outlet_kpa,
        fluid=fluid,
        glycerol_fraction=glycerol_fraction,
    )
