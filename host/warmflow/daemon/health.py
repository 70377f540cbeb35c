"""The health of the daemon, for `/health` and for systemd's status line.

"failing": the daemon cannot do its work (the journal cannot be written, records are not delivered, the event loop is
late), so something must be done. "degraded": a pump does not answer, the broker refuses a topic, another daemon uses
the same base topic, or the computer's date was set; a restart of the daemon does not help.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from warmflow.daemon.clock_service import ClockService
from warmflow.daemon.loop_lag import LoopLag
from warmflow.device.link import PumpLink
from warmflow.device.states import REMEDIES, LinkState
from warmflow.journal.async_journal import AsyncJournal
from warmflow.sinks.sink import Sink
from warmflow.version import version

LATE_S = 2.0
WELL = (LinkState.OK, LinkState.CONNECTING)


class Reason(NamedTuple):
    """One thing that is wrong."""

    failing: bool
    part: str
    text: str


class Health:
    """Ask `now`."""

    def __init__(
        self,
        links: Callable[[], Iterable[PumpLink]],
        async_journal: AsyncJournal,
        sinks: Sequence[Sink],
        pulse: LoopLag,
        started: datetime,
        clock: ClockService | None = None,
    ) -> None:
        self._clock = clock
        self._links, self._async_journal, self._sinks, self._pulse, self._started = (
            links,
            async_journal,
            sinks,
            pulse,
            started,
        )

    def now(self) -> dict[str, Any]:
        """What `/health` answers: status ok, degraded or failing, and reasons."""
        reasons = list(self._reasons())
        failing = any(reason.failing for reason in reasons)
        return {
            "status": "failing" if failing else "degraded" if reasons else "ok",
            "reasons": [reason._asdict() for reason in reasons],
            "version": version(),
            "since": self._started.isoformat(timespec="seconds").replace("+00:00", "Z"),
            **({"clock": self._clock.section()} if self._clock else {}),
            "pumps": {link.name or link.wanted or "": link.session.state.value for link in self._links()},
        }

    def line(self) -> str:
        """The same in a line."""
        found = self.now()
        pumps = list(found["pumps"].values())
        reasons = "; ".join(f"{reason['part']}: {reason['text']}" for reason in found["reasons"])
        return f"{found['status']}, {pumps.count(LinkState.OK.value)} of {len(pumps)} pumps" + (
            f": {reasons}" if reasons else ""
        )

    def _reasons(self) -> Iterator[Reason]:
        if self._async_journal.trouble:
            yield Reason(True, "journal", self._async_journal.trouble)
        new, remade = self._async_journal.remade
        if remade:
            yield Reason(new, "journal", remade)
        if bad_rows := self._async_journal.bad_rows:
            counts = ", ".join(f"{n} of {table}" for table, n in sorted(bad_rows.items()))
            yield Reason(False, "journal", f"rows that cannot be read, and are left out: {counts}")
        clock = self._clock.reasons() if self._clock else []
        if not clock and self._async_journal.clock_stepped:
            clock = [self._async_journal.clock_stepped]
        for text in clock:
            yield Reason(False, "clock", text)
        for sink in self._sinks:
            if failure := sink.failure():
                yield Reason(True, sink.peer, failure)
            for warning in sink.warnings():
                yield Reason(False, sink.peer, warning)
        if self._pulse.delay_s > LATE_S:
            yield Reason(True, "loop", f"{self._pulse.delay_s:.1f} s late: this computer is too busy")
        for link in self._links():
            state = link.session.state
            if state not in WELL:
                text = f"{state.value}: {link.session.detail or REMEDIES[state]}"
                yield Reason(False, f"pump {link.name or link.wanted}", text)
