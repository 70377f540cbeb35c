"""`diagnosis`: why the flow is what it is, in shares and in words."""

from typing import Annotated, Any

import msgspec

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

    name: Annotated[str, doc("what the flow depends on")]
    percent: Annotated[float, doc("of the reference rate")]


class ActingCause(Payload, frozen=True, kw_only=True):
    """One of several causes that act at the same time."""

    cause: Annotated[str, doc("one of the monitor's names")]
    confidence_percent: Annotated[float, doc("how sure")]
    percent: Annotated[float, doc("what it does to the flow, of the reference rate")]


class Explanation(Payload, frozen=True, kw_only=True):
    """The diagnosis for topics, pages and scripts."""

    cause: Annotated[str, doc("the likeliest, one of the monitor's names; `none`")]
    title: Annotated[str, doc("the same in words")]
    kind: Annotated[str, doc("of a heat or cold: which exposure, where its course can tell it")]
    confidence_percent: Annotated[float, doc("how sure")]
    shares: Annotated[
        list[Share],
        doc("the deviation as a waterfall: a list of `name` and `percent` of the reference rate, in their order"),
    ]
    expected_percent: Annotated[float, doc("deviation that declaration, probe and barometer explain, modelled")]
    uncertainty_percent: Annotated[float, doc("1 s.d. of that")]
    dose_percent: Annotated[float, doc("dose over the fill, in percent of 14 days at the reference rate")]
    drift: Annotated[int, doc("1, -1: a slow drift up or down; 0")]
    forecast: Annotated[str | None, doc("what is to come, in words; `null`")]
    text: Annotated[str, doc("all of it as a paragraph, each number marked measured, modelled or declared")]
    causes: Annotated[
        list[ActingCause] | None,
        doc("(two at once) both causes: `cause`, `confidence_percent` and `percent` of the reference rate"),
    ] = None


Diagnosis = composed("Diagnosis", "Why the flow is what it is.", ("time", Time), Explanation, ("note", Note))


def explanation(now: Assessment) -> Explanation:
    """An assessment in figures and words."""
    found = now.diagnosis
    return Explanation(
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
