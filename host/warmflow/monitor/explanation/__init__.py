"""The monitor's diagnosis in plain words, for people: a paragraph whose numbers say where they come from. It sees
declared and measured values and what was made of them, never the truth.
"""

from typing import Any

from warmflow.monitor import Assessment
from warmflow.monitor.explanation.marked_text import Part, text
from warmflow.monitor.explanation.paragraph import paragraph_parts, shares

__all__ = ["Part", "explanation", "paragraph_parts", "shares"]


def explanation(now: Assessment) -> dict[str, Any]:
    """The diagnosis for topics, pages and scripts."""
    diagnosis = now.diagnosis
    return {
        "cause": diagnosis.cause,
        "title": diagnosis.title,
        "kind": diagnosis.kind,
        "confidence_percent": round(100 * diagnosis.confidence, 1),
        "shares": shares(diagnosis),
        "expected_percent": round(100 * diagnosis.expected.deviation, 2),
        "uncertainty_percent": round(100 * diagnosis.expected.uncertainty, 2),
        "dose_percent": round(100 * diagnosis.dose.deviation, 4),
        "drift": diagnosis.drift,
        "forecast": diagnosis.forecast.text if diagnosis.forecast else None,
        "text": text(paragraph_parts(now)),
    }
