"""The minutes that a board kept: each once, in order, from a board that may lose frames, restart or start anew."""

import random
from datetime import UTC, datetime
from pathlib import Path

from firmware_on_cpython import PaperBoard, Rig
from records import framed

from pumplink import messages as m
from pumplink.codes import ErrorCode
from pumplink.decoder import Received
from warmflow.api import payloads
from warmflow.device import session as s
from warmflow.device.identity import Boot
from warmflow.device.session.summaries import REQUEST, REQUEST_ID, Summaries
from warmflow.device.updates import Summary
from warmflow.journal import Journal
from warmflow.runtime.json_bytes import dump
from warmflow.sinks import record_batches
from warmflow.sinks.mqtt.record_messages import kind_and_payload

MINUTE_MS = 60_000


def hello(boots: int = 3) -> m.Hello:
    values: dict[str, object] = dict.fromkeys(m.Hello._fields, 0)
    return m.Hello(**values | {"protocol_major": m.PROTOCOL_MAJOR, "boot_count": boots, "boot_random": 7})  # type: ignore[arg-type]


def minute(number: int, boots: int = 3) -> m.MinuteSummary:
    return m.MinuteSummary(boots, 7, number, 60_000, 60_000, 600, None, 36_000, 36_100, 1, 2, 3, 4, 0)


def answer(first: int) -> m.Ack:
    return m.Ack(REQUEST_ID, REQUEST, 0, str(first))


def greeted(first: int = 1) -> Summaries:
    summaries = Summaries()
    summaries.hello(hello(), 0.0)
    summaries.answered(answer(first))
    return summaries


class Host:
    """A session at a paper board; `loses` is the share of the board's frames that never arrive."""

    def __init__(self, loses: float = 0.0) -> None:
        self.session = s.Session()
        self.minutes: list[tuple[int, int]] = []
        self._loses, self._chance = loses, random.Random(1)

    def listen(self, rig: Rig, ms: int, safe: bool = True) -> None:
        """Lets the board run with this host at its port."""
        end_ms = rig.board.now_ms + ms
        self._do(rig, self.session.opened(rig.board.now_ms / 1000))
        while rig.board.now_ms < end_ms:
            now_s = rig.board.now_ms / 1000
            heard = [message for message in rig.run_ms(100) if self._chance.random() >= self._loses]
            outcomes = self.session.receive([Received(message, b"") for message in heard], now_s)
            self._do(rig, outcomes, safe)
            self._do(rig, self.session.tick(now_s))

    def _do(self, rig: Rig, outcomes: list[s.Outcome], safe: bool = True) -> None:
        for outcome in outcomes:
            if isinstance(outcome, s.Send):
                rig.send_blind(outcome.message)
            elif isinstance(outcome, s.Record):
                self.session.safe(outcome.boot, outcome.message.sequence)
            elif isinstance(outcome, s.Summary):
                self.minutes.append((outcome.boot.boots, outcome.message.minute))
                if safe:
                    self.session.summaries.safe(outcome.message.minute)


def test_a_board_that_knows_no_summaries_is_not_asked_again() -> None:
    summaries = Summaries()
    summaries.hello(hello(), 0.0)
    summaries.answered(m.Nack(REQUEST_ID, REQUEST, ErrorCode.UNKNOWN_COMMAND, ""))
    assert [summaries.tick(second) for second in (3.0, 9.0)] == [[], []]


def test_it_asks_for_all_and_again_until_there_is_an_answer() -> None:
    summaries = Summaries()
    asked = [m.RequestSummaries(REQUEST_ID, 3, 7, 0)]
    assert summaries.hello(hello(), 0.0) == asked
    assert summaries.tick(1.0) == []
    assert summaries.tick(2.5) == asked
    summaries.answered(answer(1))
    assert summaries.tick(9.0) == []


def test_the_first_is_the_one_that_the_answer_told_and_then_there_is_no_hole() -> None:
    summaries = greeted(900)
    assert summaries.on_summary(minute(900), 1.0) == (True, [])
    assert summaries.on_summary(minute(901), 1.0) == (True, [])
    assert summaries.on_summary(minute(903), 1.0) == (False, [m.RequestSummaries(REQUEST_ID, 3, 7, 902)])
    assert summaries.on_summary(minute(904), 1.0) == (False, [])  # was on its way
    summaries.answered(answer(902))
    assert summaries.on_summary(minute(902), 1.1) == (True, [])


