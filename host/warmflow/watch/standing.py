"""Alarms as they stand, of all pumps: the line on the main screen, and the list of its own screen. Pure drawing.

What a broker or a daemon that has gone said of them counts no more, and is said to be old.
"""

from typing import NamedTuple

from textual.content import Content

from warmflow.watch.frame import Frame
from warmflow.watch.lines import Part, runs, stack
from warmflow.watch.payloads import Standing
from warmflow.watch.words import UNKNOWN, level_badge, look, utc_clock

LEVEL_OF = {"low": "notice", "medium": "act", "high": "urgent"}
CALM = "normal"
UNSEEN = ("unacknowledged", "returned unacknowledged")
NONE = "no alarm is open"


class Open(NamedTuple):
    """One open alarm."""

    pump: str
    id: str
    alarm: Standing

    @property
    def level(self) -> str:
        return LEVEL_OF.get(self.alarm.priority or "", "notice")


def open_alarms(frame: Frame) -> list[Open]:
    """The most urgent first: what nobody has acknowledged before the rest."""
    model = frame.model
    found = [
        Open(name, id, alarm)
        for name in model.names()
        for id, alarm in model.pumps[name].alarms.items()
        if (alarm.state or CALM) != CALM
    ]
    return sorted(found, key=lambda each: (-_weight(each), each.pump, each.id))


def alarm_rows(frame: Frame, most: int) -> int:
    return min(most, len(open_alarms(frame)))


def alarm_lines(frame: Frame, width: int, height: int) -> Content:
    """The worst ones; the last line says how many there are besides."""
    found = open_alarms(frame)
    more = len(found) - height
    lines = [_line(frame, each) for each in found[:height]]
    if lines and more > 0:
        lines[-1] = Content("").join([Content.styled(f" +{more} more (a) ", "$dim"), lines[-1]])
    return stack(lines)


def alarm_list(frame: Frame, chosen: int, rows: int) -> Content:
    """A screenful of alarms about the chosen one, two lines each."""
    found = open_alarms(frame)
    if not found:
        return Content.styled(f" {NONE}", "$dim")
    shown = max(1, rows // 2)
    first = max(0, min(chosen - shown // 2, len(found) - shown))
    lines = []
    for at, each in enumerate(found[first : first + shown], first):
        lines += [_line(frame, each, "▸" if at == chosen else " "), _why(each)]
    hidden = len(found) - shown
    if hidden > 0:
        lines[-1] = Content("").join([lines[-1], Content.styled(f"   ({hidden} more: arrows)", "$dim")])
    return stack(lines)


def _line(frame: Frame, each: Open, mark: str = " ") -> Content:
    old = frame.model.broker != "connected" or frame.model.daemon in ("stopped", "dead")
    alarm = each.alarm
    by = f" by {alarm.acknowledged_by}" if alarm.acknowledged_by and alarm.state not in UNSEEN else ""
    parts: list[Part] = [
        (f" {mark} ", "$text-plain"),
        (f"{level_badge(each.level, 1.0):11} ", "$dim" if old else f"${look(each.level).style}"),
        (f"{each.pump}  ", "bold"),
        (f"{alarm.title or each.id}: ", "$text-plain"),
        (f"{alarm.state}{by}", "bold" if alarm.state in UNSEEN else "$text-plain"),
        (", as it was when the daemon was heard last" if old else "", "$level-notice"),
        (f", cause {alarm.cause}" if alarm.cause else "", "$dim"),
    ]
    return runs(part for part in parts if part[0])


def _why(each: Open) -> Content:
    since = utc_clock(each.alarm.since)
    return Content.styled(f"     since {since} UTC: {each.alarm.text or UNKNOWN}", "$dim")


def _weight(each: Open) -> int:
    unseen = 10 if each.alarm.state in UNSEEN else -10 if each.alarm.state == "shelved" else 0
    return unseen + look(each.level).rank
