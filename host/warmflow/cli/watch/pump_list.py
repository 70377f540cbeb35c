"""The list of pumps, and the log of flags and events. Pure drawing."""

from itertools import islice

from textual.content import Content

from warmflow.cli.watch.format import level_badge, look, pump_clock, value
from warmflow.cli.watch.frame import NOT_LIVE, Frame, link_words
from warmflow.cli.watch.pump_view import Change, PumpView
from warmflow.cli.watch.text_runs import Part, rule, runs, stack

MARKS = {"event": "· event", "gap": "! LOST", "link": "~ link"}


def pump_list(frame: Frame, width: int, height: int) -> Content:
    """The pumps around the chosen one; the last line sums up those that have no room."""
    names = frame.model.names()
    chosen = next((at for at, name in enumerate(names) if frame.model.pumps[name] is frame.pump), 0)
    rows = height if len(names) <= height else height - 1
    first = max(0, min(chosen - rows // 2, len(names) - rows))
    lines = [_list_line(frame, name, name == names[chosen]) for name in names[first : first + rows]]
    hidden = [frame.model.pumps[name] for name in (*names[:first], *names[first + rows :])]
    if hidden and height > 1:
        worst = max(hidden, key=lambda pump: _badness(frame, pump))
        parts = _list_parts(frame, worst, f"   +{len(hidden)} more", f"  worst: {worst.name}")
        lines.append(runs(parts))
    return stack(lines)


def _badness(frame: Frame, pump: PumpView) -> int:
    """A pump that nobody hears ranks with those at medium."""
    if pump.state is None or pump.stale(frame.now_s) or link_words(frame, pump)[1]:
        return look("medium").rank
    return look(pump.state.value.level).rank


def _list_line(frame: Frame, name: str, chosen: bool) -> Content:
    pump = frame.model.pumps[name]
    return runs(_list_parts(frame, pump, f" {'▸' if chosen else ' '} {pump.name}"))


def _list_parts(frame: Frame, pump: PumpView, label: str, more: str = "") -> list[Part]:
    state, stale = pump.state.value if pump.state else None, pump.stale(frame.now_s)
    if state is None or stale:
        return [(f"{label:17} {NOT_LIVE} {stale}; {link_words(frame, pump)[0]}{more}", "$dim")]
    return [
        (f"{label:17} ", "$text-plain"),
        (f"{level_badge(state.level, state.deviation_percent):11}", f"${look(state.level).style}"),
        (f" {value(state.deviation_percent, 1, '%', '+'):>8}", "$text-plain"),
        (f"  {value(state.flow_ul_h, 1, 'µL/h'):>10}", "$text-plain"),
        (f"  {value(state.probe_c, 1, '°C'):>7}", "$text-plain"),
        (f"{more}  {state.likely or ''}", "$dim"),
    ]


def log(frame: Frame, width: int, height: int) -> Content:
    """Flags as they rose and cleared, and what happened beside them, newest first."""
    bad = frame.model.counts["bad payloads"]
    more = f"{bad} bad payload{'s' if bad > 1 else ''}, last {frame.model.last_bad}" if bad else ""
    heading = "flags and events" if bad else "flags and events, newest first"
    lines = [
        rule(width, heading, (len(heading) + 8, more[: width - len(heading) - 14])) if more else rule(width, heading)
    ]
    changes = reversed(frame.pump.changes) if frame.pump else ()
    lines += [_log_line(change) for change in islice(changes, max(0, height - 1))]
    if len(lines) == 1:
        lines.append(Content.styled(" none since this view was opened", "$dim"))
    return stack(lines)


def _log_line(change: Change) -> Content:
    is_flag = change.kind == "flag"
    badge = level_badge(change.level, change.deviation_percent) if is_flag else MARKS[change.kind]
    return runs(
        [
            (f" {pump_clock(change.pump_time_s):>5} ", "$text-plain bold"),
            (f"{change.clock:8} ", "$dim"),
            (f"{badge:11} ", f"${look(change.level).style}" if is_flag else "$dim"),
            (change.said, "$text-plain"),
        ]
    )
