"""A minute summary that does not come, or that cannot be read, is a gap with a reason, on disk and on MQTT."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from records import BOOT, START, reading

from pumplink import messages as m
from pumplink.decoder import Received, Rejected
from pumplink.heads import MinuteHead
from warmflow.api import payloads
from warmflow.device import session as s
from warmflow.device.clock.time_sync import Timekeeper
from warmflow.device.host_clock import Stamp
from warmflow.device.link.record_publisher import RecordPublisher
from warmflow.device.session.summaries import HOLE_TRIES, REQUEST, REQUEST_ID
from warmflow.device.updates import Reading, Summary, SummaryGap
from warmflow.journal import Journal, JournalReader, WriteQueue, retention
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.row_codec import BAD_ROW
from warmflow.sinks.mqtt.record_messages import kind_and_payload
from warmflow.sinks.record_batches import batches, marked

KNOWN = {
    "protocol_major": m.PROTOCOL_MAJOR,
    "board_id": bytes.fromhex(BOOT.board_id),
    "boot_count": BOOT.boots,
    "boot_random": BOOT.random,
}
HELLO = m.Hello(**dict.fromkeys(m.Hello._fields, 0) | KNOWN)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite", clock=lambda: START)
    yield opened
    opened.close()


def minute(number: int) -> m.MinuteSummary:
    return m.MinuteSummary(BOOT.boots, BOOT.random, number, 60_000, 60_000, 600, None, 1, 1, 1, 2, 3, 4, 0)


def received(*messages: m.Message) -> list[Any]:
    return [Received(message, b"") for message in messages]


def published(first: int, *turns: list[Any]) -> list[Any]:
    """What a board's frames become, for the journal; `first` is the oldest minute that the board says it has."""
    session, updates = s.Session(), list[Any]()
    publisher = RecordPublisher(updates.append, Timekeeper(), cast(Any, None), Counter(), lambda text, level: None)
    session.opened(0.0)
    answer = received(m.Ack(REQUEST_ID, REQUEST, 0, str(first)))
    for at, turn in enumerate([received(HELLO), answer, *turns]):
        for outcome in session.receive(turn, at / 10):
            if isinstance(outcome, s.Summary | s.LostMinutes):
                publisher.publish(outcome, cast(Any, "rig"), Stamp(0.0, 0.0), session.boot, 1)
    return updates


def without_boot(updates: list[Any]) -> list[tuple[Any, ...]]:
    return [each[2:] for each in updates if isinstance(each, SummaryGap)]


def test_minutes_that_the_board_no_longer_has_are_a_gap() -> None:
    overwritten = received(minute(1), minute(9), m.Ack(REQUEST_ID, REQUEST, 0, "9"), minute(9))
    found = published(1, overwritten)
    assert without_boot(found) == [(2, 8, "the board had to overwrite them")]
    assert [each.message.minute for each in found if isinstance(each, Summary)] == [1, 9]


def test_a_minute_that_is_damaged_on_the_board_is_a_gap_and_those_behind_it_come() -> None:
    damaged = received(minute(1), m.Ack(REQUEST_ID, REQUEST, 0, "2"), minute(3))
    found = published(1, *[damaged] * (HOLE_TRIES + 2))
    assert [each[:2] for each in without_boot(found)] == [(2, 2)]
    assert [each.message.minute for each in found if isinstance(each, Summary)] == [1, 3]


def test_a_minute_that_comes_and_cannot_be_read_is_a_gap() -> None:
    found = published(1, [Rejected("length", 60, b"", MinuteHead(BOOT.boots, BOOT.random, 1)), *received(minute(2))])
    assert [each[:2] for each in without_boot(found)] == [(1, 1)]


async def test_the_journal_keeps_it_beside_a_gap_of_readings_and_tells_the_board_then(journal: Journal) -> None:
    told: list[tuple[str, int]] = []
    inbox = WriteQueue(journal)
    storing = AsyncJournal(journal, inbox, lambda *_: None, print, lambda *said: told.append(said))
    gap = SummaryGap(cast(Any, "rig"), BOOT, 5, 7, "überschrieben")
    for update in (reading(5), gap, gap):
        inbox.on_update(update)
    assert told == []
    await storing.flush()
    assert told[0] == (BOOT.board_id, 7)
    assert [entry.record for entry in journal.after(0)][1:] == [gap]
    assert journal.through(BOOT) == 5  # minutes are no sequences
    assert journal.counts == {"appended": 2, "repeated": 1}
    await storing.close()


def test_subscribers_get_it_on_a_topic_of_its_own(journal: Journal) -> None:
    journal.append([SummaryGap(cast(Any, "rig"), BOOT, 5, 7, "why")])
    kind, said = kind_and_payload(marked(batches(journal.after(0))[0], 0, 0))
    assert kind == "summary_gap"
    assert isinstance(said, payloads.SummaryGap)
    assert (said.pump, said.first_minute, said.last_minute, said.reason) == ("rig", 5, 7, "why")


def test_a_minute_whose_row_cannot_be_read_is_a_gap(journal: Journal) -> None:
    journal.append([Summary(cast(Any, "rig"), BOOT, minute(4), START)])
    with closing(sqlite3.connect(journal.path)) as db:
        db.execute("UPDATE records SET payload = x'05ff'")
        db.commit()
    reader = JournalReader(journal.path)
    assert [entry.record for entry in reader.after(0)] == [SummaryGap(cast(Any, "rig"), BOOT, 4, 4, BAD_ROW)]
    reader.close()


def test_minutes_that_retention_removes_unread_are_a_gap_apart_from_that_of_the_readings(journal: Journal) -> None:
    journal.append(
        [each for n in range(1, 51) for each in (reading(n), Summary(cast(Any, "rig"), BOOT, minute(n), None))]
    )
    journal.move_cursor("mqtt", 40)  # 20 of each
    while journal.remove_old(START, max_bytes=1):
        pass
    found = [entry.record for entry in journal.after(0)]
    assert not any(isinstance(each, Reading | Summary) for each in found)
    assert sorted((type(each).__name__, each.first, each.last) for each in found) == [  # type: ignore[union-attr]
        ("Gap", 21, 50), ("SummaryGap", 21, 50)]  # fmt: skip
    assert {each.reason for each in found} == {retention.unread_by(["mqtt"])}  # type: ignore[union-attr]
