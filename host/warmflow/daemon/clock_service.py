"""Watches this computer's clocks, logs what happens to the date, and has the journal's times put right at once.

It decides nothing: `HostDate` says what happened, `Agreement` whether it was the steady clock, `plan` what the right
times are, and the journal stores them.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from warmflow.device.clock.agreement import Agreement, SteadyBreak
from warmflow.device.clock.board_clock import BoardClock
from warmflow.device.clock.host_date import DateChange, HostDate
from warmflow.device.clock.redating import FUTURE_S, Redating, comparable, plan
from warmflow.device.host_clock import LastSeen, Now, Stamp
from warmflow.device.identity import Boot
from warmflow.device.link import PumpLink
from warmflow.device.updates import ClockChanged
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.datings import DECLARATION
from warmflow.journal.faults import JournalError
from warmflow.journal.redating import Asked
from warmflow.runtime.duration import duration
from warmflow.runtime.logs import toned

LOOK_S = 0.5
EVIDENCE_S = 2.0  # the boards are asked before anything is dated again
RESTLESS_S = 30.0  # for this long after a change the journal is checked each time: records may be queued
PLAN_S = 10.0
SEEN_S = 60.0
BOARDS_COME_S = 30.0
BOOTS_MAX = 300  # whose clocks are remembered
REMEDY = "check its clock (timedatectl)"


class ClockService:
    """Run `run()` as a task. `publish` gets a ClockChanged for each change of the date."""

    def __init__(
        self,
        host: HostDate,
        async_journal: AsyncJournal,
        links: Callable[[], Iterable[PumpLink]],
        now: Now,
        publish: Callable[[ClockChanged], None],
        log: Callable[[str], None],
    ) -> None:
        self.counts: Counter[str] = Counter()  # redated, uncertain
        self._host, self._async_journal, self._links, self._now = host, async_journal, links, now
        self._publish, self._log = publish, log
        self._trouble = ""  # that was logged
        self._agreement = Agreement()
        self._known_clocks: dict[Boot, BoardClock] = {}  # with those of disconnected boards
        self._earlier: dict[str, float] = {}  # earlier sessions of the steady clock that a board has compared with this
        self._evidence_at_s = self._planned_s = self._seen_s = -1e18
        self._began_s = self._restless_until_s = 0.0
        self._was_plausible, self._was_slewing = True, False

    async def run(self) -> None:
        """Until cancelled."""
        self.begin()
        while True:
            self.look()
            try:
                await self.redate()
                await self.see()
                self._trouble = ""
            except JournalError as error:  # the journal says it louder: this is tried again
                if str(error) != self._trouble:
                    self._trouble = str(error)
                    self._log(f"times cannot be put right yet: {error}")
            await asyncio.sleep(LOOK_S)

    def begin(self) -> None:
        """Times stored by an earlier process may have to be corrected."""
        self._began_s = self._now().steady_s
        self._restless_until_s = self._began_s + RESTLESS_S

    def look(self) -> None:
        """At both clocks, and at what the boards say of them."""
        at, host = self._now(), self._host
        host.look(at)
        connected = {boot: clock for boot, clock in self._clocks().items() if clock.steady_rate}
        was_asking = self._agreement.since_s is not None
        if broke := self._agreement.look(at.steady_s, connected):
            self._steady_broke(broke, at)
        elif self._agreement.since_s is not None and not was_asking:
            self._ask_all(at)
        self._remember(connected)
        while host.changes:
            self._changed(host.changes.popleft(), at)
        self._log_state(at)

    async def redate(self) -> None:
        """Puts right what is wrong by now; returns when nothing more is, or when the date was moved again."""
        steady_s = self._now().steady_s
        restless = steady_s < self._restless_until_s
        if steady_s < self._evidence_at_s + EVIDENCE_S or not (restless or steady_s - self._planned_s >= PLAN_S):
            return
        if not self._host.redating_due(steady_s):
            return
        self._planned_s = steady_s
        moves = await self._plan()
        done: Counter[str] = Counter()
        for move in sorted((each for each in moves if self._sure(each, steady_s)), key=self._order):
            what = "redated" if move.dating.redated else "uncertain"
            moved = await self._async_journal.redate(move)
            done[what] += moved if move.segment.kind != DECLARATION else 0
            self._host.look(self._now())
            if self._host.changes:
                break
        self.counts += done
        if moves:
            self._restless_until_s = steady_s + RESTLESS_S
        if done["redated"]:
            self._log(f"{done['redated']} records were dated again; sinks get them again, marked")
        if done["uncertain"]:
            log = toned(self._log, logging.WARNING)
            log(
                f"{done['uncertain']} records are later than now, and their true time is unknown: marked time_uncertain"
            )

    def reasons(self) -> list[str]:
        """The problem with the date, for `/health`; empty if there is none."""
        at, host = self._now(), self._host
        if not host.plausible:
            return [f"this computer's date is {host.date(at.steady_s):%Y-%m-%d}, which is implausible: {REMEDY}"]
        if host.slewing_since_s is not None:
            return [
                f"this computer's date is being slewed, {_way(host.slewed_s)} so far; times are corrected at the end"
            ]
        if change := host.shown(at.steady_s):
            return [
                f"this computer's date {_words(change)}; {self.counts['redated']} records were dated again: {REMEDY}"
            ]
        return []

    def section(self) -> dict[str, Any]:
        """The clock in `/health`."""
        at, host = self._now(), self._host
        change = host.shown(at.steady_s)
        slewing = host.slewing_since_s is not None
        word = "implausible" if not host.plausible else "slewing" if slewing else change.kind if change else "steady"
        return {
            "state": word,
            "moved_s": round(change.by_s, 3) if change else 0.0,
            "behind_s": round(host.behind_s, 3),
            "steps": host.steps,
            "redated_records": self.counts["redated"],
            "uncertain_records": self.counts["uncertain"],
        }

    async def _plan(self) -> list[Redating]:
        host, now_s, clocks = self._host, self._now().steady_s, self._known_clocks
        future_ms = round((host.date(now_s).timestamp() + FUTURE_S) * 1000)
        asked = Asked(frozenset(clocks), {host.session: host.corrected_s}, future_ms)
        segments = await self._async_journal.segments(asked)
        sessions = {session: host.corrected_s + by_s for session, by_s in self._earlier.items()}
        sessions |= comparable(segments, host, clocks)
        self._earlier = {session: corrected_s - host.corrected_s for session, corrected_s in sessions.items()}
        if len(sessions) > 1:
            segments = await self._async_journal.segments(asked._replace(sessions=sessions))
        return list(plan(segments, host, sessions, now_s, clocks))

    def _remember(self, clocks: Mapping[Boot, BoardClock]) -> None:
        self._known_clocks |= clocks
        for boot in list(self._known_clocks)[:-BOOTS_MAX]:
            del self._known_clocks[boot]

    def _sure(self, move: Redating, steady_s: float) -> bool:
        """After a start a board may still come that knows what nothing else can tell."""
        return move.dating.redated or move.stays or steady_s - self._began_s >= BOARDS_COME_S

    def _order(self, move: Redating) -> tuple[bool, bool]:
        """Connected boards last: what they tell of an earlier session is lost when their times are corrected."""
        return move.segment.boot in self._known_clocks, move.segment.kind != DECLARATION

    async def see(self) -> None:
        """Stores how both clocks stand: what happens to the date until the next start is noticed then."""
        at = self._now()
        if self._host.known and at.steady_s - self._seen_s >= SEEN_S:
            self._seen_s = at.steady_s
            seen = LastSeen(self._host.dating, round(at.steady_s * 1000), round((at.wall_s - at.steady_s) * 1000))
            await self._async_journal.see(seen)

    def _clocks(self) -> dict[Boot, BoardClock]:
        """Of the boards that are connected; a recording has none of this computer's time."""
        return {
            link.time.boot: link.time.clock
            for link in self._links()
            if link.time.boot is not None and link.time.dating is not None and link.session.state.is_live
        }

    def _changed(self, change: DateChange, at: Stamp) -> None:
        self._seen_s = -1e18
        self._ask_all(at)
        toned(self._log, logging.WARNING)(
            f"this computer's date {_words(change)}; new times follow it at once, and those of before are dated again"
        )
        self._publish(ClockChanged(change.kind, change.by_s, at.utc))

    def _steady_broke(self, broke: SteadyBreak, at: Stamp) -> None:
        self._known_clocks = {boot: clock for boot, clock in self._known_clocks.items() if boot in broke.boots}
        if broke.missed_s is None:
            self._earlier.clear()
        self._host.steady_broke(at, broke.missed_s)
        self._restless_until_s = at.steady_s + RESTLESS_S
        how = "stood still or jumped" if broke.missed_s is None else f"did not count {duration(abs(broke.missed_s))}"
        toned(self._log, logging.WARNING)(f"this computer's steady clock {how}: the boards' clocks agree on it")

    def _ask_all(self, at: Stamp) -> None:
        """Before anything is dated again the boards say what time has passed."""
        self._evidence_at_s, self._restless_until_s = at.steady_s, at.steady_s + RESTLESS_S
        for link in self._links():
            link.time.ask_soon()

    def _log_state(self, at: Stamp) -> None:
        plausible, slewing = self._host.plausible, self._host.slewing_since_s is not None
        if (plausible, slewing) != (self._was_plausible, self._was_slewing):
            self._was_plausible, self._was_slewing = plausible, slewing
            for text in self.reasons():
                toned(self._log, logging.WARNING)(text)


def _way(by_s: float) -> str:
    return f"{'forward' if by_s > 0 else 'back'} by {duration(abs(by_s))}"


def _words(change: DateChange) -> str:
    return f"was {'set' if change.kind == 'stepped' else 'slewed'} {_way(change.by_s)}"
