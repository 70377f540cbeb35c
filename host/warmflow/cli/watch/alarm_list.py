"""The alarms of all pumps: the line on the main screen, and the list on the alarm screen. Pure drawing.

Alarms from a broker or daemon that is no longer connected are marked as old.
"""

from typing import NamedTuple

from textual.content import Content

from warmflow.alarms.ordering import place
from warmflow.cli.watch.format import UNKNOWN, level_badge, look, utc_clock
from warmflow.cli.watch.frame import Frame
from warmflow.cli.watch.parse_payloads import Alarm
from warmflow.cli.watch.text_runs import Part, hanging, runs, stack

CALM = "normal"
UNSEEN = ("unacknowledged", "returned unacknowledged")
HIDDEN = ("shelved", "suppressed")  # put away by a person, or covered by another alarm
NONE = "no alarm is open"


class Open(NamedTuple):
    """One open alarm."""

    pump: str
    id: str
    alarm: Alarm

    @property
    def level(self) -> str:
        return self.alarm.priority or "low"


def open_alarms(frame: Frame) -> list[Open]:
    """The worst first, in the order of the dashboard; what is shelved or suppressed is out of sight."""
    model = frame.model
    found = [
        Open(name, id, alarm)
        for name in model.names()
        for id, alarm in model.pumps[name].alarms.items()
        if (alarm.state or CALM) not in (CALM, *HIDDEN)
    ]
    return sorted(found, key=lambda each: (_place(each), each.pump, each.id))


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


def alarm_list(frame: Frame, chosen: int, width: int, rows: int) -> Content:
    """A screenful of alarms about the chosen one, each with all of its words; the last row counts those unseen."""
    found = open_alarms(frame)
    if not found:
        return Content.styled(f" {NONE}", "$dim")
    shown: dict[int, list[Content]] = {}
    for at in sorted(range(len(found)), key=lambda at: abs(at - chosen)):
        block = _block(frame, found[at], "▸" if at == chosen else " ", width)
        if shown and sum(map(len, shown.values())) + len(block) > rows - 1:
            break
        shown[at] = block
    lines = [line for _, block in sorted(shown.items()) for line in block][: rows - 1]
    hidden = len(found) - len(shown)
    return stack([*lines, Content.styled(f"     {hidden} more: arrows", "$dim")] if hidden else lines)


def _block(frame: Frame, each: Open, mark: str, width: int) -> list[Content]:
    since = f"since {utc_clock(each.alarm.since)} UTC: {each.alarm.text or UNKNOWN}"
    return [
        *hanging(_badge(frame, each, mark), _words(frame, each), width),
        *hanging(Content("     "), Content.styled(since, "$dim"), width),
    ]


def _line(frame: Frame, each: Open) -> Content:
    return Content("").join([_badge(frame, each, " "), _words(frame, each)])


def _is_old(frame: Frame) -> bool:
    return frame.model.broker != "connected" or frame.model.daemon in ("stopped", "dead")


def _badge(frame: Frame, each: Open, mark: str) -> Content:
    style = "$dim" if _is_old(frame) else f"${look(each.level).style}"
    return runs([(f" {mark} ", "$text-plain"), (f"{level_badge(each.level, 1.0):11} ", style)])


def _words(frame: Frame, each: Open) -> Content:
    alarm = each.alarm
    by = f" by {alarm.acknowledged_by}" if alarm.acknowledged_by and alarm.state not in UNSEEN else ""
    parts: list[Part] = [
        (f"{each.pump}  ", "bold"),
        (f"{alarm.title or each.id}: ", "$text-plain"),
        (f"{alarm.state}{by}", "bold" if alarm.state in UNSEEN else "$text-plain"),
        (", as it was when the daemon was heard last" if _is_old(frame) else "", "$level-low"),
        (f", likely {why}" if (why := alarm.likely or alarm.cause) else "", "$dim"),
    ]
    return runs(part for part in parts if part[0])


def _place(each: Open) -> tuple[int, int, float]:
    alarm = each.alarm
    return place(alarm.state or CALM, look(each.level).rank, alarm.deviation_percent or 0.0)
