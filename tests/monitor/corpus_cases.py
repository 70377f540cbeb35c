"""Labelled pumps for the corpus: what really happens to each, and what its rig is declared to be. Knows no readings.

Drawn from one random generator a run, so that a seed is a corpus. The declared body is always `average`: the true one
is any of three, and nobody tells the monitor. Limits of each kind are those of the scenario files, widened.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from warmflow.simulation.events import Exposure, Fault, Fluid, Refill, Start
from warmflow.simulation.rig import Rig as TruePump
from warmflow.simulation.scenario import Outcome, Scenario

PROFILES = (
    "r11",
    "r11",
    "r11",
    "n-butane",
    "n-butane",
    "n-butane",
    "r114",
    "r11-low",
    "r11-spring",
    "r123",
    "isopentane",
    "nc5f12",
)
TOUCHY = {"r123", "isopentane", "nc5f12"}  # a kPa of weather is 4 to 6 % of flow
BODIES = ("deep", "average", "slim")
PLACES = ("water", "skin", "pump")


@dataclass
class Case:
    """One run. `spoil` names what is wrong with the instruments, from `spoil_from_s` to `spoil_to_s`."""

    label: str
    story: str
    scenario: Scenario
    pump: TruePump
    place: str
    barometer: bool
    declared_site_kpa: float
    interval_s: float
    meter_noise: float
    probe_noise_c: float
    probe_offset_c: float
    desk_c: float
    filled_nl: int
    fluid: tuple[str, float] = ("drug", 0.0)
    spoil: str = ""
    spoil_from_s: float = 0.0
    spoil_to_s: float = 0.0
    judged_s: tuple[float, float] | None = None  # None: while the true effect is at least half of its peak
    feigned: Any = None  # an exposure that only the probe feels
    refilled_s: float | None = None
    seed: int = 0


@dataclass
class Story:
    """What happens, before it is cast into a case."""

    label: str
    name: str
    events: list[Any] = field(default_factory=list)
    rest_after_min: float = 60.0
    rest_before_min: float | None = None
    start: dict[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = PLACES
    barometer: bool | None = None
    profiles: tuple[str, ...] = PROFILES
    extra: dict[str, Any] = field(default_factory=dict)


def exposure(minutes: float, **values: float) -> Exposure:
    return Exposure(kind="exposure", at_min=0, duration_min=minutes, **values)


def fault(kind: str, magnitude: float, minutes: float, at_min: float = 0.0) -> Fault:
    return Fault(kind="fault", at_min=at_min, fault=kind, magnitude=magnitude, duration_min=minutes)


def rest(r: random.Random) -> Story:
    return Story("none", "rest", rest_after_min=r.choice([120, 360, 1440]))


def tub(r: random.Random) -> Story:
    minutes = r.uniform(15, 40)
    skin_c = r.uniform(38.5, 42.0)
    return Story("heat", "hot tub", [exposure(minutes, skin_c=skin_c, core_c=37 + minutes * r.uniform(0.02, 0.05))])


def sauna(r: random.Random) -> Story:
    minutes = r.uniform(10, 20)
    return Story(
        "heat", "sauna", [exposure(minutes, skin_c=r.uniform(40, 42), core_c=37 + minutes * r.uniform(0.03, 0.053))]
    )


def pad(r: random.Random) -> Story:
    return Story("heat", "heating pad", [exposure(r.uniform(30, 90), skin_c=r.uniform(40, 42), core_c=37.0)])


def fever(r: random.Random) -> Story:
    minutes = r.uniform(240, 900)
    values = {"skin_c": r.uniform(35.5, 36.5), "core_c": r.uniform(38.3, 39.5), "core_ramp_min": r.uniform(50, 90)}
    return Story("heat", "fever", [exposure(minutes, **values)], rest_after_min=90)


def exercise(r: random.Random) -> Story:
    return Story(
        "heat", "exercise", [exposure(r.uniform(40, 75), skin_c=r.uniform(34.9, 35.5), core_c=r.uniform(38.0, 38.7))]
    )


def plunge(r: random.Random) -> Story:
    return Story(
        "cold", "cold plunge", [exposure(r.uniform(6, 15), skin_c=r.uniform(8, 18), core_c=r.uniform(36.6, 36.9))]
    )


def activation(r: random.Random) -> Story:
    start = {"pump_c": r.uniform(20, 26)}
    return Story("cold", "activation", start=start, rest_before_min=0.0, rest_after_min=180, places=("water", "skin"))


def altitude(r: random.Random) -> Story:
    event = exposure(r.uniform(60, 400), altitude_m=r.uniform(1500, 3000))
    return Story("altitude or depth", "altitude", [event], barometer=True)


def dive(r: random.Random) -> Story:
    event = exposure(r.uniform(20, 50), depth_m=r.uniform(3, 20))
    return Story("altitude or depth", "dive", [event], barometer=True)


def near_empty(r: random.Random) -> Story:
    return Story(
        "near-empty",
        "run dry",
        start={"fill_ml": r.uniform(0.5, 0.9)},
        rest_before_min=0.0,
        rest_after_min=r.choice([900, 1500]),
    )


def over_capacity(r: random.Random) -> Story:
    extra = {"filled_nl": round(r.uniform(30.5e6, 33e6)), "judged_s": (300.0, 1e9)}
    return Story("over-fill", "filled above capacity", rest_after_min=r.choice([120, 600]), extra=extra)


def more_than_declared(r: random.Random) -> Story:
    declared_ml = r.uniform(0.3, 0.6)
    start = {"fill_ml": declared_ml + r.uniform(1.5, 3.0)}
    extra = {"filled_nl": round(declared_ml * 1e6), "judged_s": (declared_ml * 72000 + 20000, 1e9)}
    return Story("over-fill", "more than declared", start=start, rest_before_min=0.0, rest_after_min=1800, extra=extra)


def occlusion(r: random.Random) -> Story:
    return Story(
        "occlusion, sudden",
        "occlusion",
        [fault("occlusion", r.choice([1.0, 1.0, r.uniform(0.4, 1.0)]), r.uniform(60, 240))],
    )


def occlusion_in_tub(r: random.Random) -> Story:
    bath = exposure(40.0, skin_c=r.uniform(39, 42), core_c=37 + 40 * r.uniform(0.02, 0.05))
    event = fault("occlusion", r.uniform(0.6, 1.0), r.uniform(60, 120), at_min=r.uniform(10, 35))
    return Story("occlusion, sudden", "occlusion in a hot tub", [bath, event])


def creeping(r: random.Random) -> Story:
    steps, hours, last = r.randint(8, 40), r.uniform(6, 48), r.uniform(0.35, 0.9)
    each = hours * 60 / steps
    events = [
        fault("occlusion", last * (n + 1) / steps, each if n + 1 < steps else each + 240, n * each)
        for n in range(steps)
    ]
    return Story("occlusion, creeping", "creeping occlusion", events, rest_after_min=0.0)


def loose(r: random.Random) -> Story:
    profiles = tuple(name for name in PROFILES if name not in ("r114", "r11-low"))
    event = fault("catheter_loose", r.uniform(0.85, 1.0), r.uniform(90, 300))
    return Story("catheter loose", "catheter loose", [event], profiles=profiles)


def wrong_fluid(r: random.Random) -> Story:
    events = [
        Refill(kind="refill", at_min=0, volume_ml=30.0),
        Fluid(kind="fluid", at_min=0, fluid="glycerol", glycerol_fraction=r.uniform(0.15, 0.5)),
    ]
    return Story("wrong fluid", "glycerol, and drug is declared", events, rest_after_min=240, extra={"refilled": True})


def drug_for_glycerol(r: random.Random) -> Story:
    fraction = r.uniform(0.2, 0.5)
    events = [Refill(kind="refill", at_min=0, volume_ml=30.0), Fluid(kind="fluid", at_min=0, fluid="drug")]
    start = {"fluid": "glycerol", "glycerol_fraction": fraction}
    extra = {"refilled": True, "fluid": ("glycerol", fraction)}
    return Story("wrong fluid", "drug, and glycerol is declared", events, start=start, rest_after_min=240, extra=extra)


def warm_pocket(r: random.Random) -> Story:
    event = fault("warm_pocket", r.uniform(0.5, 1.0), r.uniform(240, 900))
    return Story("unknown", "warm pocket", [event], places=("water", "skin"))


def feigned_heat(r: random.Random) -> Story:
    event = exposure(r.uniform(30, 60), skin_c=r.uniform(39.5, 42), core_c=37.5)
    return Story(
        "probe elsewhere",
        "the probe alone is warm",
        rest_before_min=30,
        rest_after_min=event.duration_min + 30,
        extra={"feigned": event},
    )


SPOILS = (
    ("sensor", "probe lost"), ("sensor", "probe garbage"), ("sensor", "probe leaps"), ("sensor", "barometer lost"),
    ("sensor", "barometer wrong"), ("sensor", "volume wrong"),
    ("clock", "pump clock fast"), ("clock", "pump clock jumps"), ("clock", "readings lost"), ("clock", "late"),
)  # fmt: skip


def spoiled(r: random.Random, label: str) -> Story:
    name = r.choice([name for of, name in SPOILS if of == label])
    return Story(
        label,
        name,
        rest_before_min=30,
        rest_after_min=120,
        barometer=True if "barometer" in name else None,
        extra={"spoil": name},
    )


STORIES: dict[Callable[[random.Random], Story], int] = {  # with how many of 64 runs
    rest: 6, tub: 7, sauna: 4, pad: 4, fever: 3, exercise: 3, plunge: 3, activation: 2, altitude: 3, dive: 3,
    near_empty: 3, over_capacity: 1, more_than_declared: 2, occlusion: 4, occlusion_in_tub: 2, creeping: 3, loose: 3,
    wrong_fluid: 2, drug_for_glycerol: 1, warm_pocket: 2, feigned_heat: 3,
    lambda r: spoiled(r, "sensor"): 3, lambda r: spoiled(r, "clock"): 2,
}  # fmt: skip


def stories() -> list[Callable[[random.Random], Story]]:
    """The round in which the corpus is made; its length is a fair sample of all kinds."""
    return [story for story, count in STORIES.items() for _ in range(count)]


def cast(story: Story, r: random.Random, seed: int) -> Case:
    """A story with a pump, a body, a place, a site and instruments."""
    profile = r.choice(story.profiles)
    # where a kPa is 4 to 6 % of flow, nothing can be judged without a barometer: such rigs have one
    barometer = (
        r.random() < 0.5 or profile in TOUCHY if story.barometer is None else story.barometer or profile in TOUCHY
    )
    site_kpa = r.choice([101.325, 101.325, 96.0])
    weather_kpa = r.uniform(-2.0, 2.0)
    before_min = r.uniform(10, 60) if story.rest_before_min is None else story.rest_before_min
    scenario = Scenario(
        title=story.name, why="one run of the corpus of the monitor", statement=(1,), illustrates="one run of a corpus",
        rest_before_min=before_min, rest_after_min=story.rest_after_min, start=Start(**story.start),
        event=tuple(story.events),
        outcome=(Outcome(basis="chosen", how="labelled by the corpus"),),
    )  # fmt: skip
    extra = dict(story.extra)
    refilled = extra.pop("refilled", False)
    spoil = extra.get("spoil", "")
    whole_s = scenario.whole_min * 60
    quickest_s = max(1.0, whole_s / 6000)
    case = Case(
        label=story.label, story=story.name, scenario=scenario,
        pump=TruePump(profile, r.choice(BODIES), site_kpa + weather_kpa), place=r.choice(story.places),
        barometer=barometer, declared_site_kpa=site_kpa,
        interval_s=r.choice([s for s in (1.0, 2.0, 5.0, 10.0, 30.0) if s >= quickest_s] or [30.0]),
        meter_noise=r.choice([0.005, 0.01, 0.02]), probe_noise_c=r.choice([0.05, 0.1]),
        probe_offset_c=r.uniform(-0.3, 0.3), desk_c=r.uniform(22.0, 26.0),
        filled_nl=extra.pop("filled_nl", round(story.start.get("fill_ml", 30.0) * 1e6)), seed=seed, **extra,
    )  # fmt: skip
    if spoil:
        case.spoil_from_s, case.spoil_to_s = before_min * 60, whole_s
        case.judged_s = (case.spoil_from_s + 900.0, whole_s)
    if case.feigned is not None:
        case.judged_s = (before_min * 60 + 1500.0, before_min * 60 + case.feigned.duration_min * 60)
    case.refilled_s = before_min * 60 if refilled else None
    return case


def cases(count: int, seed: int) -> list[Case]:
    """A corpus. The same seed gives the same."""
    round_of = stories()
    found = []
    for number in range(count):
        r = random.Random(seed * 1_000_003 + number)
        # a stride that is prime to the round: a short corpus has all kinds in it
        found.append(cast(round_of[number * 29 % len(round_of)](r), r, seed * 1_000_003 + number))
    return found
