"""Samples for `/metrics`, read from the parts of the daemon. Reads attributes and changes nothing.

The table describes each metric. Nothing in this module runs while records are processed.
"""

import asyncio
import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from warmflow.daemon.loop_lag import LIMITS_S
from warmflow.device.states import LinkState
from warmflow.runtime.threads import in_thread
from warmflow.sinks.web.metrics_route import Histogram, Kind, Sample, Taken
from warmflow.version import version

if TYPE_CHECKING:
    from warmflow.daemon.app import Daemon
    from warmflow.device.link import PumpLink

PUMP = ("port", "pump")
WHAT = ("appended", "repeated", "conflicts")
ALWAYS = {"crc"}  # a rate needs its zero; the other causes come when they happen
ASK_S = 1.0  # a journal whose disk hangs must not hang the page

KINDS: dict[str, Kind] = {
    "warmflow_info": Kind("gauge", "Always 1; the version is in the label.", ("version",)),
    "warmflow_start_time_seconds": Kind("gauge", "Unix time of the daemon's start."),
    "warmflow_cpu_seconds": Kind("counter", "Processor time of the daemon."),
    "warmflow_memory_bytes": Kind("gauge", "Memory of the daemon that is resident."),
    "warmflow_link_up": Kind("gauge", "1 while frames of the board arrive.", PUMP),
    "warmflow_link_state": Kind("gauge", "1 for the present state of the link.", (*PUMP, "state")),
    "warmflow_link_openings": Kind("counter", "How often the port was opened.", PUMP),
    "warmflow_frames": Kind("counter", "Good frames.", PUMP),
    "warmflow_bytes": Kind("counter", "Bytes from the port.", PUMP),
    "warmflow_rejected_frames": Kind("counter", "Bad frames by cause; crc is a damaged one.", (*PUMP, "cause")),
    "warmflow_dropped_bytes": Kind("counter", "Bytes of bad frames by cause.", (*PUMP, "cause")),
    "warmflow_gaps": Kind("counter", "Ranges of lost records, reported as gaps.", PUMP),
    "warmflow_lost_records": Kind("counter", "Records in those ranges, where their number is known.", PUMP),
    "warmflow_lost_minutes": Kind("counter", "Minute summaries that a board stored but could not send.", PUMP),
    "warmflow_repeated_records": Kind("counter", "Records received again and ignored.", PUMP),
    "warmflow_resets": Kind("counter", "Restarts of the board.", PUMP),
    "warmflow_time_error_seconds": Kind("gauge", "Bound of the error of the board's time as UTC.", PUMP),
    "warmflow_clock_drift_ppm": Kind("gauge", "How much faster the board's crystal runs than this computer's.", PUMP),
    "warmflow_journal_records": Kind("counter", "Records given to the journal, by outcome.", ("what",)),
    "warmflow_journal_removed_records": Kind("gauge", "Records that retention has removed, by reason.", ("why",)),
    "warmflow_journal_backlog_records": Kind("gauge", "Records in memory that wait for the disk."),
    "warmflow_journal_lag_seconds": Kind("gauge", "Age of the oldest record that waits for the disk."),
    "warmflow_journal_unreadable_rows": Kind("gauge", "Damaged rows of the journal that are left out.", ("table",)),
    "warmflow_journal_failing": Kind("gauge", "1 while the journal cannot be written."),
    "warmflow_sink_lag_records": Kind("gauge", "Records that a durable sink has not delivered yet.", ("sink",)),
    "warmflow_sink_oldest_undelivered_seconds": Kind(
        "gauge", "Age of the oldest record that a durable sink has not delivered yet; 0 without one.", ("sink",)
    ),
    "warmflow_mqtt_connected": Kind("gauge", "1 while the broker is connected."),
    "warmflow_mqtt_events": Kind("counter", "Connects, disconnects, published and received messages.", ("what",)),
    "warmflow_mqtt_lag_records": Kind("gauge", "Records in the journal that the broker has not acknowledged."),
    "warmflow_mqtt_news_dropped": Kind("counter", "Log lines and events dropped: the broker was too slow."),
    "warmflow_dropped_updates": Kind("counter", "Updates lost by a slow subscriber.", ("taker",)),
    "warmflow_loop_delay_seconds": Kind("histogram", "How late the event loop wakes."),
}


