"""The two plots over pump time: deviation, and temperatures where the screen has room for them. Pure drawing."""

import math
from collections.abc import Callable, Sequence

from textual.content import Content

from warmflow.api.vocabulary import LIMITS_PERCENT
from warmflow.cli.watch.braille_plot import Axis, Series, Window, plot
from warmflow.cli.watch.frame import Frame
from warmflow.cli.watch.pump_view import PumpView
from warmflow.cli.watch.text_runs import rule
from warmflow.cli.watch.value_history import SPANS_S, Bucket, fitting_span
from warmflow.level_words import LEVEL_WORDS

StyleOf = Callable[[float, float], str]

BODY_C = (30.0, 45.0)  # a probe outside touches no body, and would flatten everything else
LEVEL_AT = {limit: f"level-{word}" for limit, word in zip(LIMITS_PERCENT, LEVEL_WORDS[1:], strict=True)}


def deviation_course(frame: Frame, width: int, height: int) -> Content:
    span, window = _window(frame)
    series = _series(frame.pump, "deviation_percent", span, _level_style)
    low = min((bucket.low for bucket in series.buckets), default=0.0)
    high = max((bucket.high for bucket in series.buckets), default=0.0)
    return plot([series], deviation_axis(low, high, height), window, width, height)


def temperature_course(frame: Frame, width: int, height: int) -> Content:
    """Probe and pump, each with its name at its line."""
    span, window = _window(frame)
    probe = _series(frame.pump, "probe_c", span, lambda low, high: "$course-probe", "probe")
    pump = _series(frame.pump, "pump_c", span, lambda low, high: "$course-pump", "pump")
    heading = rule(width, f"temperatures over {span}: probe measured, pump modelled; not drawn outside 30-45 °C")
    axis = temperature_axis([*probe.buckets, *pump.buckets])
    return Content("\n").join([heading, plot([probe, pump], axis, window, width, height - 1)])


def deviation_axis(low: float, high: float, rows: int) -> Axis:
    """Tens of percent around the data, never so narrow that noise looks like news."""
    bottom = min(-10, 10 * math.floor(low / 10))
    top = max(30 if bottom == -10 else 10, 10 * math.ceil(high / 10))
    marked = LIMITS_PERCENT if rows > 4 else LIMITS_PERCENT[-1:]
    limits = [limit for limit in (*marked, *(-limit for limit in marked)) if bottom <= limit <= top]
    ends = [
        end for end in (bottom, top) if abs(end) > LIMITS_PERCENT[-1] + 5
    ]  # a course above all limits has a scale, too
    guides = [0, *limits, *ends] if top - bottom <= 80 else [0, bottom, top]
    return Axis(bottom, top, guides, lambda guide: f"{guide:+.0f}%" if guide else "0%")


def temperature_axis(buckets: Sequence[Bucket]) -> Axis:
    inside = [bucket for bucket in buckets if BODY_C[0] <= bucket.low and bucket.high <= BODY_C[1]]
    low = math.floor(min((bucket.low for bucket in inside), default=36) - 0.2)
    high = max(low + 2, math.ceil(max((bucket.high for bucket in inside), default=38) + 0.2))
    step = 1 if high - low <= 4 else 2
    return Axis(low, high, range(low, high + 1, step), lambda guide: f"{guide:.0f}°")


def _level_style(low: float, high: float) -> str:
    size = max(abs(low), abs(high))
    return "$" + next(
        (style for limit, style in sorted(LEVEL_AT.items(), reverse=True) if size >= limit), "level-normal"
    )


def _window(frame: Frame) -> tuple[str, Window]:
    """The chosen span, or the one that fits. It starts with the first reading and, once full, ends with the newest."""
    trace = frame.pump.traces["deviation_percent"] if frame.pump else None
    first_s, last_s = (trace.first_s, trace.last_s) if trace else (None, None)
    if first_s is None or last_s is None:
        return fitting_span(0), Window(0, SPANS_S[fitting_span(0)])
    span = fitting_span(last_s - first_s) if frame.span == "auto" else frame.span
    start_s = max(first_s, last_s - SPANS_S[span])
    return span, Window(start_s, start_s + SPANS_S[span])


def _series(pump: PumpView | None, name: str, span: str, style: StyleOf, label: str = "") -> Series:
    trace = pump.traces[name] if pump else None
    return Series(trace.buckets(span) if trace else [], trace.bucket_s(span) if trace else 1.0, style, label)
