"""What readings, diagnoses and links say of each alarm: a level, a cause and a sentence. Pure; it keeps nothing.

A condition is not an alarm: the engine decides whether it holds long enough, and keeps what people do about it.
`judged` lists the conditions that are looked at once a second; the service asks for the others.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from pumplink.codes import Status
from warmflow.alarms.state_words import cause_name, likely_title, state_words
from warmflow.device.states import REMEDIES, LinkState
from warmflow.device.updates import Assessed, LinkStatus
from warmflow.monitor import Assessment, Diagnosis, Finding, Level, Rig
from warmflow.monitor.causes import NAMES

LOST = {
    state: Level.MEDIUM
    for state in (
        LinkState.SILENT, LinkState.AT_PROMPT, LinkState.WRONG_VERSION, LinkState.NOT_FOUND, LinkState.BUSY,
        LinkState.DENIED, LinkState.PORT_LOST, LinkState.MISMATCH,
    )
} | {LinkState.CRC_STORM: Level.LOW, LinkState.OK: Level.NORMAL, LinkState.NO_READINGS: Level.NORMAL}  # fmt: skip
WITHOUT_READINGS = (LinkState.NO_READINGS, LinkState.MISMATCH)
FAULTY = 0.5  # of the evidence that an instrument or a clock is at fault
DIRECTION = {1: "up", -1: "down"}
# alarms that a cause of the rate alarm covers: what they would say follows from it (ISA-18.2: suppressed by design)
PHYSICAL = frozenset(NAMES) - {"clock", "unknown"}
COVERED_BY = {
    "drift": PHYSICAL | {"unknown"},  # a rate that is away has drifted
    "instrument": frozenset({"sensor", "probe elsewhere", "occlusion, sudden", "near-empty"}),  # no flow: no range
    "telemetry": PHYSICAL,  # late readings are data quality of what is alarmed already
}
Figures = tuple[tuple[str, float], ...]


class Condition(NamedTuple):
    """Of one alarm at a time. likely: the diagnosis, in words. sure: False where a monitor that began lately could not
    know better, so that nothing is over because of it. suppressed: why it is no alarm of its own now; empty if it is.
    """

    id: str
    level: Level = Level.NORMAL
    cause: str = ""
    text: str = ""
    at: datetime | None = None
    figures: Figures = ()
    likely: str = ""
    sure: bool = True
    suppressed: str = ""

    def differs(self, other: "Condition") -> bool:
        """More than in its numbers."""
        same = (self.level, self.cause, self.likely) == (other.level, other.cause, other.likely)
        return not same or bool(self.suppressed) != bool(other.suppressed)


def rate(finding: Finding, diagnosis: Diagnosis | None, at: datetime) -> Condition:
    """The rate flag, with what the diagnosis takes for its cause."""
    words = state_words(finding, diagnosis)
    likely = likely_title(diagnosis) if finding.level else ""
    text = words.text if finding.level else f"{words.headline}."
    figures = (
        ("deviation_percent", round(100 * finding.deviation, 1)),
        ("explained_by_probe_percent", round(100 * finding.expected, 1)),
        ("pump_time_s", finding.pump_time_ms / 1000),
    )
    return Condition("rate", finding.level, words.cause, text, at, figures, likely)


def covered(name: str, assessment: Assessment) -> str:
    """Why an alarm says nothing that the rate alarm does not say; empty where it does."""
    cause = cause_name(assessment.diagnosis)
    if not assessment.finding.level or cause not in COVERED_BY[name]:
        return ""
    return f"the rate alarm covers it ({likely_title(assessment.diagnosis)})"


def judged(update: Assessed) -> Iterator[Condition]:
    """All that is looked at once a second."""
    diagnosis, at = update.assessment.diagnosis, update.utc
    yield dose(diagnosis, at)
    yield near_empty(update)
    yield drift(diagnosis, at, covered("drift", update.assessment))
    evidence = dict(diagnosis.evidence)
    for name, cause, question, cleared in (
        ("instrument", "sensor", "instrument at fault", "The instruments agree."),
        ("telemetry", "clock", "clock at fault", "Readings are on time."),
    ):
        there = diagnosis.cause == cause or evidence.get(question, 0.0) >= FAULTY
        what = (diagnosis.instruments or "the readings contradict one another") if there else ""
        text = f"{_sentence(what)}." if what else cleared
        why = covered(name, update.assessment) if there else ""
        yield Condition(name, Level(there), what, text, at, suppressed=why)


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
    level = max((level for level, least in finding.limits.near_empty.items() if days <= least), default=Level.NORMAL)
    text = f"{max(left_nl, 0) / 1e6:.1f} mL can still come, for {max(days, 0):.1f} days at the reference rate."
    figures = (("days_left", round(days, 2)), ("usable_ml", round(left_nl / 1e6, 3)))
    cause = {Level.NORMAL: "", Level.HIGH: "used up, by the declared fill"}.get(level, "refill is due")
    return Condition("near-empty", level, cause, text, update.utc, figures)


def drift(diagnosis: Diagnosis, at: datetime, covered_because: str = "") -> Condition:
    """By CUSUM: what nothing measured explains."""
    way = DIRECTION.get(diagnosis.drift, "")
    likely = likely_title(diagnosis) if way else ""
    text = f"Flow drifts {way}. Nothing measured explains it." if way else "Flow is steady."
    figures = (("unexplained_percent", round(100 * diagnosis.shares.unexplained, 1)),)
    why = covered_because if way else ""
    return Condition("drift", Level(bool(way)), f"drifts {way}" if way else "", text, at, figures, likely, True, why)


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
    return Condition("telemetry", Level.LOW, word, text, update.since)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
