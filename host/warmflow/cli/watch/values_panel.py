"""The chosen pump in figures: measured and modelled values apart, the deviation with its bar. Pure drawing.

Nothing that is not live looks live: it loses its colour and says how old it is.
"""

from msgspec import UNSET
from textual.content import Content

from warmflow.cli.watch import bar
from warmflow.cli.watch.format import UNKNOWN, level_badge, look, pump_clock, value
from warmflow.cli.watch.frame import NOT_LIVE, Frame
from warmflow.cli.watch.parse_payloads import State
from warmflow.cli.watch.pump_view import PumpView
from warmflow.cli.watch.text_runs import Part, ends, rule, runs, stack

PROBE_WORDS = {"probe out": "not in place"}
WIDE = 100  # columns from which there is room for more than the necessary


def _measured(state: State) -> tuple[tuple[str, str, str], ...]:
    probe = [PROBE_WORDS.get(word, word.removeprefix("probe ")) for word in state.probe.split(", ")]
    left_ml = value(state.reservoir_ml, 2, "mL")
    days = value(None if state.days_left is UNSET else state.days_left, 1, "days")
    return (
        ("probe", value(state.probe_c, 2, "°C"), ", ".join(probe)),
        ("flow", value(state.flow_ul_h, 1, "µL/h"), value(state.flow_ml_day, 2, "mL/day")),
        ("delivered", value(state.delivered_ml, 3, "mL"), f"{left_ml} left, {days}"),
    )


def values(frame: Frame, width: int) -> Content:
    """Measured on the left, modelled on the right, never mixed."""
    pump = frame.pump
    state = pump.state.value if pump and pump.state else None
    truth = pump.truth.value if pump and pump.truth else None
    stale = pump.stale(frame.now_s) if pump else "no values yet"
    truth_stale = pump.truth_stale(frame.now_s) if pump else "no values yet"
    split = width * 3 // 5
    left = (
        _measured(state) if state else (("probe", UNKNOWN, ""), ("flow", UNKNOWN, UNKNOWN), ("delivered", UNKNOWN, ""))
    )
    fault = truth.fault if truth and truth.fault != "none" else None
    right = (
        ("skin", value(truth.skin_c if truth else None, 2, "°C"), ""),
        ("core", value(truth.core_c if truth else None, 2, "°C"), ""),
        ("pump", value(truth.pump_c if truth else None, 2, "°C"), f"fault: {fault}" if fault else ""),
    )
    lines = [
        rule(
            width,
            f"measured, {stale}" if stale else "measured",
            (split, f"modelled, {truth_stale}" if truth_stale else "modelled by the emulator"),
        )
    ]
    for measured, modelled in zip(left, right, strict=True):
        line = runs(_named(measured, 10, stale)).truncate(split, ellipsis=True, pad=True)
        lines.append(Content("").join([line, runs(_named(modelled, 5, truth_stale))]))
    return stack(lines)


def _named(row: tuple[str, str, str], name_cells: int, stale: str) -> list[Part]:
    name, number, more = row
    return [
        (f" {name:{name_cells}} ", "$dim"),
        (f"{number:11}", "$dim" if stale else "$text-plain bold"),
        (f" {more}", "$dim"),
    ]


def deviation(frame: Frame, width: int) -> Content:
    """Level, size and cause, the bar with its limits, and what the probe explains of it."""
    pump = frame.pump
    state = pump.state.value if pump and pump.state else None
    stale = pump.stale(frame.now_s) if pump else "no values yet"
    reference = f" {state.reference_flow_ul_h:.1f} µL/h" if state and state.reference_flow_ul_h is not None else ""
    lines = [rule(width, f"deviation from the reference rate{reference}")]
    if pump is None or state is None or state.deviation_percent is None:
        words = "the rig has not said what it is yet" if state else "no values yet"
        lines += [Content.styled(f" {NOT_LIVE} {words}", "$dim"), bar.bar(None, None, "", width), bar.scale(width)]
        return stack(lines)
    style = "$dim" if stale else f"${look(state.level).style}"
    left, right = runs(_headline(pump, stale, style, width)), runs(_explained(pump, stale, width))
    lines += [
        left if left.cell_length + right.cell_length >= width else ends(left, right, width),
        bar.bar(state.deviation_percent, state.explained_by_probe_percent, style, width),
        bar.scale(width),
    ]
    return stack(lines)


def _headline(pump: PumpView, stale: str, style: str, width: int) -> list[Part]:
    assert pump.state is not None
    state = pump.state.value
    badge = level_badge(state.level, state.deviation_percent)
    size = value(state.deviation_percent, 1, "%", "+")
    if stale:
        return [(f" {NOT_LIVE} {stale}, was {badge} {size}", "$dim")]
    since = pump.raised_at_s()
    said = (state.headline, state.likely, state.data_quality) if width >= WIDE else (state.likely or state.headline,)
    why = ". ".join(part for part in said if part)
    loud = " reverse" if look(state.level).rank >= look("medium").rank else ""
    return [
        (" ", ""),
        (f" {badge} " if loud else badge, f"{style} bold{loud}"),
        (f"  {size}", "$text-plain bold"),
        (f"  {why}", "$text-plain"),
        (f", since {pump_clock(since)}" if since is not None else "", "$dim"),
    ]


def _explained(pump: PumpView, stale: str, width: int) -> list[Part]:
    assert pump.state is not None
    state = pump.state.value
    if state.explained_by_probe_percent is None or state.deviation_percent is None:
        return []
    rest = state.deviation_percent - state.explained_by_probe_percent
    explained = value(state.explained_by_probe_percent, 1, "%", "+")
    leaves = f", leaves {value(rest, 1, '%', '+')}" if width >= WIDE else ""
    return [(f"{bar.EXPLAINED} probe explains {explained}{leaves} ", "$dim" if stale else "$text-plain")]