def test_minutes_that_the_board_had_to_overwrite_meanwhile_are_passed_over() -> None:
    summaries = greeted()
    summaries.on_summary(minute(1), 1.0)
    summaries.on_summary(minute(5), 1.0)
    summaries.answered(answer(5))
    assert summaries.on_summary(minute(5), 1.1) == (True, [])


def test_only_what_is_safe_is_acknowledged() -> None:
    summaries = greeted()
    for number in (1, 2, 3):
        summaries.on_summary(minute(number), 1.0)
    assert summaries.tick(5.0) == []
    summaries.safe(2)
    assert summaries.tick(6.0) == [m.AckSummaries(0, 3, 7, 2)]
    summaries.safe(99)  # of another life of this board
    assert summaries.tick(9.0) == []


def test_after_a_restart_of_the_board_everything_is_asked_for_anew() -> None:
    summaries = greeted(800)
    summaries.on_summary(minute(800), 1.0)
    assert summaries.hello(hello(boots=4), 2.0) == [m.RequestSummaries(REQUEST_ID, 4, 7, 0)]
    summaries.answered(answer(1))
    assert summaries.on_summary(minute(1), 3.0) == (True, [])  # its flash was erased: it counts from 1 again


def test_a_long_absence_arrives_once_in_order_and_is_forgotten() -> None:
    rig, host = Rig(PaperBoard()), Host()
    rig.run_ms(6 * MINUTE_MS + 1000)
    host.listen(rig, 5000)
    assert host.minutes == [(1, number) for number in range(1, 7)]
    shelf = rig.app.diary.shelf
    assert shelf.oldest == shelf.next == 7
    host.listen(rig, MINUTE_MS)  # in its first second the ring still had to drop a reading
    host.listen(rig, 3 * MINUTE_MS)
    assert host.minutes == [(1, number) for number in range(1, 8)]


def test_frames_that_are_lost_on_the_way_cost_no_minute() -> None:
    rig, host = Rig(PaperBoard()), Host(loses=0.05)
    rig.run_ms(4 * MINUTE_MS + 1000)
    host.listen(rig, 60_000)
    # minute 5 is kept, too: the ring still dropped records in its first second; what was lost last is sent with it
    assert host.minutes == [(1, number) for number in range(1, 6)]


def test_what_was_not_safe_comes_again_to_the_next_daemon_also_after_a_power_cut() -> None:
    rig, first, second = Rig(PaperBoard()), Host(), Host()
    rig.run_ms(3 * MINUTE_MS + 1000)
    first.listen(rig, 3000, safe=False)
    rig = Rig(PaperBoard(rig.board.files))
    second.listen(rig, 3000)
    assert first.minutes == second.minutes == [(1, 1), (1, 2), (1, 3)]


def test_the_journal_keeps_each_minute_once_and_gives_back_what_it_was_given(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    boot, now = Boot("00" * 8, 3, 7), datetime(2026, 11, 21, 12, tzinfo=UTC)
    known, unknown = framed(Summary("a", boot, minute(1), now)), framed(Summary("a", boot, minute(2), None))
    journal.append([known, unknown])
    journal.append([unknown])
    assert [entry.record for entry in journal.after(0)] == [known, unknown]
    assert journal.counts == {"appended": 2, "repeated": 1}
    assert journal.through(boot) == 0  # minutes are no sequences
    journal.close()


def test_a_summary_is_a_message_of_its_own_with_null_for_what_nobody_knows(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([Summary("a", Boot("00" * 8, 3, 7), minute(2), None)])
    kind, said = kind_and_payload(record_batches.marked(record_batches.batches(journal.after(0))[0], 0, 0))
    journal.close()
    assert kind == "summary"
    assert isinstance(said, payloads.Summary)
    assert (said.pump, said.minute, said.time, said.probe_min_c) == ("a", 2, None, None)
    assert (said.probe_mean_c, said.flow_max_ul_h, said.resent) == (36.0, 0.003, False)
    assert dump(said)
