"""What readings, diagnoses and links say of each alarm: a level, a cause and a sentence. Pure; it keeps nothing.

A condition is not an alarm: that it holds long enough, and what people do about it, is the book's matter.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from pumplink.codes import Status
from warmflow.device.states import REMEDIES, LinkState
from warmflow.device.updates import Assessed, LinkStatus
from warmflow.monitor import Diagnosis, Finding, Level, Rig

NEAR_EMPTY_DAYS = {Level.NOTICE: 3.0, Level.ACT: 1.0, Level.URGENT: 0.0}  # [chosen] left at the reference rate
LOST = {
    state: Level.ACT
    for state in (
        LinkState.SILENT, LinkState.AT_PROMPT, LinkState.WRONG_VERSION, LinkState.NOT_FOUND, LinkState.BUSY,
        LinkState.DENIED, LinkState.PORT_LOST, LinkState.MISMATCH,
    )
} | {LinkState.CRC_STORM: Level.NOTICE, LinkState.OK: Level.NORMAL, LinkState.NO_READINGS: Level.NORMAL}  # fmt: skip
WITHOUT_READINGS = (LinkState.NO_READINGS, LinkState.MISMATCH)
FAULTY = 0.5  # of the evidence that an instrument or a clock is at fault
DIRECTION = {1: "up", -1: "down"}
Figures = tuple[tuple[str, float], ...]


class Condition(NamedTuple):
    """Of one alarm at a time. likely: the diagnosis, in words. sure: False where a monitor that began lately could not
    know better, so that nothing is over because of it.
    """

    id: str
    level: Level = Level.NORMAL
    cause: str = ""
    text: str = ""
    at: datetime | None = None
    figures: Figures = ()
    likely: str = ""
    sure: bool = True

    def differs(self, other: "Condition") -> bool:
        """More than in its numbers."""
        return (self.level, self.cause, self.likely) != (other.level, other.cause, other.likely)


def rate(finding: Finding, diagnosis: Diagnosis | None, at: datetime) -> Condition:
    """The rate flag, with what the diagnosis takes for its cause."""
    likely = likely_cause(diagnosis) if finding.level and diagnosis else ""
    size = f"{abs(100 * finding.deviation):.0f} % {'above' if finding.deviation > 0 else 'below'} the reference rate"
    if finding.level:
        by_probe = {
            "heat": f"the probe's warmth explains {100 * finding.expected:+.0f} %",
            "cold": f"the probe's cold explains {100 * finding.expected:+.0f} %",
        }.get(finding.cause, "the probe's temperature does not explain it")
        text = f"Flow is {size}; {by_probe}." + (f" Likely: {likely}." if likely else "")
    else:
        text = f"Flow is within limits ({size})."
    figures = (
        ("deviation_percent", round(100 * finding.deviation, 1)),
        ("explained_by_probe_percent", round(100 * finding.expected, 1)),
        ("pump_time_s", finding.pump_time_ms / 1000),
    )
    return Condition("rate", finding.level, finding.cause, text, at, figures, likely)


def likely_cause(diagnosis: Diagnosis) -> str:
    """`heat exposure (hot tub or sauna)`; "" where nothing is to explain."""
    if diagnosis.cause == "none":
        return ""
    return diagnosis.title + (f" ({diagnosis.kind})" if diagnosis.kind else "")


def judged(update: Assessed) -> Iterator[Condition]:
    """All that is looked at once a second."""
    diagnosis, at = update.assessment.diagnosis, update.utc
    yield dose(diagnosis, at)
    yield near_empty(update)
    yield drift(diagnosis, at)
    evidence = dict(diagnosis.evidence)
    for name, cause, question, cleared in (
        ("instrument", "sensor", "instrument at fault", "The instruments agree."),
        ("telemetry", "clock", "clock at fault", "Readings are on time."),
    ):
        there = diagnosis.cause == cause or evidence.get(question, 0.0) >= FAULTY
        what = (diagnosis.instruments or "the readings contradict one another") if there else ""
        yield Condition(name, Level(there), what, f"{_sentence(what)}." if what else cleared, at)


def dose(diagnosis: Diagnosis, at: datetime) -> Condition:
    """Cumulative over the fill. A monitor that came later than the fill does not know that all is well."""
    found = diagnosis.dose
    percent = 100 * found.deviation
    figures = (("dose_percent", round(percent, 3)), ("extra_ul", round(found.extra_nl / 1000, 1)))
    counted = "since the fill" if found.whole else "since the monitor began, which was after the fill"
    text = f"{percent:+.1f} % of 14 days at the reference rate, {counted}."
    cause = ("too much" if percent > 0 else "too little") if found.level else ""
    return Condition("dose", found.level, cause, text, at, figures, sure=found.whole or bool(found.level))


def usable_nl(rig: Rig, metered_nl: int) -> int:
    """What can still come, by what was declared to be filled and what was metered since. Below 0 where more came than
    there was. A rig declares what it can give: the residual volume that no pump pushes out is no part of it.
    """
    return rig.filled_nl - (metered_nl - rig.metered_at_fill_nl)


def near_empty(update: Assessed) -> Condition:
    """At the reference rate."""
    rig, measured, finding, _ = update.assessment
    left_nl = usable_nl(rig, measured.volume_nl)
    days = left_nl / finding.reference_flow_nl_h / 24
    level = max((level for level, least in NEAR_EMPTY_DAYS.items() if days <= least), default=Level.NORMAL)
    text = f"{max(left_nl, 0) / 1e6:.1f} mL can still come, for {max(days, 0):.1f} days at the reference rate."
    figures = (("days_left", round(days, 2)), ("usable_ml", round(left_nl / 1e6, 3)))
    cause = {Level.NORMAL: "", Level.URGENT: "used up, by the declared fill"}.get(level, "refill is due")
    return Condition("near-empty", level, cause, text, update.utc, figures)


def drift(diagnosis: Diagnosis, at: datetime) -> Condition:
    """By CUSUM: what nothing measured explains."""
    way = DIRECTION.get(diagnosis.drift, "")
    likely = likely_cause(diagnosis) if way else ""
    text = f"The flow drifts {way}, and nothing measured explains it." if way else "The flow is steady."
    figures = (("unexplained_percent", round(100 * diagnosis.shares.unexplained, 1)),)
    return Condition("drift", Level(bool(way)), f"drifts {way}" if way else "", text, at, figures, likely)


def probe(status: int, at: datetime) -> Condition:
    """Whether the board gets readings from its probe."""
    lost = bool(status & Status.PROBE_FAULT)
    text = "The probe gives no valid reading." if lost else "The probe gives valid readings."
    return Condition("probe", Level(lost), "no valid reading" if lost else "", text, at)


def link(update: LinkStatus) -> Condition | None:
    """None for a state that says nothing: a port that is just opened, a daemon that stops."""
    level = LOST.get(update.state)
    if level is None:
        return None
    word = update.state.value
    text = f"{_sentence(word)}: {update.detail or REMEDIES[update.state]}." if level else "The board answers."
    return Condition("link", level, word if level else "", text, update.since)


def telemetry(update: LinkStatus) -> Condition | None:
    """None for a link that does not lack readings; that they come again is seen by what they say (`judged`)."""
    if update.state not in WITHOUT_READINGS:
        return None
    word = update.state.value
    text = f"{_sentence(word)}: {update.detail or REMEDIES[update.state]}."
    return Condition("telemetry", Level.NOTICE, word, text, update.since)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
