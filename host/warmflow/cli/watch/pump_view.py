"""What the view knows of one pump: latest values and their arrival, the course of three of them, what changed when.

It takes payloads in the order in which they arrive and reads no clock.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, NamedTuple, TypeVar

from warmflow.cli.watch import parse_payloads
from warmflow.cli.watch.format import freshness, look, utc_clock, value
from warmflow.cli.watch.parse_payloads import Alarm, Event, Gap, State, Status, SummaryGap, Truth, read
from warmflow.cli.watch.value_history import Trace

CHANGES_MAX = 100
SEEN_MAX = 500
ALARMS_MAX = 50
RATE = "rate"  # the alarm that the log follows
Value = TypeVar("Value")


class Stamped(NamedTuple, Generic[Value]):
    """A value and when it came. `stored`: the broker had kept it, so its age is not known."""

    value: Value
    at_s: float
    stored: bool


class Change(NamedTuple):
    """A line of the log: a flag that rose or cleared, or what happened on the board or the link."""

    kind: Literal["flag", "event", "gap", "link"]
    pump_time_s: float | None
    clock: str  # HH:MM:SS UTC
    said: str
    level: str | None = None
    deviation_percent: float | None = None


@dataclass
class PumpView:
    """One pump. `take` a kind of topic with its payload."""

    name: str
    state: Stamped[State] | None = None
    truth: Stamped[Truth] | None = None
    alarm: Alarm | None = None  # the rate flag
    alarms: dict[str, Alarm] = field(default_factory=dict)
    status: Status | None = None
    availability: str = ""
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=CHANGES_MAX))
    traces: dict[str, Trace] = field(
        default_factory=lambda: {name: Trace() for name in ("deviation_percent", "probe_c", "pump_c")}
    )
    _seen: deque[tuple[object, ...]] = field(default_factory=lambda: deque(maxlen=SEEN_MAX))

    def on_message(self, kind: str, payload: bytes, now_s: float, stored: bool) -> None:
        """Raises: payloads.BadPayload; nothing has changed then."""
        TAKERS[kind](self, payload, now_s, stored)

    def take_alarm(self, name: str, payload: bytes, now_s: float, stored: bool) -> None:
        """How an alarm stands; empty where there is none any more. Raises: payloads.BadPayload."""
        if not payload:
            self.alarms.pop(name, None)
            return
        standing = read(Alarm, payload)
        if name == RATE:
            self.on_message("alarm", payload, now_s, stored)
        if name in self.alarms or len(self.alarms) < ALARMS_MAX:
            self.alarms[name] = standing

    def stale(self, now_s: float) -> str:
        """Why the state is not live, "" if it is."""
        if self.state is None:
            return "no values yet"
        return freshness(self.state.at_s, now_s, self.state.stored, self.state.value.time)

    def truth_stale(self, now_s: float) -> str:
        return "no values yet" if self.truth is None else freshness(self.truth.at_s, now_s, self.truth.stored)

    def raised_at_s(self) -> float | None:
        """Pump time at which the level shown was reached; None if the flag is not raised or another level is shown."""
        state = self.state.value if self.state else None
        if state is None or self.alarm is None or state.level != self.alarm.level or not look(state.level).rank:
            return None
        return self.alarm.pump_time_s

    def _take_state(self, payload: bytes, now_s: float, stored: bool) -> None:
        state = read(State, payload)
        before, joined = self.state.value if self.state else None, _joins(self.state, now_s)
        if before and state.boot != before.boot:
            self._note(Change("event", state.pump_time_s, utc_clock(state.time), "the board has started again"))
        self.state = Stamped(state, now_s, stored)
        if not stored:
            for name in ("deviation_percent", "probe_c"):
                self._follow(name, state.pump_time_s, getattr(state, name), joined)

    def _take_truth(self, payload: bytes, now_s: float, stored: bool) -> None:
        truth = read(Truth, payload)
        joined = _joins(self.truth, now_s)
        self.truth = Stamped(truth, now_s, stored)
        if not stored:
            self._follow("pump_c", truth.pump_time_s, truth.pump_c, joined)

    def _take_alarm(self, payload: bytes, now_s: float, stored: bool) -> None:
        alarm, before = read(Alarm, payload), self.alarm
        self.alarm = alarm
        if alarm == before:
            return  # the broker's copy of what we know, after a reconnect
        if before is None and not stored and not look(alarm.level).rank:
            return  # the first word of a run: nothing rose and nothing cleared
        self._note(
            Change(
                "flag",
                alarm.pump_time_s,
                utc_clock(alarm.time),
                flag_words(alarm, before, stored),
                alarm.level,
                alarm.deviation_percent,
            )
        )

    def _take_status(self, payload: bytes, now_s: float, stored: bool) -> None:
        status, before = read(Status, payload), self.status
        self.status = status
        if before and status != before:
            reason = f": {status.reason}" if status.reason else ""
            self._note(Change("link", self._pump_time_s(), utc_clock(status.since), f"{status_words(status)}{reason}"))

    def _take_availability(self, payload: bytes, now_s: float, stored: bool) -> None:
        self.availability = parse_payloads.word(payload)

    def _take_event(self, payload: bytes, now_s: float, stored: bool) -> None:
        event = read(Event, payload)
        text = f": {event.text}" if event.text else ""
        self._note_once(
            ("event", event.boot, event.sequence),
            Change("event", event.pump_time_ms / 1000, utc_clock(event.time), f"{event.event}{text}"),
        )

    def _take_gap(self, payload: bytes, now_s: float, stored: bool) -> None:
        gap = read(Gap, payload)
        first, last = (value(number, 0, "") for number in (gap.first_sequence, gap.last_sequence))
        said = f"readings {first} to {last} are lost: {gap.reason or 'no reason given'}"
        self._note_once(
            ("gap", gap.boot, gap.first_sequence, gap.last_sequence, gap.reason),
            Change("gap", self._pump_time_s(), "", said),
        )

    def _take_summary_gap(self, payload: bytes, now_s: float, stored: bool) -> None:
        gap = read(SummaryGap, payload)
        first, last = (value(number, 0, "") for number in (gap.first_minute, gap.last_minute))
        said = f"minute summaries {first} to {last} are lost: {gap.reason or 'no reason given'}"
        self._note_once(
            ("summary_gap", gap.board_id, gap.first_minute, gap.last_minute, gap.reason),
            Change("gap", self._pump_time_s(), "", said),
        )

    def _follow(self, name: str, time_s: float, number: float | None, joined: bool) -> None:
        if number is not None:
            self.traces[name].add(time_s, number, joined)

    def _pump_time_s(self) -> float | None:
        return self.state.value.pump_time_s if self.state else None

    def _note(self, change: Change) -> None:
        self.changes.append(change)

    def _note_once(self, key: tuple[object, ...], change: Change) -> None:
        """Events and gaps arrive at least once."""
        if key not in self._seen:
            self._seen.append(key)
            self._note(change)


TAKERS: dict[str, Callable[[PumpView, bytes, float, bool], None]] = {
    "state": PumpView._take_state,
    "truth": PumpView._take_truth,
    "alarm": PumpView._take_alarm,
    "status": PumpView._take_status,
    "availability": PumpView._take_availability,
    "event": PumpView._take_event,
    "gap": PumpView._take_gap,
    "summary_gap": PumpView._take_summary_gap,
}


def _joins(before: Stamped[Value] | None, now_s: float) -> bool:
    """A line may join two values if the first was still live when the second came."""
    return before is not None and not freshness(before.at_s, now_s, before.stored)


def status_words(status: Status) -> str:
    """What is meant: the link, or the device behind a link that is well."""
    return f"{'device' if status.status != status.link else 'link'} {status.status or 'unknown'}"


def flag_words(alarm: Alarm, before: Alarm | None, stored: bool) -> str:
    """How a flag moved, its cause, and the figures that it had then."""
    flow = f"flow {value(alarm.deviation_percent, 1, '%', '+')}"
    rank = look(alarm.level).rank
    if not rank:
        return f"cleared, {flow}"
    was = look(before.level).rank if before else 0
    verb = "up already" if stored and not before else "rose" if rank > was else "fell" if rank < was else "changed"
    explained = f"probe explains {value(alarm.explained_by_probe_percent, 1, '%', '+')}"
    return f"{verb}, {alarm.likely or alarm.cause or 'cause not known yet'}: {flow}, {explained}"
