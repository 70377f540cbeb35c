"""Retention: nothing is removed because of a date, nothing by age that a sink has not read, and not much at a time."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from handed_clocks import DAY_S, HOUR_S, HandedClocks, retain
from records import BOOT, START, reading

from warmflow.device.identity import Boot
from warmflow.device.updates import Gap, Reading
from warmflow.journal import Journal, Limits, WriteQueue, ages, migration, retention
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.journal_log import REMOVED_S
from warmflow.runtime.wall_clock import CALM_S, ClockWatch

OPEN_S = 7 * DAY_S  # raw_days


@pytest.fixture
def clocks() -> HandedClocks:
    return HandedClocks()


@pytest.fixture
def journal(tmp_path: Path, clocks: HandedClocks) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite", clock=clocks.date, steady=clocks.steady)
    yield opened
    opened.close()


def again(journal: Journal, clocks: HandedClocks) -> Journal:
    """The journal of the next daemon."""
    journal.close()
    return Journal(journal.path, clock=clocks.date, steady=clocks.steady)


def sequences(journal: Journal) -> list[int]:
    return [entry.record.message.sequence for entry in journal.after(0, 10_000) if isinstance(entry.record, Reading)]


def rollups(journal: Journal) -> int:
    return int(journal.file.db.execute("SELECT count(*) FROM rollups").fetchone()[0])


# --- what goes, and what is counted -----------------------------------------------------------------------------------


def test_records_go_in_the_order_of_their_arrival_when_the_journal_was_open_for_raw_days(
    journal: Journal, clocks: HandedClocks
) -> None:
    journal.append([reading(n) for n in range(1, 51)])
    clocks.go_on_with(journal, DAY_S)
    journal.append([reading(n) for n in range(51, 101)])
    assert clocks.go_on_with(journal, OPEN_S - DAY_S) == 0
    assert clocks.go_on_with(journal, DAY_S - HOUR_S) == 50
    assert sequences(journal) == list(range(51, 101))
    assert journal.removed() == {"age": 50}


def test_no_more_than_a_tenth_goes_by_age_in_an_hour(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(n) for n in range(1, 1001)])
    clocks.go_on_with(journal, OPEN_S)
    held = len(sequences(journal))
    for _ in range(10):
        gone = clocks.go_on_with(journal, HOUR_S, every_s=60)
        assert 0 < gone <= held * retention.SHARE_AN_HOUR
        held -= gone
    journal = again(journal, clocks)
    assert retain(journal) == 0  # a restart gives no new hour


def test_a_short_raw_days_is_kept_though_it_is_more_than_a_tenth_an_hour(tmp_path: Path, clocks: HandedClocks) -> None:
    journal = Journal(tmp_path / "j.sqlite", Limits(raw_days=1 / 24), clocks.date, clocks.steady)
    for first in range(1, 10_000, 100):
        journal.append([reading(n) for n in range(first, first + 100)])
        clocks.go_on_with(journal, 60)
    assert 6000 <= len(sequences(journal)) <= 6600


def test_by_size_the_oldest_go_at_any_rate(journal: Journal) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    assert journal.remove_old(START, max_bytes=1000) == 89  # and no more than have to go
    assert journal.raw_bytes() <= 1000
    assert sequences(journal) == list(range(90, 101))
    assert journal.removed() == {"size": 89}


def test_numbers_are_never_used_again_after_retention(journal: Journal) -> None:
    journal.append([reading(1), reading(2)])
    last = journal.last()
    assert journal.remove_old(max_bytes=1) == 2
    journal.append([reading(3)])
    assert journal.after(0)[0].id > last


def test_a_boot_is_remembered_when_all_its_records_are_removed(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(n) for n in range(1, 51)])
    assert journal.remove_old(max_bytes=1) == 50
    assert journal.after(0) == []
    journal = again(journal, clocks)
    assert journal.through(BOOT) == 50
    assert journal.latest(BOOT.board_id) == BOOT


def test_imported_readings_are_not_too_old(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(n, Boot("import-00", 1, 0)) for n in range(1, 11)])
    assert clocks.go_on_with(journal, 400 * DAY_S, DAY_S) == rollups_of(10)  # a year is over
    assert len(journal.after(0)) == 10


def rollups_of(readings: int) -> int:
    """Of so many readings of records.py, ten a second from 0.1 s on: seconds, and one minute."""
    return readings // 10 + 1 + 1


def test_rollups_outlive_the_readings_for_a_year_and_are_then_removed_and_counted(
    journal: Journal, clocks: HandedClocks
) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    start_s = round(START.timestamp())
    clocks.go_on_with(journal, 300 * DAY_S, DAY_S)
    [minute] = journal.reader.rollups("rig", 60, start_s, start_s + 60)
    assert (minute.n, minute.probe_min_mc, minute.probe_mean_mc, minute.probe_max_mc) == (100, 24_001, 24_050.5, 24_100)
    assert (minute.flow_min_nl_h, minute.flow_mean_nl_h, minute.volume_nl) == (48_880, 48_880, 8100)
    clocks.go_on_with(journal, 68 * DAY_S, DAY_S)
    assert journal.reader.rollups("rig", 60, start_s, start_s + 60) == []
    assert journal.removed()["rollups by age"] == rollups_of(100)


def test_rollups_of_a_name_that_a_pump_no_longer_has_go_like_others(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(n, pump="old") for n in range(1, 50)])
    journal.append([reading(n, pump="new") for n in range(50, 100)])
    clocks.go_on_with(journal, 368 * DAY_S, DAY_S)
    assert rollups(journal) == 0


# --- what a sink has not read -----------------------------------------------------------------------------------------


def test_nothing_that_a_sink_has_not_read_is_removed_by_age(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    journal.move_cursor("mqtt", 40)
    journal.move_cursor("archive", 100)
    clocks.go_on_with(journal, 100 * DAY_S, 6 * HOUR_S)  # its broker is away all the time
    assert sequences(journal) == list(range(41, 101))
    journal.move_cursor("mqtt", 100)
    clocks.go_on_with(journal, 10 * DAY_S)
    assert journal.after(0) == []
    assert journal.removed() == {"age": 100}


def test_what_goes_by_size_unread_is_a_gap_to_the_sinks_that_are_behind_and_names_them(journal: Journal) -> None:
    other = Boot(BOOT.board_id, 9, 9)
    journal.append([reading(n) for n in range(1, 101)])
    journal.append([reading(n, other) for n in range(1, 11)])
    for name, record in (("mqtt", 40), ("slow", 20), ("archive", 110)):
        journal.move_cursor(name, record)
    assert journal.remove_old(max_bytes=1) + journal.remove_old(max_bytes=1) == 110  # a boot at a time
    why = retention.unread_by(["mqtt", "slow"])
    gaps = [entry.record for entry in journal.after(20)]
    assert gaps == [Gap("rig", BOOT, 21, 100, why), Gap("rig", other, 1, 10, why)]
    assert "mqtt" in why
    assert journal.after(110) == []
    assert journal.removed() == {"size": 110, "unread by mqtt": 70, "unread by slow": 90}


def test_an_unread_gap_that_is_itself_removed_becomes_part_of_a_wider_one(journal: Journal) -> None:
    journal.move_cursor("mqtt", 0)
    journal.append([reading(n) for n in range(1, 101)])
    assert journal.remove_old(max_bytes=1) == 100
    journal.append([reading(n) for n in range(101, 201)])
    assert journal.remove_old(max_bytes=1) == 100
    assert journal.remove_old(max_bytes=1) == 0
    assert [entry.record for entry in journal.after(0)] == [Gap("rig", BOOT, 1, 200, retention.unread_by(["mqtt"]))]
    assert journal.removed() == {"size": 200, "unread by mqtt": 200}


def test_a_sink_that_has_asked_once_holds_its_records_even_if_it_never_got_any(
    journal: Journal, clocks: HandedClocks
) -> None:
    assert journal.cursor("mqtt") == 0
    journal.append([reading(1)])
    clocks.go_on_with(journal, 8 * DAY_S)
    assert sequences(journal) == [1]
    assert journal.remove_old(max_bytes=1) == 1
    assert [entry.record for entry in journal.after(0)] == [Gap("rig", BOOT, 1, 1, retention.unread_by(["mqtt"]))]


def test_a_cursor_that_no_sink_uses_holds_records_for_thirty_days_of_running_and_no_longer(
    journal: Journal, clocks: HandedClocks
) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    journal.move_cursor("old", 30)
    journal = again(journal, clocks)  # the sink has left the settings
    journal.move_cursor("mqtt", 100)
    clocks.go_on(365 * DAY_S)  # the date alone counts for nothing: the daemon was off
    journal = again(journal, clocks)
    journal.cursor("mqtt")
    clocks.go_on_with(journal, ages.ABANDONED_S - HOUR_S)
    assert sequences(journal) == list(range(31, 101))
    clocks.go_on_with(journal, 10 * DAY_S)
    assert sequences(journal) == []
    assert [entry.record for entry in journal.after(30)] == [Gap("rig", BOOT, 31, 100, retention.unread_by(["old"]))]
    assert journal.after(100) == []


def test_a_cursor_can_be_forgotten_and_holds_nothing_then(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(1)])
    journal.cursor("old")
    assert journal.forget_cursor("old")
    assert not journal.forget_cursor("old")
    clocks.go_on_with(journal, 8 * DAY_S)
    assert journal.after(0) == []


# --- wrong clocks -----------------------------------------------------------------------------------------------------


def minutes(journal: Journal, clocks: HandedClocks, count: int, first: int) -> int:
    """A daemon that runs: a hundred readings a minute, all of them read by MQTT; the next sequence."""
    for _ in range(count):
        journal.append([reading(n) for n in range(first, first + 100)])
        journal.move_cursor("mqtt", journal.last())
        first += 100
        assert clocks.go_on_with(journal, 60) == 0
    return first


def test_a_clock_that_is_400_days_ahead_for_75_seconds_removes_nothing(journal: Journal, clocks: HandedClocks) -> None:
    following = minutes(journal, clocks, 30, 1)
    held, spans = len(sequences(journal)), rollups(journal)
    clocks.step(400 * DAY_S)
    for _ in range(75):
        assert clocks.go_on_with(journal, 1) == 0
    clocks.step(-400 * DAY_S)
    minutes(journal, clocks, 3, following)
    assert len(sequences(journal)) == held + 300
    assert rollups(journal) >= spans


@pytest.mark.parametrize("days", [-400, -1, 1, 8, 400, 4000])
def test_a_clock_that_stays_wrong_removes_nothing_that_is_young(
    days: float, journal: Journal, clocks: HandedClocks
) -> None:
    following = minutes(journal, clocks, 10, 1)
    clocks.step(days * DAY_S)
    clocks.go_on_with(journal, 3 * DAY_S)
    minutes(journal, clocks, 1, following)
    journal = again(journal, clocks)
    clocks.go_on_with(journal, 3 * DAY_S)
    assert len(sequences(journal)) == 1100
    assert rollups(journal) > 100
    assert journal.removed() == {}


def test_a_computer_that_starts_fourteen_days_back_and_steps_to_now_removes_nothing(
    tmp_path: Path, clocks: HandedClocks
) -> None:
    clocks.step(-14 * DAY_S)  # no clock that goes on while it is off
    journal = Journal(tmp_path / "j.sqlite", clock=clocks.date, steady=clocks.steady)
    dated = [each._replace(utc=each.utc - timedelta(days=14)) for each in map(reading, range(1, 359))]
    journal.append(dated)
    journal.move_cursor("mqtt", journal.last())
    assert clocks.go_on_with(journal, 60) == 0
    clocks.step(14 * DAY_S)
    assert clocks.go_on_with(journal, DAY_S, 60) == 0
    assert len(sequences(journal)) == 358


def test_what_was_not_read_when_the_daemon_went_off_for_eight_days_is_there_for_mqtt(
    journal: Journal, clocks: HandedClocks
) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    journal.move_cursor("mqtt", 10)
    clocks.go_on_with(journal, HOUR_S, 60)
    clocks.go_on(8 * DAY_S)
    journal = again(journal, clocks)
    assert clocks.go_on_with(journal, DAY_S, 600) == 0
    assert [entry.record.message.sequence for entry in journal.after(10)] == list(range(11, 101))  # type: ignore[union-attr]


def test_the_clock_watch_trusts_a_date_that_agrees_with_the_steady_clock_for_an_hour(clocks: HandedClocks) -> None:
    watch = ClockWatch()
    watch.look(clocks.steady(), clocks.date())
    for seconds in (3600, 8 * DAY_S):  # a computer that slept: both clocks went on
        clocks.go_on(seconds)
        watch.look(clocks.steady(), clocks.date())
        assert watch.stepped_s == 0
    clocks.step(-61)
    watch.look(clocks.steady(), clocks.date())
    assert watch.stepped_s == pytest.approx(-61)
    clocks.go_on(CALM_S - 1)
    watch.look(clocks.steady(), clocks.date())
    assert watch.stepped_s == pytest.approx(-61)
    clocks.go_on(1)
    watch.look(clocks.steady(), clocks.date())
    assert watch.stepped_s == 0


def test_a_step_suspends_removal_by_age_for_an_hour(journal: Journal, clocks: HandedClocks) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    clocks.go_on_with(journal, OPEN_S)
    clocks.step(3 * HOUR_S)
    assert clocks.go_on_with(journal, CALM_S, 60) == 0
    assert clocks.go_on_with(journal, HOUR_S, 60) > 0


async def test_the_desk_logs_a_step_once_and_its_end_and_what_was_removed(
    journal: Journal, clocks: HandedClocks
) -> None:
    log: list[str] = []

    async_journal = AsyncJournal(journal, WriteQueue(journal), lambda *safe: None, log.append)

    async def retained() -> None:
        async_journal._retained_at = -1e9  # it is time for it
        await async_journal._retain()

    journal.append([reading(n) for n in range(1, 101)])
    await retained()
    assert (log, async_journal.clock_stepped) == ([], "")
    for step_s, words in ((400 * DAY_S, "forward by 400.0 days"), (-400 * DAY_S, "back by 400.0 days")):
        clocks.step(step_s)
        for _ in range(3):
            clocks.go_on(60)
            await retained()
        assert words in async_journal.clock_stepped
        assert words in log[-1]
    assert len(log) == 2
    clocks.go_on(CALM_S)
    await retained()
    assert async_journal.clock_stepped == ""
    assert "steady" in log[-1]
    clocks.go_on_with(journal, OPEN_S + HOUR_S)
    async_journal.journal_log._logged_at = -REMOVED_S - 1e9
    await retained()
    assert "older than raw_days" in log[-1]
    assert len(log) == 4
    await async_journal._call(async_journal._writing, lambda: None)


def test_a_journal_of_version_5_begins_to_age_and_holds_what_its_sinks_have_not_read(
    tmp_path: Path, clocks: HandedClocks
) -> None:
    path = tmp_path / "j.sqlite"
    made = Journal(path)
    made.append([reading(n) for n in range(1, 101)])
    made.move_cursor("mqtt", 40)
    made.close()
    db = sqlite3.connect(path)
    db.executescript("DROP TABLE names; DROP TABLE adoptions")
    db.executescript("DROP TABLE marks; ALTER TABLE cursors DROP COLUMN used_s; PRAGMA user_version = 5")
    db.close()
    clocks.step(30 * DAY_S)
    journal = Journal(path, clock=clocks.date, steady=clocks.steady)
    assert journal.file.pragma("user_version") == len(migration.STEPS) + 1
    assert clocks.go_on_with(journal, OPEN_S) == 0
    assert clocks.go_on_with(journal, 20 * DAY_S) == 40
    assert journal.cursor("mqtt") == 40
