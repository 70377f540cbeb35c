"""What a session gives of a pump, published under the pump's name: readings with what the monitor finds in them,
events, summaries, truth, and what was lost. It sends nothing to a board and knows no port.
"""

import logging
from collections import Counter
from collections.abc import Callable

from pumplink import messages as m
from pumplink.codes import FIRST_TRUTH_EVENT, EventCode, spoken
from warmflow.device import session as s
from warmflow.device.clock.time_sync import Timekeeper
from warmflow.device.host_clock import Stamp
from warmflow.device.identity import Boot, PumpName
from warmflow.device.link.monitor_runner import MonitorRunner
from warmflow.device.updates import Assessed, BoardEvent, Gap, GroundTruth, Reading, Summary, SummaryGap, Update
from warmflow.monitor import Assessment, Measured


class RecordPublisher:
    """Of one link. `counts`: gaps, lost records, lost minutes. `say` takes a line and its level."""

    def __init__(
        self,
        publish: Callable[[Update], None],
        time: Timekeeper,
        judge: MonitorRunner,
        counts: Counter[str],
        say: Callable[[str, int], None],
    ) -> None:
        self._publish, self._time, self._judge, self._counts, self._say = publish, time, judge, counts, say

    def publish(self, outcome: s.OfAPump, pump: PumpName, at: Stamp, present: Boot | None, speed_x: int) -> None:
        """`at`: when it arrived. `present`: the boot that is heard now."""
        match outcome:
            case s.Record(_, m.Telemetry()):
                self._reading(outcome, pump, at, speed_x)
            case s.Record(boot, m.Event() as event, late, payload=payload):
                utc = self._time.record(boot, event.uptime_ms).utc
                self._publish(BoardEvent(pump, boot, event, utc, late, payload, self._time.dating))
                if event.code < FIRST_TRUTH_EVENT:
                    self._say(f"board: {spoken(EventCode, event.code)} {event.text}".rstrip(), logging.INFO)
            case s.Truth(boot, truth):
                self._publish(GroundTruth(pump, truth, self._time.moment(boot, truth.uptime_ms).utc))
            case s.Summary(boot, minute, payload):
                here = boot == present
                when = self._time.moment(boot, minute.uptime_ms).utc if here else None
                self._publish(Summary(pump, boot, minute, when, payload, self._time.dating if here else None))
            case s.LostRecords(boot, first, last, reason):
                self._publish(Gap(pump, boot, first, last, reason))
                self._counts["gaps"] += 1
                self._counts["lost records"] += last - first + 1 if last is not None else 0
                end = "?" if last is None else last
                self._say(f"records {first} to {end} of boot {boot} lost: {reason}", logging.WARNING)
            case s.LostMinutes(boot, first, last, reason):
                self._publish(SummaryGap(pump, boot, first, last, reason))
                self._counts["lost minutes"] += last - first + 1
                self._say(f"minute summaries {first} to {last} lost: {reason}", logging.WARNING)

    def _reading(self, record: s.Record, pump: PumpName, at: Stamp, speed_x: int) -> None:
        boot, message = record.boot, record.message
        assert isinstance(message, m.Telemetry)
        if not record.late:
            self._time.arrived(boot, message.uptime_ms, at)
        # what was shown only, for want of room, keeps no order: it comes again
        utc, error_s = (self._time.record if record.kept else self._time.moment)(boot, message.uptime_ms)
        measured = Measured.reading(message)
        finding = None if record.shown else self._judge.read(message.sequence, measured)
        rig, late = self._judge.rig, record.late or record.shown
        known = (pump, boot, message, measured, utc, late, finding, rig, speed_x, record.kept, error_s)
        self._publish(Reading(*known, record.payload, self._time.dating))
        if finding and rig and (diagnosis := self._judge.diagnosis(at.steady_s)):
            self._publish(Assessed(pump, utc, Assessment(rig, measured, finding, diagnosis)))
