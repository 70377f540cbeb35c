"""What stands on the screen, section by section: a frame and a width in, lines out. Pure, so that a test can read them.

Colours never speak alone: each state has its word and its mark. Nothing that is not live looks live.
"""

from typing import NamedTuple

from textual.content import Content

from warmflow.watch import bar
from warmflow.watch.lines import GAP, Part, ends, rule, runs, stack
from warmflow.watch.model import WatchModel
from warmflow.watch.pump import PumpView
from warmflow.watch.words import UNKNOWN, level_badge, look, pump_clock, utc_clock, value

NOTICE = "emulator for bench and training - no medical device"
DAEMON_WORDS = {
    "": "no daemon has been seen on this broker",
    "stopped": "the daemon was stopped",
    "dead": "the daemon died without a word",
}
PROBE_WORDS = {"probe out": "in the air"}
WIDE = 100  # columns from which there is room for more than the necessary
LIVE, NOT_LIVE, BROKEN = "●", "○", "✕"


class Frame(NamedTuple):
    """All that one picture is drawn from."""

    model: WatchModel
    pump: PumpView | None
    now_s: float
    where: str
    subtitle: str = ""
    hint: str = ""
    span: str = "auto"
    paused: str = ""  # what the banner says; "" while the picture is live


def title(frame: Frame, width: int) -> Content:
    return ends(Content.styled(" warmflow watch", "bold"), Content.styled(f"{NOTICE} ", "bold"), width)


def context(frame: Frame, width: int) -> Content:
    """What is played and where it comes from, or that the picture is paused."""
    if frame.paused:
        return ends(Content.styled(f" {frame.paused}", "reverse bold"), Content(""), width)
    return ends(Content.styled(f" {frame.subtitle}", "$text-plain"), runs([*broker_state(frame), (" ", "")]), width)


def broker_state(frame: Frame) -> list[Part]:
    model = frame.model
    if model.broker != "connected":
        detail = f": {model.broker_detail}" if model.broker_detail else ""
        return [(f"{BROKEN} broker {frame.where} {model.broker}{detail}", "$level-urgent bold")]
    return [(f"{LIVE} broker {frame.where}", "$dim")]


