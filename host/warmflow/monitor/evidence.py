"""Evidence: one question each, answered with a number from 0 (no) to 1 (yes). A table, so that a person can follow a
verdict line by line. It weighs nothing: that is the table of causes.
"""

from collections.abc import Callable
from typing import NamedTuple

from warmflow.monitor.features import Situation

HEAT_FLOOR = 0.015  # a warm probe makes a smaller change believable
AIR_LEAST_KPA = 3.5  # [chosen] weather does less
MARGIN = 0.03  # of the flow
LONGEST_FILL_S = 600.0


class Evidence(NamedTuple):
    """A question, its answer for each situation."""

    question: str
    answer: Callable[[Situation], float]


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight between; falls where high is below low."""
    share = (value - low) / (high - low)
    return 0.0 if share <= 0.0 else 1.0 if share >= 1.0 else share


def _visible(shift: float, floor: float) -> float:
    return ramp(shift, 0.9 * floor, 1.2 * floor)


def _warmth(s: Situation, cold: bool) -> float:
    if s.cold is not cold:
        return 0.0
    return 1.0 if s.exposed else ramp(s.warmth_c, 0.1, 0.25)


def _fits(s: Situation) -> float:
    if not s.heat_low and not s.heat_high:
        return 0.0
    # how far the change lies outside of what the probe can explain
    low, high = 0.5 * s.heat_low if s.heat_low > 0 else 1.1 * s.heat_low, s.heat_high
    high = 1.1 * high if high > 0 else 0.5 * high
    outside = max(low - s.shift, s.shift - high, 0.0)
    return ramp(outside, 2.5 * MARGIN, MARGIN)


def _explained_alone(part: float, s: Situation) -> float:
    """The measured change is of the size that `part` gives."""
    if abs(part) < 0.02:
        return 0.0
    return ramp(abs(s.shift) / abs(part), 0.6, 0.35)


def _contradicted(part: float, s: Situation) -> float:
    """`part` should have changed the flow, and it has not changed."""
    if abs(part) < 0.05:
        return 0.0
    return ramp(abs(s.total) / abs(part), 0.5, 0.3) * ramp(abs(part), 0.05, 0.08)


def _sudden(s: Situation) -> float:
    if s.rise.from_start:
        return 0.0
    res_s = s.rise.resolution_s
    return ramp(s.rise.seconds, 3.0 * res_s + 60.0, 1.5 * res_s + 20.0)


def _slow(s: Situation) -> float:
    return 0.0 if s.rise.from_start and not s.rise.seconds else ramp(s.rise.seconds, 900.0, 3600.0)


def _at_fill(s: Situation) -> float:
    if s.filled_s is None:
        return 0.0
    near_s = min(2 * s.rise.resolution_s + 120.0, LONGEST_FILL_S)
    return ramp(abs(s.rise.began_s - s.filled_s), 1.5 * near_s, near_s)


def _recovers(s: Situation) -> float:
    # in ten minutes a pump that warms comes at least some per cent of the way
    away = max(abs(s.slow_shift), s.floor)
    return ramp(s.recovers / away, 0.02, 0.06) * ramp(s.recovers, 0.005, 0.015)


def _flow_unmoved(s: Situation) -> float:
    expected = s.heat_low if s.heat_low > 0 else -min(s.heat_high, 0.0)
    if expected < 0.012:
        return 0.0
    moved = s.slow_shift / expected * (1.0 if s.heat_low > 0 else -1.0)
    return ramp(moved, 0.55, 0.35) * ramp(expected, 0.012, 0.018) * ramp(moved, -3.0, -1.5)


EVIDENCE: dict[str, Evidence] = {
    "flow is high": Evidence(
        "more flow than at rest, by more than noise and weather", lambda s: _visible(s.shift, s.floor)
    ),
    "flow is low": Evidence(
        "less flow than at rest, by more than noise and weather", lambda s: _visible(-s.shift, s.floor)
    ),
    "a little high": Evidence(
        "more flow than at rest, by more than noise", lambda s: _visible(s.slow_shift, HEAT_FLOOR)
    ),
    "a little low": Evidence(
        "less flow than at rest, by more than noise", lambda s: _visible(-s.slow_shift, HEAT_FLOOR)
    ),
    "no flow": Evidence("next to nothing flows", lambda s: ramp(s.flow_ratio, 0.08, 0.03)),
    "warm probe": Evidence("the probe is, or was lately, warmer than at rest", lambda s: _warmth(s, False)),
    "cold probe": Evidence("the probe is, or was lately, colder than at rest", lambda s: _warmth(s, True)),
    "probe explains it": Evidence("the flow is where some body in this exposure would have it", _fits),
    "course of a body": Evidence(
        "the flow has followed the probe as a pump in a pocket does", lambda s: _fits(s) * ramp(s.misfit, 0.6, 0.35)
    ),
    "flow did not follow": Evidence("any body would have changed the flow, and it has not", _flow_unmoved),
    "sudden": Evidence("it came faster than a body can warm or cool", _sudden),
    "slow": Evidence("it came over an hour or more", _slow),
    "from the start": Evidence("it was so when the monitor began", lambda s: 1.0 if s.rise.from_start else 0.0),
    "recovers": Evidence("it gets less by itself, as a pump warms", lambda s: _recovers(s)),
    "since the fill": Evidence("it began with the fill", _at_fill),
    "pressure moved": Evidence(
        "the barometer is away from the site by more than weather",
        lambda s: 0.0 if s.air_kpa is None else ramp(abs(s.air_kpa), AIR_LEAST_KPA - 1.0, AIR_LEAST_KPA),
    ),
    "pressure explains it": Evidence("the measured pressure explains the change", lambda s: _explained_alone(s.air, s)),
    "pressure contradicted": Evidence(
        "the barometer moved, and the flow should have followed", lambda s: _contradicted(s.air, s)
    ),
    "barometer fitted": Evidence("the pressure is measured", lambda s: 0.0 if s.air_kpa is None else 1.0),
    "more than a loose catheter": Evidence(
        "more than an outlet without back-pressure gives",
        lambda s: ramp(s.shift, s.loose_shift + 0.02, s.loose_shift + 0.06),
    ),
    "level is low": Evidence("the declared level is in its last millilitre", lambda s: ramp(s.level_nl, 1.2e6, 0.8e6)),
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


def _flows_on(s: Situation) -> float:
    if s.level_nl > 500_000:
        return 0.0
    return max(
        _contradicted(s.reservoir, s) * ramp(-s.reservoir, 0.1, 0.3), ramp(-s.level_nl, 100_000.0, 300_000.0)
    ) * ramp(s.flow_ratio, 0.2, 0.4)


def weigh(situation: Situation) -> dict[str, float]:
    """All answers, by name."""
    return {name: row.answer(situation) for name, row in EVIDENCE.items()}
