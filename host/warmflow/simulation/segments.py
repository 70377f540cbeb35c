"""A scenario cut at every minute at which a condition changes: between two cuts all that acts on a pump is constant.

The same order of precedence as `pumpmodel.surroundings`: an exposure before rest, a later one of its kind before an
earlier. Values may be columns, one entry a pump, where a sweep varies them.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from pumpmodel import PROFILES, TISSUE_KPA, reference_flow_nl_h
from pumpmodel.body import REST_CORE_C, REST_SKIN_C, SKIN_EXPOSED_TAU_S, SKIN_REST_TAU_S
from pumpmodel.faults import WARM_POCKET_C
from warmflow.simulation.events import Exposure, Fault, Filling, Fluid, Refill, Withdraw
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import BoardStep, Scenario
from warmflow.simulation.trace import Column

Quantity = float | Column
Overrides = dict[str, Column]  # what a sweep varies: temp, skin, core, ambient, outlet, magnitude
NEARLY_S = 1e-6


@dataclass(frozen=True)
class Segment:
    """From `start_s` on for `length_s`. `begins` says that its exposure begins here, so the core's ramp is known."""

    start_s: float
    length_s: float
    skin_c: Quantity
    skin_tau_s: float
    core_c: Quantity
    core_ramp_s: float | None  # from the beginning of the exposure; None: the core relaxes
    begins: bool
    ramps: bool
    pocket_warmth_c: Quantity
    held_c: Quantity | None
    ambient_kpa: Quantity
    outlet_kpa: Quantity
    occlusion: Quantity
    lost: Quantity
    filling: Filling
    reference_nl_h: float
    needle: tuple[Refill | Withdraw, ...]


@dataclass
class _Acting:
    """The conditions at a cut."""

    filling: Filling
    exposure: Exposure | None = None
    exposed_at_s: float = 0.0
    faults: dict[str, Fault] = field(default_factory=dict)


def segments(scenario: Scenario, rig: Rig, overrides: Overrides) -> list[Segment]:
    """In order, without gaps, from 0 to the scenario's end."""
    rest_s = scenario.rest_before_min * 60
    due = [(rest_s + event.at_min * 60, event) for event in scenario.events]
    acting = _Acting(Filling(fluid=scenario.start.fluid, glycerol_fraction=scenario.start.glycerol_fraction))
    found = []
    for start_s, end_s in pairwise(_cuts(scenario, due)):
        now = [event for at_s, event in due if abs(at_s - start_s) < NEARLY_S]
        _expire(acting, start_s, rest_s)
        for event in now:
            _begin(acting, event, start_s)
        segment = _segment(acting, rig, start_s, end_s - start_s, overrides)
        needle = tuple(event for event in now if isinstance(event, (Refill, Withdraw)))
        begins = any(isinstance(event, Exposure) for event in now)
        found.append(replace(segment, needle=needle, begins=begins))
    return found


def _cuts(scenario: Scenario, due: list[tuple[float, BoardStep]]) -> list[float]:
    end_s = scenario.whole_min * 60
    times_s = {0.0, end_s}
    for at_s, event in due:
        times_s |= {at_s, at_s + (event.end_min - event.at_min) * 60}
        if isinstance(event, Exposure) and event.core_ramp_min is not None:
            times_s.add(at_s + event.core_ramp_min * 60)
    cuts: list[float] = []
    for time_s in sorted(times_s):
        if time_s <= end_s and (not cuts or time_s - cuts[-1] > NEARLY_S):
            cuts.append(time_s)
    return cuts


def _expire(acting: _Acting, now_s: float, rest_s: float) -> None:
    def over(event: Exposure | Fault) -> bool:
        return event.duration_min is not None and rest_s + event.end_min * 60 <= now_s + NEARLY_S

    if acting.exposure is not None and over(acting.exposure):
        acting.exposure = None
    acting.faults = {kind: fault for kind, fault in acting.faults.items() if not over(fault)}


def _begin(acting: _Acting, event: BoardStep, now_s: float) -> None:
    match event:
        case Exposure():
            acting.exposure, acting.exposed_at_s = event, now_s
        case Fault():
            acting.faults[event.fault] = event
        case Fluid():
            acting.filling = Filling(fluid=event.fluid, glycerol_fraction=event.glycerol_fraction)


def _segment(acting: _Acting, rig: Rig, start_s: float, length_s: float, overrides: Overrides) -> Segment:
    exposure = acting.exposure
    skin = None if exposure is None or exposure.skin_c is None else overrides.get("skin", exposure.skin_c)
    core = None if exposure is None or exposure.core_c is None else overrides.get("core", exposure.core_c)
    ramp_s = None
    if exposure is not None and core is not None:
        ramp_s = (exposure.core_ramp_min or exposure.duration_min) * 60
    loose, outlet = _magnitude(acting, "catheter_loose", overrides), _outlet(acting, rig, overrides)
    filling = acting.filling
    return Segment(
        start_s,
        length_s,
        skin_c=REST_SKIN_C if skin is None else skin,
        skin_tau_s=SKIN_REST_TAU_S if skin is None else SKIN_EXPOSED_TAU_S,
        core_c=REST_CORE_C if core is None else core,
        core_ramp_s=ramp_s,
        begins=False,
        ramps=ramp_s is not None and start_s < acting.exposed_at_s + ramp_s - NEARLY_S,
        pocket_warmth_c=WARM_POCKET_C * _magnitude(acting, "warm_pocket", overrides),
        held_c=overrides.get("temp"),
        ambient_kpa=_ambient(acting, rig, overrides),
        outlet_kpa=outlet + loose * (TISSUE_KPA - outlet),
        occlusion=_magnitude(acting, "occlusion", overrides),
        lost=1.0 - (1.0 - loose) * (1.0 - _magnitude(acting, "leak", overrides)),
        filling=filling,
        reference_nl_h=reference_flow_nl_h(
            rig.profile, rig.body, filling.fluid, rig.site_kpa, filling.glycerol_fraction
        ),
        needle=(),
    )


def _magnitude(acting: _Acting, kind: str, overrides: Overrides) -> Quantity:
    fault = acting.faults.get(kind)
    if fault is None or not fault.magnitude:
        return 0.0
    return overrides.get("magnitude", fault.magnitude)


def _ambient(acting: _Acting, rig: Rig, overrides: Overrides) -> Quantity:
    given = None if acting.exposure is None else acting.exposure.ambient(rig.site_kpa)
    return rig.site_kpa if given is None else overrides.get("ambient", given)


def _outlet(acting: _Acting, rig: Rig, overrides: Overrides) -> Quantity:
    given = None if acting.exposure is None else acting.exposure.outlet_kpa
    return PROFILES[rig.profile].outlet_kpa if given is None else overrides.get("outlet", given)
