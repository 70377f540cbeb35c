"""Evidence: one question each, answered with a number from 0 (no) to 1 (yes). A table, so that a person can follow a
verdict line by line. It weighs nothing: that is the table of causes.
"""

from collections.abc import Callable
from typing import NamedTuple

from warmflow.monitor.features import Features
from warmflow.monitor.fill_level import MISREAD_NL

HEAT_FLOOR = 0.015  # a warm probe makes a smaller change believable
AIR_LEAST_KPA = 3.5  # [chosen] weather does less
MARGIN = 0.03  # of the flow
LONGEST_FILL_S = 600.0
TAIL_MIN = 360.0  # nothing is left of an exposure then
STANDS = 0.10  # of the reference rate: where the flag is


class Evidence(NamedTuple):
    """A question, its answer for each situation."""

    question: str
    answer: Callable[[Features], float]


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight between; falls where high is below low."""
    share = (value - low) / (high - low)
    return 0.0 if share <= 0.0 else 1.0 if share >= 1.0 else share


def _visible(shift: float, floor: float) -> float:
    return ramp(shift, 0.9 * floor, 1.2 * floor)


def _warmth(s: Features, cold: bool) -> float:
    ago_min = s.cold_ago_min if cold else s.warm_ago_min
    if ago_min > TAIL_MIN:
        return 0.0
    return 1.0 if s.exposed and ago_min < 1.0 else ramp(s.warmth_c, 0.1, 0.25)


def _fits(s: Features) -> float:
    if not s.heat_low and not s.heat_high:
        return 0.0
    return ramp(_outside(s), 2.5 * MARGIN, MARGIN)


def _outside(s: Features) -> float:
    # how far the slow change lies outside of what the probe can explain
    low, high = 0.5 * s.heat_low if s.heat_low > 0 else 1.1 * s.heat_low, s.heat_high
    high = 1.1 * high if high > 0 else 0.5 * high
    return max(low - s.slow, s.slow - high, 0.0)


def _explained_alone(part: float, s: Features) -> float:
    """The measured change is of the size that `part` gives; what warmth explains is no contradiction."""
    if abs(part) < 0.02:
        return 0.0
    left = _outside(s) if s.exposed else abs(s.slow)
    return ramp(left / abs(part), 0.6, 0.35)


def _contradicted(part: float, s: Features) -> float:
    """`part` should have changed the flow, and it has not changed."""
    if abs(part) < 0.05:
        return 0.0
    return ramp(abs(s.total) / abs(part), 0.5, 0.3) * ramp(abs(part), 0.05, 0.08)


def _stepped(s: Features, sign: float) -> float:
    return ramp(sign * s.step, 0.025, 0.04)


def _slow(s: Features) -> float:
    if s.step or (s.rise.from_start and not s.rise.seconds):
        return 0.0
    return ramp(s.rise.seconds, 900.0, 3600.0)


def _in_minutes(s: Features) -> float:
    # as a cabin or a road climbs
    if s.step or s.rise.from_start:
        return 0.0
    return ramp(s.rise.seconds, 60.0, 120.0) * ramp(s.rise.seconds, 900.0, 600.0)


def _at_fill(s: Features) -> float:
    if s.filled_s is None or s.stepped_s is None:
        return 0.0
    near_s = min(2 * s.resolution_s + 120.0, LONGEST_FILL_S)
    return ramp(abs(s.stepped_s - s.filled_s), 1.5 * near_s, near_s)


def _recovers(s: Features) -> float:
    # in ten minutes a pump that warms comes at least some per cent of the way
    away = max(abs(s.slow_mean), s.floor)
    return ramp(s.recovers / away, 0.02, 0.06) * ramp(s.recovers, 0.005, 0.015)


def _flow_unmoved(s: Features) -> float:
    expected = s.heat_low if s.heat_low > 0 else -min(s.heat_high, 0.0)
    if expected < 0.012 or s.undecided:
        return 0.0
    sign = 1.0 if s.heat_low > 0 else -1.0
    moved = max(sign * s.slow_mean, sign * s.slow) / expected
    least = 0.012 + 3 * s.noise
    return ramp(moved, 0.55, 0.35) * ramp(expected, least, least + 0.006) * ramp(moved, -3.0, -1.5)


def _as_loose(s: Features) -> float:
    # compared with the size that this fault has, not with the sum of all changes
    most = 1.3 * s.loose_shift + 0.02
    return ramp(s.step, 0.3 * s.loose_shift, 0.5 * s.loose_shift) * ramp(s.step, most + 0.03, most)


def _is_low_level(s: Features) -> float:
    return ramp(s.level_nl, 1.2e6, 0.8e6)


EVIDENCE: dict[str, Evidence] = {
    "flow is high": Evidence(
        "more flow than at rest, by more than noise and weather", lambda s: _visible(s.slow, s.floor)
    ),
    "flow is low": Evidence(
        "less flow than at rest, by more than noise and weather", lambda s: _visible(-s.slow, s.floor)
    ),
    "flow has changed": Evidence(
        "the flow is not that at rest", lambda s: max(_visible(abs(s.slow), s.floor), ramp(abs(s.step), 0.025, 0.04))
    ),
    "a little high": Evidence(
        "more flow than at rest, by more than noise", lambda s: _visible(s.slow_mean, HEAT_FLOOR)
    ),
    "a little low": Evidence(
        "less flow than at rest, by more than noise", lambda s: _visible(-s.slow_mean, HEAT_FLOOR)
    ),
    "no flow": Evidence("next to nothing flows", lambda s: ramp(s.flow_ratio, 0.08, 0.03)),
    "warm probe": Evidence("the probe is, or was lately, warmer than at rest", lambda s: _warmth(s, False)),
    "cold probe": Evidence("the probe is, or was lately, colder than at rest", lambda s: _warmth(s, True)),
    "probe explains it": Evidence("the flow is where some body in this exposure would have it", _fits),
    "course of a body": Evidence(
        "the flow has followed the probe as a pump in a pocket does", lambda s: _fits(s) * ramp(s.misfit, 0.9, 0.5)
    ),
    "flow did not follow": Evidence("any body would have changed the flow, and it has not", _flow_unmoved),
    "stepped up": Evidence("it rose between two readings", lambda s: _stepped(s, 1.0)),
    "stepped down": Evidence("it fell between two readings", lambda s: _stepped(s, -1.0)),
    "slow": Evidence("it came over an hour or more", _slow),
    "in minutes": Evidence("it came as a cabin climbs, in minutes", _in_minutes),
    "from the start": Evidence("it was so when the monitor began", lambda s: 1.0 if s.rise.from_start else 0.0),
    "stands": Evidence(
        "it has stood like this since the first readings", lambda s: ramp(abs(s.stands), STANDS - 0.02, STANDS)
    ),
    "recovers": Evidence("it gets less by itself, as a pump warms", _recovers),
    "since the fill": Evidence("it came with the fill", _at_fill),
    "as much as another fluid": Evidence(
        "as much as a tenth of glycerol, or more", lambda s: ramp(abs(s.step), 0.10, 0.16)
    ),
    "pressure moved": Evidence(
        "the barometer is away from the site by more than weather",
        lambda s: 0.0 if s.air_kpa is None else ramp(abs(s.air_kpa), AIR_LEAST_KPA - 1.0, AIR_LEAST_KPA),
    ),
    "pressure explains it": Evidence("the measured pressure explains the change", lambda s: _explained_alone(s.air, s)),
    "pressure contradicted": Evidence(
        "the barometer moved, and the flow should have followed", lambda s: _contradicted(s.air, s)
    ),
    "barometer fitted": Evidence("the pressure is measured", lambda s: 0.0 if s.air_kpa is None else 1.0),
    "as a loose catheter": Evidence("as much as an outlet without back-pressure gives", _as_loose),
    "more than a loose catheter": Evidence(
        "more than an outlet without back-pressure gives",
        lambda s: ramp(s.slow, s.loose_shift + 0.02, s.loose_shift + 0.06),
    ),
    "level is low": Evidence("the declared level is in its last millilitre", _is_low_level),
    "ran low": Evidence(
        "the flow had fallen off as a reservoir that runs dry",
        lambda s: ramp(-s.reservoir, 0.7, 1.2) * _is_low_level(s),
    ),
    "level is used up": Evidence(
        "by the declared fill nothing is left", lambda s: ramp(s.level_nl, 300_000.0, 100_000.0)
    ),
    "level explains it": Evidence(
        "the fall-off of the last half millilitre explains it", lambda s: _explained_alone(s.reservoir, s)
    ),
    "more came than was filled": Evidence("it flows on where the declared fill is used up", lambda s: _flows_on(s)),
    "filled above capacity": Evidence(
        "more was filled than the reservoir holds", lambda s: ramp(s.filled_nl - s.capacity_nl, 0.0, 100_000.0)
    ),
    "instrument at fault": Evidence("probe, barometer or meter give readings that cannot be", lambda s: s.sensor),
    "clock at fault": Evidence("clocks or the sequence of readings do not agree", lambda s: s.clock),
}


def _flows_on(s: Features) -> float:
    # by more than the error of reading a fill, and as at rest
    used = ramp(-s.level_nl, 0.8 * MISREAD_NL, 1.1 * MISREAD_NL)
    return used * ramp(s.flow_ratio, 0.5, 0.7)


def weigh(features: Features) -> dict[str, float]:
    """All answers, by name."""
    return {name: row.answer(features) for name, row in EVIDENCE.items()}