async def sample(running: "Daemon") -> list[Taken]:
    """All samples of this moment."""
    samples: list[Taken] = [*_process(running.started.timestamp()), *_links(running.fleet.links.values())]
    samples += [*await _journal(running), *_sinks(running)]
    kind = KINDS["warmflow_loop_delay_seconds"]
    return [
        *samples,
        Histogram("warmflow_loop_delay_seconds", kind.help, LIMITS_S, running.pulse.counts, running.pulse.total_s),
    ]


def _process(started_s: float) -> Iterator[Sample]:
    yield Sample("warmflow_info", 1, (version(),))
    yield Sample("warmflow_start_time_seconds", started_s)
    yield Sample("warmflow_cpu_seconds", time.process_time())
    yield Sample("warmflow_memory_bytes", resident_bytes())


def _links(links: Iterable["PumpLink"]) -> Iterator[Sample]:
    for link in links:
        own = (link.wanted or "", link.name)
        wire, session = link.wire.count, link.session
        yield Sample("warmflow_link_up", session.state is LinkState.OK, own)
        yield Sample("warmflow_link_state", 1, (*own, session.state.value))
        yield Sample("warmflow_link_openings", wire.openings, own)
        yield Sample("warmflow_frames", wire.frames, own)
        yield Sample("warmflow_bytes", wire.bytes, own)
        rejected, dropped = wire.rejected, wire.dropped_bytes
        for cause in ALWAYS | rejected.keys():
            yield Sample("warmflow_rejected_frames", rejected[cause], (*own, cause))
            yield Sample("warmflow_dropped_bytes", dropped[cause], (*own, cause))
        yield Sample("warmflow_gaps", link.counts["gaps"], own)
        yield Sample("warmflow_lost_records", link.counts["lost records"], own)
        yield Sample("warmflow_lost_minutes", link.counts["lost minutes"], own)
        yield Sample("warmflow_repeated_records", session.counts["repeated"], own)
        yield Sample("warmflow_resets", session.counts["resets"], own)
        if link.time.drift_ppm is not None:
            yield Sample("warmflow_time_error_seconds", link.time.error_s or 0.0, own)
            yield Sample("warmflow_clock_drift_ppm", link.time.drift_ppm, own)


async def _journal(running: "Daemon") -> list[Sample]:
    async_journal = running.async_journal
    waiting = async_journal.inbox.head(1)
    oldest = getattr(waiting[0], "utc", None) if waiting else None
    lag_s = (running.clock() - oldest).total_seconds() if oldest else 0.0
    removed: dict[str, int] = {}
    with contextlib.suppress(TimeoutError, sqlite3.Error):
        async with asyncio.timeout(ASK_S):
            removed = await in_thread(
                async_journal.journal.removed
            )  # a separate thread: a disk that hangs must not block the shared pool
    return [
        *(Sample("warmflow_journal_records", async_journal.journal.counts[what], (what,)) for what in WHAT),
        *(Sample("warmflow_journal_removed_records", count, (why,)) for why, count in removed.items()),
        Sample("warmflow_journal_backlog_records", async_journal.inbox.waiting),
        Sample("warmflow_journal_lag_seconds", max(0.0, lag_s)),
        *(Sample("warmflow_journal_unreadable_rows", n, (table,)) for table, n in async_journal.bad_rows.items()),
        Sample("warmflow_journal_failing", bool(async_journal.trouble)),
    ]


def _sinks(running: "Daemon") -> Iterator[Sample]:
    for sink in running.sinks:
        if records := sink.durable():
            yield Sample("warmflow_sink_lag_records", records.lag, (sink.name,))
            yield Sample("warmflow_sink_oldest_undelivered_seconds", records.oldest_waiting_s(), (sink.name,))
        yield from (Sample(*figure) for figure in sink.figures())
    for subscriber in running.hub.subscribers:
        yield Sample("warmflow_dropped_updates", subscriber.dropped, (subscriber.name,))


def resident_bytes() -> int:
    """Of this process, now; where only its highest value is known that one, and 0 where none is."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _highest_bytes()


if sys.platform == "win32":

    def _highest_bytes() -> int:
        return 0
else:
    import resource

    def _highest_bytes() -> int:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
