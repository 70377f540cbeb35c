"""The report as JSON: the same numbers as on the page, units in every name. docs/report.md is its description."""

import math
from datetime import datetime
from typing import Any

from warmflow.notice import NOTICE
from warmflow.report.accuracy import Accuracy, Against
from warmflow.report.build import Curves, Report
from warmflow.report.trumpet import Trumpet
from warmflow.runtime.utc import utc_text

SCHEMA = "warmflow-report/1"


def document(report: Report) -> dict[str, Any]:
    """Plain values only; null where a thing is not known, and then a neighbour says why."""
    record, fit = report.record, report.sensitivity
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "number": report.number,
        "made_utc": utc_text(report.made),
        "versions": dict(report.versions),
        "lab": report.lab._asdict(),
        "run": {
            "title": record.title,
            "kind": record.kind,
            "source": record.source,
            "sha256": record.sha256 or None,
            "emulated": record.kind != "instrument",
            "began_utc": _utc(record.began_utc),
            "ended_utc": _utc(record.ended_utc),
            "length_s": record.length_s,
            "volume_from": record.volume_from,
            "notes": list(record.notes),
            "steps": [step._asdict() for step in record.steps],
            "least_step_ul": record.least_step_ul,
            "events": [note._asdict() for note in record.events],
        },
        "declared": _declared(report) | dict(record.declared),
        "rates": report.rates._asdict()
        | {"held_against_ul_h": report.against_ul_h, "held_against": report.against_from},
        "result": _result(report),
        "quality": _quality(report),
        "accuracy": [_accuracy(one) for one in report.accuracy],
        "start_up": {
            "sample_s": report.start_up.samples.step_s,
            "smooth_s": report.start_up.smooth_s,
            "band_percent": report.start_up.band_percent,
            "settled_min": report.start_up.settled_min,
            "flow_ul_h": [_number(value) for value in report.start_up.samples.flow_ul_h.tolist()],
        },
        "trumpet": [_curves(curves) for curves in report.trumpets],
        "sensitivity": {name: getattr(fit, name) for name in fit._fields if name not in ("x_c", "y_percent")},
        "flags": {
            "refused": report.flags.refused,
            "suppressed": list(report.flags.suppressed),
            "fed_every_s": report.flags.feed_s,
            "list": [flag._asdict() for flag in report.flags.flags],
        },
        "verdicts": [verdict._asdict() for verdict in report.verdicts],
    }


def _declared(report: Report) -> dict[str, Any]:
    said = report.declared._asdict()
    return said | {"by_board": said.pop("board") is not None}


def _result(report: Report) -> dict[str, Any]:
    found = report.result
    return {
        "peak": found.peak._asdict(),
        "worst_window": found.worst._asdict(),
        "outside": None if found.outside is None else found.outside._asdict(),
        "outside_limit_percent": found.outside_limit_percent,
        "coverage_percent": found.coverage_percent,
        "min_coverage_percent": report.asked.min_coverage_percent,
        "noise": report.record.noise._asdict(),
    }


def _quality(report: Report) -> dict[str, Any]:
    found = report.quality
    return found._asdict() | {
        "holes": [hole._asdict() for hole in found.holes],
        "counts": found.counts._asdict(),
        "lost": [one._asdict() for one in report.record.lost],
    }


def _accuracy(found: Accuracy) -> dict[str, Any]:
    return found._asdict() | {
        "reference": _against(found.reference),
        "label": _against(found.label),
        "budget": [term._asdict() for term in found.budget],
    }


def _against(found: Against | None) -> dict[str, Any] | None:
    return None if found is None else found._asdict()


def _curves(curves: Curves) -> dict[str, Any]:
    return {"analysed": _trumpet(curves.analysed), "whole_run": _trumpet(curves.whole)}


def _trumpet(found: Trumpet) -> dict[str, Any]:
    return found._asdict() | {"windows": [window._asdict() for window in found.windows]}


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
