"""All alarms of all pumps: conditions, responses of people and time in; changes of alarms out. Pure: no I/O, no clock.

A condition has to stand for the delays of its row before the alarm follows it; a condition that chatters, for longer.
After a restart nothing is over because a monitor that has just begun sees nothing yet.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from warmflow.alarms import chatter
from warmflow.alarms.alarm import COMMENTS_MAX, Alarm, Comment
from warmflow.alarms.catalogue import ALARMS, LATCHING, ending
from warmflow.alarms.conditions import Condition
from warmflow.alarms.lifecycle import Event, Refused, Standing, State, step
from warmflow.errors import UserError

Key = tuple[str, str]  # pump, alarm
SAID = "explained"
CHATTERS, CALM = "chatters", "chatters no more"
UNDONE = "acknowledgement undone"
UNDO_WITHIN = timedelta(seconds=15)  # what a page offers for 5 s, and the way there


class NotPossible(UserError):
    """What somebody wants cannot be done with this alarm; says why."""


class AlarmChange(NamedTuple):
    """One line of an alarm's history: the alarm after it, what, when, and who if it was a person. Without an `event` it
    is no line: something of how the alarm looks has changed.
    """

    held: Alarm
    event: str
    at: datetime
    by: str | None = None
    text: str = ""


class Acknowledgement(NamedTuple):
    """What can be undone: the alarm before it and after it, and when it was."""

    before: Alarm
    after: Alarm
    at: datetime


class PendingCondition(NamedTuple):
    """What the condition asks for, and since when."""

    condition: Condition
    since: datetime


class AlarmEngine:
    """`latching`: alarms that stay until they are unlatched. `kept`: of an earlier daemon, taken over at `now`."""

    def __init__(self, latching: Collection[str] = LATCHING, kept: Iterable[Alarm] = (), now: datetime | None = None):
        self._latching = latching
        self._held: dict[Key, Alarm] = {held.key: held for held in kept if held.id in ALARMS}
        self._wanted: dict[Key, PendingCondition] = {}
        self._covered: dict[Key, datetime] = {}  # until then an alarm stays suppressed whose reason has gone
        self._acknowledged: dict[Key, Acknowledgement] = {}  # the last one of each
        self._settled: dict[Key, datetime] = {}  # until then a kept alarm does not believe that its condition is gone
        if now:
            for key in self._held:
                self._settled[key] = now + timedelta(seconds=ALARMS[key[1]].settle_s)

    def all(self) -> list[Alarm]:
        """Every alarm that has occurred, by pump and name."""
        return sorted(self._held.values(), key=lambda held: held.key)

    def get(self, pump: str, name: str) -> Alarm | None:
        return self._held.get((pump, name))

    def report(self, pump: str, condition: Condition, now: datetime) -> list[AlarmChange]:
        """What a condition is now; the same again costs little."""
        key = (pump, condition.id)
        before = self._wanted.get(key)
        if condition.suppressed:
            self._covered[key] = now + timedelta(seconds=ALARMS[key[1]].settle_s)
        if before is not None and not before.condition.differs(condition):
            return self._settle(key, now) if self._is_pending(key) else []
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = Alarm(pump, condition.id, condition=condition, since=condition.at or now)
            first = [AlarmChange(held, State.NORMAL.value, now)] if not condition.level else []
        else:
            first = []
        if not condition.sure and held.standing.active and key in self._settled:
            return []
        came = condition.level and not (before.condition.level if before else held.standing.active)
        same_way = before is not None and bool(before.condition.level) == bool(condition.level)
        self._wanted[key] = PendingCondition(
            condition, before.since if before and same_way else min(condition.at or now, now)
        )
        happened = first
        if came:
            happened += self._put(chatter.risen(held, now), now)
        return happened + self._settle(key, now)

    def tick(self, now: datetime) -> list[AlarmChange]:
        """What time brings: delays that are over, shelves that expire, chattering that ends. Call once a second."""
        happened = []
        for key in list(self._held):
            if self._is_pending(key):
                happened += self._settle(key, now)
            held = self._held[key]
            if held.shelved_until and held.standing.state is State.SHELVED and now >= held.shelved_until:
                happened += self._move(key, Event.EXPIRE, now)
            if held.rises:
                happened += self._put(chatter.counted(self._held[key], now), now)
        return happened

    def act(
        self, pump: str, name: str, event: Event, by: str, now: datetime, text: str = "", until: datetime | None = None
    ) -> list[AlarmChange]:
        """What a person does. Raises NotPossible, and nothing has changed."""
        key = (pump, name)
        if key not in self._held:
            known = ", ".join(held.id for held in self.all() if held.pump == pump) or "none"
            raise NotPossible(f"{pump}: there has been no alarm {name}; known alarms: {known}")
        outcome = step(self._held[key].standing, event, ending(name, self._latching))
        if isinstance(outcome, Refused):
            raise NotPossible(f"{pump} {name}: {outcome.why}")
        held = self._held[key]
        if text:
            comments = (*held.comments, Comment(by, now, text))[-COMMENTS_MAX:]
            self._held[key] = held._replace(comments=comments)
        happened = self._move(key, event, now, by, text, until)
        if event is Event.ACKNOWLEDGE:
            self._acknowledged[key] = Acknowledgement(held, self._held[key], now)
        return happened

    def undo(self, pump: str, name: str, by: str, now: datetime) -> list[AlarmChange]:
        """Takes an acknowledgement back: the alarm is as it was. Raises NotPossible if it is too late for that."""
        key = (pump, name)
        found = self._acknowledged.pop(key, None)
        if found is None or now - found.at > UNDO_WITHIN:
            raise NotPossible(f"{pump} {name}: there is no acknowledgement of the last seconds to undo")
        if self._held[key].standing != found.after.standing:
            raise NotPossible(f"{pump} {name}: it has changed since it was acknowledged")
        self._held[key] = found.before._replace(comments=self._held[key].comments)
        return [AlarmChange(self._held[key], UNDONE, now, by)]

    def forget(self, pump: str) -> list[Key]:
        """Removes a pump; returns its alarms."""
        gone = [key for key in self._held if key[0] == pump]
        for rows in (self._held, self._wanted, self._settled, self._covered, self._acknowledged):
            for key in gone:
                rows.pop(key, None)
        return gone

    def _is_pending(self, key: Key) -> bool:
        wanted = self._wanted.get(key)
        if wanted is None:
            return False
        standing = self._held[key].standing
        uncovered = standing.state is State.SUPPRESSED and not wanted.condition.suppressed
        return uncovered or bool(wanted.condition.level) != standing.active

    def _settle(self, key: Key, now: datetime) -> list[AlarmChange]:
        """Lets the alarm follow its condition, if that has stood for long enough."""
        held, row = self._held[key], ALARMS[key[1]]
        condition, since = self._wanted[key]
        stood_s = (now - since).total_seconds()
        if condition.level and held.standing.active:
            return self._follow(key, now)
        if condition.level:
            if stood_s < chatter.raise_s(held, row.raise_s):
                return []
            self._settled.pop(key, None)
            fresh = held.standing.state is State.NORMAL
            held = held._replace(condition=condition, was=condition, since=since)
            self._held[key] = _unanswered(held)._replace(comments=() if fresh else held.comments)
            return self._move(key, Event.SUPPRESS if condition.suppressed else Event.RAISE, now)
        if not held.standing.active:
            if held.standing.state is State.NORMAL and held.condition.differs(condition):
                self._held[key] = held._replace(condition=condition)
            return []
        if stood_s < row.clear_s or now < self._settled.get(key, now):
            return []
        self._settled.pop(key, None)
        self._held[key] = held._replace(condition=condition)
        return self._move(key, Event.CLEAR, now)

    def _follow(self, key: Key, now: datetime) -> list[AlarmChange]:
        """Another level or cause of an alarm that is there."""
        held, condition = self._held[key], self._wanted[key].condition
        if held.standing.state is State.SUPPRESSED and not condition.suppressed:
            if now < self._covered.get(key, self._settled.get(key, now)):
                return []
            self._settled.pop(key, None)
            self._held[key] = held._replace(condition=condition)
            return self._move(key, Event.RELEASE, now)
        self._settled.pop(key, None)
        if condition.suppressed and held.standing.state not in (State.SUPPRESSED, State.SHELVED):
            self._held[key] = held._replace(condition=condition)
            return self._move(key, Event.SUPPRESS, now)
        if not held.condition.differs(condition):
            return []
        worse = condition.level - held.condition.level
        if (condition.level, condition.cause) == (held.condition.level, held.condition.cause):
            condition = condition._replace(at=held.condition.at, figures=held.condition.figures)  # it is not new
        was = held.was if held.was and held.was.level > condition.level else condition
        self._held[key] = held._replace(condition=condition, was=was)
        if not worse:
            return [AlarmChange(self._held[key], SAID, now)]
        return self._move(key, Event.WORSEN if worse > 0 else Event.EASE, now)

    def _move(
        self, key: Key, event: Event, now: datetime, by: str | None = None, text: str = "",
        until: datetime | None = None,
    ) -> list[AlarmChange]:  # fmt: skip
        held = self._held[key]
        after = step(held.standing, event, ending(key[1], self._latching))
        assert isinstance(after, Standing)
        was = held.standing.state
        held = held._replace(standing=after)
        if after.state is State.NORMAL and was is not State.NORMAL:
            held = held._replace(since=now, was=None)
        if event is Event.ACKNOWLEDGE:
            held = held._replace(acknowledged_by=by, acknowledged_at=now)
        if event is Event.WORSEN and after.state is State.UNACKNOWLEDGED:
            held = _unanswered(held)
        on_shelf = after.state is State.SHELVED
        if event is Event.SHELVE:
            held = held._replace(shelved_by=by, shelved_until=until)
        elif not on_shelf:
            held = held._replace(shelved_by=None, shelved_until=None)
        self._held[key] = held
        return [AlarmChange(held, event.value, now, by, text)]

    def _put(self, held: Alarm, now: datetime) -> list[AlarmChange]:
        """The alarm with another count of rises; said where it begins or ends to chatter."""
        before = self._held[held.key]
        self._held[held.key] = held
        if before.chattering == held.chattering:
            return []
        if before.chattering and held.chattering:
            return [AlarmChange(held, "", now)]  # the number alone
        return [AlarmChange(held, CHATTERS if held.chattering else CALM, now)]


def _unanswered(held: Alarm) -> Alarm:
    return held._replace(acknowledged_by=None, acknowledged_at=None)
