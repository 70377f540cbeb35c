"""A pump's state in words. This is the one place that words it: overview, banner, tab, pump page, topics, terminal,
alarms and `explain` show what is written here. Pure; it knows no channel.

Late or missing readings cause no flow: they are named as data quality, beside the cause.
"""

from typing import NamedTuple

from warmflow.level_words import level_word
from warmflow.monitor import Diagnosis, Finding, Level
from warmflow.monitor.causes import CAUSES, NONE

CLOCK, UNKNOWN = "clock", "unknown"  # causes of the monitor that name nothing which moves a flow
FAULTY = 0.5  # of the evidence that a clock is at fault
BY_PROBE = ("heat", "cold")
TITLES = {row.name: row.title for row in reversed(CAUSES)}
PHRASES = {  # titles that read badly in a sentence: the words instead, and those after the confidence
    "altitude, by its size: no barometer": ("altitude", ", judged by size; no barometer fitted"),
    "hot tub or sauna": ("a hot tub or sauna", ""),
    "heating pad": ("a heating pad", ""),
    "sensor fault: the barometer": ("sensor fault of the barometer", ""),
    "the probe is warm or cold, and the pump is not": ("the probe is warm or cold and the pump is not", ""),
}
NOT_BY_PROBE = "Temperature does not explain this."


class StateWords(NamedTuple):
    """What a pump's flow is, and why. Each text is a sentence without its full stop, or empty."""

    rank: int  # of the level: 0 normal, 3 high
    headline: str  # `Flow 40 % below reference`
    likely: str  # `Likely sudden occlusion (81 %)`
    cause: str  # the published word: heat, cold, unexplained; empty where the level is normal
    title: str  # of the cause alone: `sudden occlusion`
    quality: str  # `Data quality: the board samples late`

    @property
    def level(self) -> str:
        return level_word(self.rank)

    @property
    def text(self) -> str:
        """All of it as sentences."""
        apart = NOT_BY_PROBE if self.cause == "unexplained" else ""
        parts = (f"{self.headline}.", apart, self.likely and f"{self.likely}.", self.quality and f"{self.quality}.")
        return " ".join(part for part in parts if part)


def state_words(finding: Finding, diagnosis: Diagnosis | None) -> StateWords:
    """`diagnosis`: the newest one; None before there is any."""
    rank = int(finding.level)
    name, title, confidence = _cause(diagnosis)
    likely = ""
    if title and (rank or name != UNKNOWN):
        likely = _likely(name, title, confidence, diagnosis)
    if name == UNKNOWN and rank:
        likely = "Cause not known"
    if rank and not likely:
        likely = f"Likely {finding.cause}" if finding.cause in BY_PROBE else "Cause not known yet"
    flag_cause = ""
    if rank:
        flag_cause = (name if name in BY_PROBE else "unexplained") if name else finding.cause
    return StateWords(rank, _headline(finding), likely, flag_cause, title, _quality(diagnosis))


def _likely(name: str, title: str, confidence: float, diagnosis: Diagnosis | None) -> str:
    """One cause, two that act at the same time, or two of which neither is likely enough to be named alone."""
    if diagnosis is not None and name in diagnosis.unclear:
        return f"Unclear: {' or '.join(_phrase(TITLES.get(each, each))[0] for each in diagnosis.unclear)}"
    words, after = _phrase(title)
    likely = f"Likely {words} ({100 * confidence:.0f} %){after}"
    if diagnosis is None or diagnosis.second is None or diagnosis.cause != name:
        return likely
    other, other_confidence = diagnosis.second
    return f"{likely}, and {_phrase(_title(other, diagnosis))[0]} ({100 * other_confidence:.0f} %)"


def _title(cause: str, diagnosis: Diagnosis) -> str:
    """Of one of the causes. An exposure has its kind for a title, where that is known: `hot tub or sauna`."""
    if cause in BY_PROBE and diagnosis.kind:
        return diagnosis.kind
    return diagnosis.title if cause == diagnosis.cause else TITLES.get(cause, cause)


def _phrase(title: str) -> tuple[str, str]:
    return PHRASES.get(title, (title, ""))


def likely_title(diagnosis: Diagnosis | None) -> str:
    """The cause alone, without how sure it is: `sudden occlusion`; empty where none is named."""
    _, title, _ = _cause(diagnosis)
    return _phrase(title)[0]


def cause_name(diagnosis: Diagnosis | None) -> str:
    """A name of the monitor's table of causes; empty where nothing is named."""
    return _cause(diagnosis)[0]


def _cause(diagnosis: Diagnosis | None) -> tuple[str, str, float]:
    """Name, title and confidence of what moves the flow. A clock at fault leaves the next one, with its low part."""
    if diagnosis is None or diagnosis.cause == NONE:
        return "", "", 0.0
    if diagnosis.cause != CLOCK:
        return diagnosis.cause, _title(diagnosis.cause, diagnosis), diagnosis.confidence
    name, confidence = next((row for row in diagnosis.ranking if row[0] not in (CLOCK, NONE)), ("", 0.0))
    return name, TITLES.get(name, name), confidence


def _quality(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None:
        return ""
    late = diagnosis.cause == CLOCK or dict(diagnosis.evidence).get("clock at fault", 0.0) >= FAULTY
    return f"Data quality: {diagnosis.instruments or 'readings do not agree in time'}" if late else ""


def _headline(finding: Finding) -> str:
    percent = f"{abs(100 * finding.deviation):.0f}"
    side = "above" if finding.deviation > 0 else "below"
    away = "at reference" if percent == "0" else f"{percent} % {side} reference"
    if finding.suppressed:
        return f"No flags: {finding.suppressed}"
    lowest = finding.limits.of_side(finding.deviation)[Level.LOW]
    beyond = finding.level or abs(finding.deviation) >= lowest  # also during the hold time
    return f"Flow {away}" if beyond else f"Flow within limits ({away})"
