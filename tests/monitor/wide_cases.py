"""Labelled rigs that nobody tuned for: bodies, desks, meters and probes as wide as the domain file allows, by family.

A family draws what happens; `cast` draws the rig around it. Body, offsets, gains, weather and the true fill are told to
nobody. Families in HELD_OUT are never looked at while the monitor is changed: they and the seeds from 1000 on judge it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from wide_physics import REST_CORE_C, Body, Exposure

HEAT, COLD = "heat", "cold"
NOISE_OF = (0.005, 0.01, 0.02, 0.04)


AVERAGE = Body(0.25, 1200.0)


@dataclass(frozen=True)
class Change:
    """What else acts on the flow. `kind`: occlusion, loose, fluid, pressure (kPa), pocket (degC)."""

    kind: str
    from_s: float
    to_s: float
    size: float
    ramp_s: float = 0.0  # until it is all there


@dataclass(frozen=True)
class Instruments:
    """Meter, probe, barometer and link as they are."""

    interval_s: float = 1.0
    noise: float = 0.01
    gain: float = 1.0
    drift_a_day: float = 0.0
    count_nl: float = 1.0
    dead_s: float = 0.0
    zeros: float = 0.0  # share of the readings that are a lone 0
    offset_c: float = 0.0
    lag_s: float = 10.0
    probe_noise_c: float = 0.05
    barometer: bool = False


@dataclass
class Case:
    """One run. `causes`: what is to be named, the larger effect first; `judged_s`: None where the effect is large."""

    family: str
    causes: tuple[str, ...]
    exposures: list[Exposure] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    length_s: float = 7200.0
    starts_s: float = 0.0  # readings begin so late
    silence_s: tuple[float, float] | None = None
    start_c: float | None = None
    filled_nl: float = 30e6
    declared_nl: float = 30e6
    refilled_s: float | None = None
    feigned: bool = False  # only the probe feels the exposures
    spoil: str = ""
    judged_s: tuple[float, float] | None = None
    places: tuple[str, ...] = ("water", "skin", "pump")
    barometer: bool | None = None
    seldom: bool = False  # long enough for a reading in ten minutes
    fills: tuple[str, ...] = ("r11", "r11", "n-butane", "n-butane", "r114")
    seed: int = 0
    body: Body = AVERAGE
    fill: str = "r11"
    place: str = "water"
    desk_c: float = 23.0
    weather_kpa: float = 0.0
    weather_day_kpa: float = 0.0
    instruments: Instruments = Instruments()


def _before(r: random.Random) -> float:
    return r.uniform(600, 2400)


def _bath(
    r: random.Random, at_s: float, minutes: tuple[float, float], skin_c: tuple[float, float], core: tuple[float, float]
) -> Exposure:
    return Exposure(at_s, at_s + 60 * r.uniform(*minutes), r.uniform(*skin_c), r.uniform(*core))


def rest(r: random.Random) -> Case:
    return Case("rest", ("none",), length_s=r.choice((7200, 21600)))


def tub(r: random.Random) -> Case:
    at_s = _before(r)
    return Case("tub", (HEAT,), [_bath(r, at_s, (15, 45), (38.3, 42), (0.02, 0.053))], length_s=at_s + 5400)


def sauna(r: random.Random) -> Case:
    at_s = _before(r)
    return Case("sauna", (HEAT,), [_bath(r, at_s, (10, 20), (39.5, 42), (0.03, 0.053))], length_s=at_s + 3600)


def pad(r: random.Random) -> Case:
    at_s = _before(r)
    return Case("pad", (HEAT,), [_bath(r, at_s, (25, 80), (39.5, 42), (0, 0))], length_s=at_s + 6000)


def seat(r: random.Random) -> Case:
    at_s = _before(r)
    return Case(
        "seat heater",
        (HEAT,),
        [_bath(r, at_s, (40, 90), (37, 39), (0, 0.003))],
        length_s=at_s + 7200,
        places=("water", "skin"),
    )


def fever(r: random.Random) -> Case:
    at_s = _before(r)
    event = Exposure(
        at_s, at_s + 3600 * r.uniform(5, 12), r.uniform(35.6, 36.8), r.uniform(0.015, 0.035), r.uniform(38.3, 39.6)
    )
    return Case("fever", (HEAT,), [event], length_s=event.to_s + 1800, places=("skin", "pump"), seldom=True)


def exercise(r: random.Random) -> Case:
    at_s = _before(r)
    return Case(
        "exercise",
        (HEAT,),
        [_bath(r, at_s, (35, 70), (35.8, 36.6), (0.02, 0.035))],
        length_s=at_s + 6000,
        places=("skin", "pump"),
    )


def plunge(r: random.Random) -> Case:
    at_s = _before(r)
    return Case("plunge", (COLD,), [_bath(r, at_s, (8, 18), (8, 17), (-0.02, 0))], length_s=at_s + 3600)


def activation(r: random.Random) -> Case:
    return Case("activation", (COLD,), length_s=7200, start_c=r.uniform(20, 27), places=("water", "skin"))


def altitude(r: random.Random) -> Case:
    at_s = _before(r)
    low = Change("pressure", at_s, at_s + r.uniform(3600, 9000), -r.uniform(14, 28), r.uniform(300, 1200))
    return Case("altitude", ("altitude or depth",), changes=[low], length_s=low.to_s, barometer=True)


def dive(r: random.Random) -> Case:
    at_s = _before(r)
    deep = Change("pressure", at_s, at_s + r.uniform(1200, 2400), r.uniform(20, 120), 60)
    return Case("dive", ("altitude or depth",), changes=[deep], length_s=deep.to_s + 900, barometer=True)


def near_empty(r: random.Random) -> Case:
    declared = r.uniform(0.3e6, 0.8e6)
    return Case(
        "near-empty",
        ("near-empty",),
        length_s=86400,
        declared_nl=declared,
        filled_nl=declared + r.uniform(-0.2e6, 0.35e6),
        seldom=True,
    )


def occlusion(r: random.Random) -> Case:
    at_s = _before(r)
    full = r.choice((1.0, r.uniform(0.3, 0.97)))
    return Case(
        "occlusion",
        ("occlusion, sudden",),
        changes=[Change("occlusion", at_s, 1e9, full)],
        length_s=at_s + r.uniform(3600, 10800),
        seldom=False,
    )


def creeping(r: random.Random) -> Case:
    at_s = _before(r)
    hours = r.uniform(4, 24)
    return Case(
        "creeping",
        ("occlusion, creeping",),
        changes=[Change("occlusion", at_s, 1e9, r.uniform(0.4, 0.9), hours * 3600)],
        length_s=at_s + hours * 3600 + 3600,
        seldom=True,
    )


def loose(r: random.Random) -> Case:
    at_s = _before(r)
    return Case(
        "loose",
        ("catheter loose",),
        changes=[Change("loose", at_s, 1e9, r.uniform(0.8, 1.0))],
        length_s=at_s + r.uniform(3600, 9000),
        fills=("r11",),
    )


def wrong_fluid(r: random.Random) -> Case:
    at_s = _before(r)
    thick = Change("fluid", at_s, 1e9, r.uniform(0.10, 0.5))
    return Case("wrong fluid", ("wrong fluid",), changes=[thick], length_s=at_s + 10800, refilled_s=at_s)


def warm_pocket(r: random.Random) -> Case:
    at_s = _before(r)
    return Case(
        "warm pocket",
        ("unknown",),
        changes=[Change("pocket", at_s, 1e9, r.uniform(1.0, 2.0))],
        length_s=at_s + 14400,
        places=("water", "skin"),
        fills=("r11",),
        seldom=True,
    )


def probe_alone(r: random.Random) -> Case:
    at_s = _before(r)
    event = _bath(r, at_s, (40, 70), (39.5, 42), (0.02, 0.03))
    return Case(
        "probe alone",
        ("probe elsewhere",),
        [event],
        length_s=event.to_s,
        feigned=True,
        judged_s=(at_s + 1500, event.to_s),
    )


def standing(r: random.Random) -> Case:
    low = Change("occlusion", -1e9, 1e9, r.uniform(0.25, 0.45))
    return Case(
        "standing", ("unknown",), changes=[low], length_s=10800, judged_s=(1200, 10800), places=("water", "skin")
    )


def stands_and_tub(r: random.Random) -> Case:
    found = tub(r)
    low = Change("occlusion", -1e9, 1e9, r.uniform(0.12, 0.2))
    return replace(found, family="standing, then tub", changes=[low], places=("water", "skin"), fills=("r11",))


def spoiled(r: random.Random) -> Case:
    cause, spoil = r.choice(
        (
            ("sensor", "probe lost"),
            ("sensor", "probe garbage"),
            ("sensor", "volume wrong"),
            ("clock", "late"),
            ("clock", "lost"),
        )
    )
    return Case("spoiled", (cause,), length_s=7200, spoil=spoil, judged_s=(2700, 7200))


def tub_and_occlusion(r: random.Random) -> Case:
    found = tub(r)
    bath = found.exposures[0]._replace(to_s=found.exposures[0].from_s + 2400)
    event = Change("occlusion", bath.from_s + r.uniform(600, 1800), 1e9, r.uniform(0.5, 0.95))
    return replace(
        found,
        family="tub and occlusion",
        causes=("occlusion, sudden", HEAT),
        exposures=[bath],
        changes=[event],
        judged_s=(event.from_s + 240, bath.to_s + 300),
    )


def tub_and_loose(r: random.Random) -> Case:
    found = tub_and_occlusion(r)
    event = Change("loose", found.changes[0].from_s, 1e9, 1.0)
    return replace(found, family="tub and loose", causes=("catheter loose", HEAT), changes=[event], fills=("r11",))


def flight_and_pad(r: random.Random) -> Case:
    found = altitude(r)
    low = found.changes[0]
    warm = Exposure(low.from_s + low.ramp_s, low.to_s, r.uniform(40, 42), 0)
    return replace(
        found,
        family="flight and pad",
        causes=("altitude or depth", HEAT),
        exposures=[warm],
        judged_s=(warm.from_s + 1500, warm.to_s),
        fills=("r11",),
        places=("skin", "water"),
    )


def late(make: Callable[[random.Random], Case]) -> Callable[[random.Random], Case]:
    """The monitor begins after the event has, or hears nothing for a while in it."""

    def made(r: random.Random) -> Case:
        found = make(r)
        begins = [event.from_s for event in found.exposures] + [change.from_s for change in found.changes]
        return replace(found, family=found.family + ", silence", silence_s=(begins[0] + 900, begins[0] + 2100))

    return made


def sauna_and_plunge(r: random.Random) -> Case:
    found = sauna(r)
    hot = found.exposures[0]
    cold = Exposure(hot.to_s + 60, hot.to_s + 60 + r.uniform(180, 300), r.uniform(9, 15), 0.0)
    return replace(found, family="sauna and plunge", exposures=[hot, cold], judged_s=(hot.from_s + 600, hot.to_s))


def drug_for_less(r: random.Random) -> Case:
    found = wrong_fluid(r)
    return replace(found, family="wrong fluid, thin", changes=[replace(found.changes[0], size=0.10)])


TUNED: dict[Callable[[random.Random], Case], int] = {
    rest: 5, tub: 6, sauna: 3, pad: 4, seat: 3, fever: 3, exercise: 3, plunge: 3, activation: 2, altitude: 2, dive: 2,
    near_empty: 3, occlusion: 5, creeping: 3, loose: 3, wrong_fluid: 3, warm_pocket: 1, probe_alone: 3, standing: 2,
    stands_and_tub: 2, spoiled: 3, tub_and_occlusion: 3, tub_and_loose: 1, late(occlusion): 1,
}  # fmt: skip
HELD_OUT: dict[Callable[[random.Random], Case], int] = {
    flight_and_pad: 1, sauna_and_plunge: 1, late(tub): 1, late(fever): 1, drug_for_less: 1,
}  # fmt: skip


def cast(case: Case, r: random.Random, seed: int) -> Case:
    """The rig around what happens. Raises nothing: every case can be recorded."""
    deep = r.uniform(0.07, 0.45)
    tau_min = min(max(34 - 50 * deep + r.uniform(-6, 6), 10.0), 35.0)
    intervals = [s for s in (0.1, 1.0, 1.0, 6.0, 10.0, 10.0, 30.0, 60.0) if 300 < case.length_s / s < 24000]
    interval_s = 600.0 if case.seldom and r.random() < 0.15 else r.choice(intervals)
    if interval_s < 1 and case.length_s > 3000:
        interval_s = 2.0
    meter = r.random()
    count_nl = r.choice((100.0, 500.0)) if meter < 0.12 and interval_s >= 1 and not case.spoil else 1.0
    barometer = r.random() < 0.4 if case.barometer is None else case.barometer
    instruments = Instruments(
        interval_s, r.choice(NOISE_OF), 1 + r.uniform(-0.03, 0.03), r.uniform(-0.005, 0.005), count_nl,
        r.choice((0.0, 0.0, 20.0)), 0.0005 if r.random() < 0.15 else 0.0, r.uniform(-0.4, 0.4),
        r.choice((5.0, 10.0, 30.0, 60.0, 90.0)), r.choice((0.03, 0.1)), barometer,
    )  # fmt: skip
    skin_c = min(max(r.gauss(34.0, 0.8), 31.0), 35.0)
    resting = replace(case, exposures=[_shifted(event, skin_c) for event in case.exposures])
    return replace(
        resting, seed=seed, body=Body(deep, 60 * tau_min, skin_c, r.uniform(0, 0.35), r.uniform(0, 86400)),
        fill=r.choice(case.fills), place=r.choice(case.places), desk_c=r.uniform(18, 27),
        weather_kpa=r.uniform(-1.5, 1.5), weather_day_kpa=r.uniform(0, 0.8), instruments=instruments,
    )  # fmt: skip


def _shifted(event: Exposure, skin_c: float) -> Exposure:
    # a fever or an exercise is a skin warmer than this body's own
    return event._replace(skin_c=event.skin_c + skin_c - 34.0) if event.skin_c < 37 and event.skin_c > 30 else event


def cases(count: int, seed: int, held_out: bool = False) -> list[Case]:
    """A corpus; the same seed gives the same. `held_out`: all families, else those that may be looked at."""
    families = [make for make, times in (TUNED | HELD_OUT if held_out else TUNED).items() for _ in range(times)]
    found = []
    for number in range(count):
        own = seed * 1_000_003 + number
        r = random.Random(own)
        found.append(cast(families[number * 29 % len(families)](r), r, own))
    return found


def rest_day(seed: int, interval_s: float = 10.0) -> Case:
    """A day at rest, with lone zeros or a drop counter in half of them."""
    r = random.Random(seed)
    found = cast(Case("rest", ("none",), length_s=86400, places=("skin", "pump")), r, seed)
    made = replace(
        found.instruments,
        interval_s=interval_s,
        count_nl=r.choice((1.0, 1.0, 1.0, 500.0)),
        zeros=r.choice((0.0, 0.0, 0.0005)),
    )
    return replace(found, instruments=made)


__all__ = ["HELD_OUT", "REST_CORE_C", "TUNED", "Case", "Change", "Instruments", "cases", "cast", "rest_day"]
