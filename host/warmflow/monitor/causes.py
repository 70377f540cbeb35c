"""The table of causes: what speaks for each, what speaks against it, and how likely it is before anything is seen.

A cause scores its weight times all that it needs times what is left by all that speaks against it. Causes explain one
part of what is seen: the instruments, a step of the flow, the pressure, or what is slow. Within a part the likeliest is
named, and its confidence is its share of all scores there; a pump may have a cause in two parts at once, and then both
are named, a fault before an exposure. The table is the whole decision; weights are set by hand, and how often a score
is right is measured (confidence.py).
"""

from typing import NamedTuple

from warmflow.monitor.confidence import NOTHING, calibrated

NONE = "none"
DOUBT = 0.04  # a score that nobody claims: with little evidence no confidence is high
LEAST_SCORE = 0.15  # below it nothing is named
INSTRUMENTS, STEP, AIR, SLOW = range(4)  # parts, the first of which that has a cause is named first
UNCLEAR = 0.8  # a confidence below is no answer
RIVAL = 0.3  # share of the likeliest: a rival above it is named with it


class Cause(NamedTuple):
    """One way to come to a cause; several rows may name the same."""

    part: int
    name: str
    title: str
    weight: float
    needs: tuple[str, ...]
    against: tuple[str, ...] = ()


CAUSES = (
    Cause(INSTRUMENTS, "clock", "clock or telemetry fault", 4.0, ("clock at fault",), ("flow has changed",)),
    Cause(INSTRUMENTS, "sensor", "sensor fault", 3.0, ("instrument at fault",)),
    Cause(INSTRUMENTS, "sensor", "sensor fault: the barometer", 2.0, ("pressure moved", "pressure contradicted")),
    Cause(INSTRUMENTS, "over-fill", "over-fill", 2.5, ("filled above capacity",)),
    Cause(INSTRUMENTS, "over-fill", "over-fill, or more than was declared", 2.5, ("more came than was filled",)),
    Cause(STEP, "near-empty", "reservoir empty", 2.5, ("level is used up", "no flow")),
    Cause(STEP, "near-empty", "reservoir empty", 2.5, ("ran low", "no flow")),
    Cause(STEP, "wrong fluid", "another fluid than declared", 1.5,
          ("stepped down", "since the fill", "as much as another fluid"), ("no flow",)),
    Cause(STEP, "wrong fluid", "another fluid than declared", 1.5,
          ("stepped up", "since the fill", "as much as another fluid")),
    Cause(STEP, "catheter loose", "catheter loose, or a leak before it", 0.9, ("stepped up", "as a loose catheter"),
          ("since the fill",)),
    Cause(STEP, "occlusion, sudden", "sudden occlusion", 1.0, ("stepped down",), ("since the fill", "ran low")),
    Cause(STEP, "occlusion, sudden", "sudden occlusion", 1.0, ("no flow", "stepped down"),
          ("level is used up", "ran low")),
    Cause(STEP, "unknown", "unknown", 0.2, ("stepped up",)),
    Cause(STEP, "unknown", "unknown", 0.1, ("stepped down",)),
    Cause(AIR, "altitude or depth", "altitude or depth", 1.5, ("pressure moved", "pressure explains it")),
    Cause(SLOW, "altitude or depth", "altitude, by its size: no barometer", 0.3,
          ("flow is high", "in minutes", "more than a loose catheter"), ("barometer fitted", "course of a body")),
    Cause(SLOW, "near-empty", "reservoir near empty", 2.0, ("level is low", "level explains it"), ("flow is high",)),
    Cause(SLOW, "near-empty", "reservoir near empty", 1.5, ("level is low", "flow is low", "slow")),
    Cause(SLOW, "probe elsewhere", "the probe is warm or cold, and the pump is not", 1.5, ("flow did not follow",)),
    Cause(SLOW, "heat", "heat exposure", 1.2, ("warm probe", "a little high", "course of a body")),
    Cause(SLOW, "cold", "cold", 1.2, ("cold probe", "a little low", "course of a body")),
    Cause(SLOW, "cold", "a cold pump warms in the body", 1.5, ("flow is low", "from the start", "recovers"),
          ("warm probe",)),
    Cause(SLOW, "occlusion, creeping", "creeping occlusion", 0.8, ("flow is low", "slow"),
          ("course of a body", "level explains it", "recovers", "level is low")),
    Cause(SLOW, "unknown", "unknown", 0.2, ("flow is high",)),
    Cause(SLOW, "unknown", "unknown", 0.2, ("flow is low",)),
    Cause(SLOW, "unknown", "a deviation since the first reading", 0.2, ("stands",)),
)  # fmt: skip
NAMES = tuple(dict.fromkeys(cause.name for cause in CAUSES))


class Verdict(NamedTuple):
    """The cause that is named, its confidence, and how the others stand."""

    name: str
    title: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]  # (name, confidence), likeliest first
    second: tuple[str, float] | None = None  # a cause that acts at the same time, and its confidence
    unclear: tuple[str, str] | tuple[()] = ()  # the two likeliest where neither is likely enough


NO_CAUSE = Verdict(NONE, "nothing to explain", NOTHING, ())


def score(cause: Cause, evidence: dict[str, float]) -> float:
    """Of one row."""
    value = cause.weight
    for name in cause.needs:
        value *= evidence[name]
    for name in cause.against:
        value *= 1.0 - evidence[name]
    return value


def decide(evidence: dict[str, float]) -> Verdict:
    """The likeliest cause, or none where nothing speaks for any."""
    parts: list[dict[str, tuple[float, str]]] = [{} for _ in range(4)]
    for cause in CAUSES:
        value = score(cause, evidence)
        if value > parts[cause.part].get(cause.name, (0.0, ""))[0]:
            parts[cause.part][cause.name] = (value, cause.title)
    found = [verdict for part in parts if (verdict := _likeliest(part)) is not None]
    if not found:
        return NO_CAUSE
    first = found[0]
    second = next(((each.name, each.confidence) for each in found[1:] if _both(first, each)), None)
    return first._replace(second=second)


def _both(first: Verdict, other: Verdict) -> bool:
    return other.name not in (first.name, "unknown", "probe elsewhere") and first.name not in ("sensor", "clock")


def _likeliest(best: dict[str, tuple[float, str]]) -> Verdict | None:
    whole = DOUBT + sum(value for value, _ in best.values())
    ranking = sorted(((name, value / whole) for name, (value, _) in best.items()), key=lambda row: -row[1])
    if not ranking or best[ranking[0][0]][0] < LEAST_SCORE:
        return None
    name, share = ranking[0]
    confidence = calibrated(name, share)
    left = (1 - confidence) / (1 - share)  # what is left is shared as the scores are
    ranking = [(name, confidence), *((other, min(left * value, confidence)) for other, value in ranking[1:])]
    title, unclear = best[name][1], ()
    if len(ranking) > 1 and confidence < UNCLEAR and ranking[1][1] > RIVAL * confidence:
        return Verdict(
            name, f"unclear: {name} or {ranking[1][0]}", confidence, tuple(ranking), None, (name, ranking[1][0])
        )
    return Verdict(name, title, confidence, tuple(ranking), None, unclear)
