"""The table of causes: what speaks for each, what speaks against it, and how likely it is before anything is seen.

A cause scores its weight times all that it needs times what is left by all that speaks against it. The confidence is
its part in the sum of all scores. Nothing here is fitted to data but the weights, and those by hand; the table is the
whole decision.
"""

from typing import NamedTuple

NONE = "none"
DOUBT = 0.04  # a score that nobody claims: with little evidence no confidence is high
LEAST_SCORE = 0.15  # below it nothing is named


class Cause(NamedTuple):
    """One way to come to a cause; several rows may name the same."""

    name: str
    title: str
    weight: float
    needs: tuple[str, ...]
    against: tuple[str, ...] = ()


CAUSES = (
    Cause("clock", "clock or telemetry fault", 4.0, ("clock at fault",)),
    Cause("sensor", "sensor fault", 3.0, ("instrument at fault",)),
    Cause("sensor", "sensor fault: the barometer", 2.0, ("pressure moved", "pressure contradicted")),
    Cause("over-fill", "over-fill", 2.5, ("filled above capacity",)),
    Cause("over-fill", "over-fill, or more than was declared", 2.5, ("more came than was filled",)),
    Cause("near-empty", "reservoir near empty", 2.0, ("level is low", "level explains it"), ("flow is high",)),
    Cause("near-empty", "reservoir empty", 2.5, ("level is used up", "no flow")),
    Cause("probe elsewhere", "the probe is warm or cold, and the pump is not", 1.5, ("flow did not follow",)),
    Cause("heat", "heat exposure", 1.2, ("warm probe", "a little high", "course of a body")),
    Cause("cold", "cold", 1.2, ("cold probe", "a little low", "course of a body")),
    Cause("cold", "a cold pump warms in the body", 1.5, ("flow is low", "from the start", "recovers"), ("warm probe",)),
    Cause("altitude or depth", "altitude or depth", 1.5, ("pressure moved", "pressure explains it")),
    Cause("altitude or depth", "altitude, by its size: no barometer", 0.6,
          ("flow is high", "sudden", "more than a loose catheter"), ("barometer fitted", "since the fill")),
    Cause("wrong fluid", "another fluid than declared", 1.5, ("flow is low", "since the fill"),
          ("no flow", "slow", "recovers")),
    Cause("wrong fluid", "another fluid than declared", 1.5, ("flow is high", "since the fill"), ("slow",)),
    Cause("catheter loose", "catheter loose, or a leak before it", 0.9, ("flow is high", "sudden"),
          ("more than a loose catheter", "since the fill", "course of a body")),
    Cause("occlusion, sudden", "sudden occlusion", 1.0, ("flow is low", "sudden"),
          ("since the fill", "course of a body")),
    Cause("occlusion, sudden", "sudden occlusion", 1.0, ("no flow", "sudden"), ("level is used up",)),
    Cause("occlusion, creeping", "creeping occlusion", 0.8, ("flow is low", "slow"),
          ("course of a body", "level explains it", "sudden", "recovers")),
    Cause("unknown", "unknown", 0.2, ("flow is high",)),
    Cause("unknown", "unknown", 0.2, ("flow is low",)),
)  # fmt: skip
NAMES = tuple(dict.fromkeys(cause.name for cause in CAUSES))


class Verdict(NamedTuple):
    """The cause that is named, its confidence, and how the others stand."""

    name: str
    title: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]  # (name, confidence), likeliest first


NO_CAUSE = Verdict(NONE, "nothing to explain", 1.0, ())


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
    best: dict[str, tuple[float, str]] = {}
    for cause in CAUSES:
        value = score(cause, evidence)
        if value > best.get(cause.name, (0.0, ""))[0]:
            best[cause.name] = (value, cause.title)
    whole = DOUBT + sum(value for value, _ in best.values())
    ranking = sorted(((name, value / whole) for name, (value, _) in best.items()), key=lambda row: -row[1])
    if not ranking or best[ranking[0][0]][0] < LEAST_SCORE:
        return NO_CAUSE
    name, confidence = ranking[0]
    return Verdict(name, best[name][1], confidence, tuple(ranking))