def pump_list(frame: Frame, width: int, height: int) -> Content:
    """The pumps around the chosen one; the last line sums up those that have no room."""
    names = frame.model.names()
    chosen = next((at for at, name in enumerate(names) if frame.model.pumps[name] is frame.pump), 0)
    rows = height if len(names) <= height else height - 1
    first = max(0, min(chosen - rows // 2, len(names) - rows))
    lines = [_list_line(frame, name, name == names[chosen]) for name in names[first : first + rows]]
    hidden = [frame.model.pumps[name] for name in (*names[:first], *names[first + rows :])]
    if hidden and height > 1:
        worst = max(hidden, key=lambda pump: look(pump.state.value.level).rank if pump.state else -1)
        lines.append(Content.assemble((f"   {len(hidden)} more, worst: ", "$dim"), *_list_parts(frame, worst)))
    return stack(lines)


def _list_line(frame: Frame, name: str, chosen: bool) -> Content:
    pump = frame.model.pumps[name]
    return Content.assemble((" ▸ " if chosen else "   ", "bold"), *_list_parts(frame, pump))


def _list_parts(frame: Frame, pump: PumpView) -> list[Part]:
    state, stale = pump.state.value if pump.state else None, pump.stale(frame.now_s)
    if state is None or stale:
        return [(f"{pump.name:14} {NOT_LIVE} {stale}; {link_words(frame, pump)[0]}", "$dim")]
    return [
        (f"{pump.name:14} ", "$text-plain"),
        (f"{level_badge(state.level, state.deviation_percent):11}", f"${look(state.level).style}"),
        (f" {value(state.deviation_percent, 1, '%', '+'):>8}", "$text-plain"),
        (f"  {value(state.flow_ul_h, 1, 'µL/h'):>10}", "$text-plain"),
        (f"  {value(state.probe_c, 1, '°C'):>7}", "$text-plain"),
        (f"  {state.cause or ''}", "$dim"),
    ]


def pump_line(frame: Frame, width: int) -> Content:
    """The chosen pump: its link with the reason if it is broken, the speed of its time, and whether this is live."""
    pump = frame.pump
    if pump is None:
        words = DAEMON_WORDS.get(frame.model.daemon, f"the daemon is {frame.model.daemon}, no pump yet")
        return Content.styled(f" {NOT_LIVE} no pump under {frame.model.base}/ yet: {words}", "$level-notice")
    state, stale = pump.state.value if pump.state else None, pump.stale(frame.now_s)
    link, broken = link_words(frame, pump)
    left: list[Part] = [
        (f" {pump.name}  ", "bold"),
        (f"{BROKEN if broken else LIVE} {link}", "$level-urgent bold" if broken else "$text-plain"),
    ]
    right: list[Part] = []
    if state:
        speed = UNKNOWN if state.speed_x is None else f"{state.speed_x:g}x"
        right = [(f"pump time {speed}", "bold"), (f", now {pump_clock(state.pump_time_s)}{GAP}", "$text-plain")]
        right += [(f"{utc_clock(state.time)} UTC ", "$dim")] if not pump.state or not pump.state.stored else []
    live: Part = (f"{NOT_LIVE} {stale} ", "$level-notice bold") if stale else (f"{LIVE} live ", "$level-normal bold")
    lines = [ends(runs(left), runs([*right, live]), width)]
    if trouble := link_trouble(frame, pump):
        lines.append(Content.styled(f"   why: {trouble}", "$level-urgent"))
    return stack(lines)


def link_words(frame: Frame, pump: PumpView) -> tuple[str, bool]:
    """The link in words, and whether it is broken. What was said before the broker or daemon went counts no more."""
    if frame.model.broker != "connected":
        return "link not known: broker away", True
    if frame.model.daemon in ("stopped", "dead"):
        return f"link not known: daemon {frame.model.daemon}", True
    status = pump.status.status if pump.status else None
    if pump.availability == "offline":
        return f"offline, {status or 'no reason given'}", True
    return f"link {status or 'not known'}", status not in (None, "ok")


def link_trouble(frame: Frame, pump: PumpView) -> str:
    """The reason with its remedy, as the daemon gave it."""
    _, broken = link_words(frame, pump)
    if frame.model.broker != "connected" or not broken:
        return ""
    if frame.model.daemon in ("stopped", "dead"):
        return DAEMON_WORDS[frame.model.daemon]
    return (pump.status.detail or "") if pump.status else ""


def values(frame: Frame, width: int) -> Content:
    """Measured on the left, modelled on the right, never mixed."""
    pump = frame.pump
    state = pump.state.value if pump and pump.state else None
    truth = pump.truth.value if pump and pump.truth else None
    stale = pump.stale(frame.now_s) if pump else "no values yet"
    truth_stale = pump.truth_stale(frame.now_s) if pump else "no values yet"
    split = width * 11 // 20
    probe = [PROBE_WORDS.get(word, word.removeprefix("probe ")) for word in ((state and state.probe) or "").split(", ")]
    days = value(state and state.days_left, 1, "days left")
    left = (
        ("probe", value(state and state.probe_c, 2, "°C"), ", ".join(probe)),
        ("flow", value(state and state.flow_ul_h, 1, "µL/h"), value(state and state.flow_ml_day, 2, "mL/day")),
        ("delivered", value(state and state.delivered_ml, 3, "mL"), ""),
        ("reservoir", value(state and state.reservoir_ml, 2, "mL"), "" if days == UNKNOWN else days),
    )
    right = (
        ("skin", value(truth and truth.skin_c, 2, "°C")),
        ("core", value(truth and truth.core_c, 2, "°C")),
        ("pump", value(truth and truth.pump_c, 2, "°C")),
        ("fault", (truth and truth.fault) or UNKNOWN),
    )
    lines = [rule(width, _titled("measured", stale), (split, _titled("modelled by the emulator", truth_stale)))]
    for (name, number, more), (inner, what) in zip(left, right, strict=True):
        cells = [*_named(name, f"{number:11}", stale), (f" {more}", "$dim")]
        line = runs(cells).truncate(split, ellipsis=True, pad=True)
        lines.append(Content("").join([line, runs(_named(inner, what, truth_stale))]))
    return stack(lines)


def _titled(name: str, stale: str) -> str:
    return f"{name}, {stale}" if stale else name


def _named(name: str, number: str, stale: str) -> list[Part]:
    return [(f" {name:10} ", "$dim"), (number, "$dim" if stale else "$text-plain bold")]


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
    left, right = runs(_headline(pump, stale, style)), runs(_explained(pump, width))
    lines += [
        left if left.cell_length + right.cell_length >= width else ends(left, right, width),
        bar.bar(state.deviation_percent, state.explained_by_probe_percent, style, width),
        bar.scale(width),
    ]
    return stack(lines)


def _headline(pump: PumpView, stale: str, style: str) -> list[Part]:
    assert pump.state is not None
    state = pump.state.value
    badge = level_badge(state.level, state.deviation_percent)
    size = value(state.deviation_percent, 1, "%", "+")
    if stale:
        return [(f" {NOT_LIVE} {stale}, was {badge} {size}", "$dim")]
    since = pump.raised_at_s()
    why = f"no flags: {state.no_flags_because}" if state.no_flags_because else state.cause or ""
    loud = " reverse" if look(state.level).rank >= look("act").rank else ""
    return [
        (" ", ""),
        (f" {badge} ", f"{style} bold{loud}"),
        (f" {size}", "$text-plain bold"),
        (f"  {why}", "$text-plain"),
        (f", since {pump_clock(since)}" if since is not None else "", "$dim"),
    ]


def _explained(pump: PumpView, width: int) -> list[Part]:
    assert pump.state is not None
    state = pump.state.value
    if state.explained_by_probe_percent is None or state.deviation_percent is None:
        return []
    rest = state.deviation_percent - state.explained_by_probe_percent
    explained = value(state.explained_by_probe_percent, 1, "%", "+")
    leaves = f", leaves {value(rest, 1, '%', '+')}" if width >= WIDE else ""
    return [(f"{bar.EXPLAINED} probe explains {explained}{leaves} ", "$text-plain")]


MARKS = {"event": "· event", "gap": "! LOST", "link": "~ link"}


def log(frame: Frame, width: int, height: int) -> Content:
    """Flags as they rose and cleared, and what happened beside them, newest first."""
    bad = frame.model.counts["bad payloads"]
    more = f"{bad} bad payload{'s' if bad > 1 else ''}, last {frame.model.last_bad}" if bad else ""
    heading = "flags and events, newest first"
    lines = [
        rule(width, heading, (len(heading) + 8, more[: width - len(heading) - 14])) if more else rule(width, heading)
    ]
    for change in list(reversed(frame.pump.changes if frame.pump else ()))[: max(0, height - 1)]:
        badge = MARKS.get(change.kind) or level_badge(change.level, change.deviation_percent)
        style = f"${look(change.level).style}" if change.kind == "flag" else "$dim"
        lines.append(
            runs(
                [
                    (f" {pump_clock(change.pump_time_s):>5} ", "$text-plain bold"),
                    (f"{change.clock:8} ", "$dim"),
                    (f"{badge:11} ", style),
                    (change.said, "$text-plain"),
                ]
            )
        )
    if len(lines) == 1:
        lines.append(Content.styled(" none since this view was opened", "$dim"))
    return stack(lines)


def hint(frame: Frame, width: int) -> Content:
    return Content.assemble((" see it too: ", "$dim"), (frame.hint, "$text-plain"))
