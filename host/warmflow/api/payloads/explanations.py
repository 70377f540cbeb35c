"""`diagnosis`: the likely cause of the flow's deviation, in shares and in words."""

from typing import Annotated, Any

import msgspec

from warmflow.alarms.state_words import state_words
from warmflow.api.payloads.model import Note, Payload, Time, composed, doc
from warmflow.device.updates import Assessed
from warmflow.monitor import Assessment
from warmflow.monitor import Diagnosis as Diagnosed
from warmflow.monitor.attribution import share_of
from warmflow.monitor.explanation import paragraph_parts, shares, text
from warmflow.notice import NOTICE
from warmflow.runtime.utc import utc_text


class Share(Payload, frozen=True, kw_only=True):
    """One step of the waterfall."""

    name: Annotated[str, doc("the influence on the flow")]
    percent: Annotated[float, doc("its share, in percent of the reference rate")]


class ActingCause(Payload, frozen=True, kw_only=True):
    """One of several causes that act at the same time."""

    cause: Annotated[str, doc("one of the monitor's names")]
    confidence_percent: Annotated[float, doc("how sure")]
    percent: Annotated[float, doc("what it does to the flow, of the reference rate")]


class Explanation(Payload, frozen=True, kw_only=True):
    """The diagnosis for topics, pages and scripts."""

    headline: Annotated[str, doc("how far the flow is away, in words: `Flow 40 % below reference`")]
    likely: Annotated[str, doc("the likeliest cause and how sure it is, in words; empty without one")]
    data_quality: Annotated[str, doc("what is wrong with the readings' times, in words; empty where nothing is")]
    cause: Annotated[str, doc("the likeliest cause, one of the monitor's names; `none` without one")]
    title: Annotated[str, doc("the same in words")]
    kind: Annotated[str, doc("for heat or cold: the kind of exposure, if its time course shows it")]
    confidence_percent: Annotated[float, doc("confidence in the cause")]
    shares: Annotated[
        list[Share],
        doc("the deviation as a waterfall: a list of `name` and `percent` of the reference rate, in their order"),
    ]
    expected_percent: Annotated[float, doc("deviation expected from declaration, probe and barometer, modelled")]
    uncertainty_percent: Annotated[float, doc("1 standard deviation of `expected_percent`")]
    dose_percent: Annotated[float, doc("dose over the fill, in percent of 14 days at the reference rate")]
    drift: Annotated[int, doc("1 or -1: a slow drift up or down; 0: none")]
    forecast: Annotated[str | None, doc("forecast in words; `null` without one")]
    text: Annotated[str, doc("the diagnosis as a paragraph; each number is marked measured, modelled or declared")]
    causes: Annotated[
        list[ActingCause] | None,
        doc("(two at once) both causes: `cause`, `confidence_percent` and `percent` of the reference rate"),
    ] = None


Diagnosis = composed(
    "Diagnosis", "The likely cause of the flow's deviation.", ("time", Time), Explanation, ("note", Note)
)


def explanation(now: Assessment) -> Explanation:
    """An assessment in figures and words."""
    found = now.diagnosis
    words = state_words(now.finding, found)
    return Explanation(
        headline=words.headline,
        likely=words.likely,
        data_quality=words.quality,
        cause=found.cause,
        title=found.title,
        kind=found.kind,
        confidence_percent=round(100 * found.confidence, 1),
        shares=[Share(name=name, percent=percent) for name, percent in shares(found).items()],
        expected_percent=round(100 * found.expected.deviation, 2),
        uncertainty_percent=round(100 * found.expected.uncertainty, 2),
        dose_percent=round(100 * found.dose.deviation, 4),
        drift=found.drift,
        forecast=found.forecast.text if found.forecast else None,
        text=text(paragraph_parts(now)),
        causes=_acting(found),
    )


def _acting(found: Diagnosed) -> list[ActingCause] | None:
    if found.second is None:
        return None
    both = ((found.cause, found.confidence), found.second)
    return [
        ActingCause(
            cause=name,
            confidence_percent=round(100 * confidence, 1),
            percent=round(100 * share_of(name, found.shares), 2),
        )
        for name, confidence in both
    ]


def diagnosis(update: Assessed) -> Payload:
    """A `Diagnosis`."""
    fields: dict[str, Any] = msgspec.structs.asdict(explanation(update.assessment))
    return Diagnosis(time=utc_text(update.utc), **fields, note=NOTICE)
