"""The running alarms: what readings and links raise, kept in a real journal, there again after a restart; and a full
disk, which loses nothing that fits into memory.
"""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from explanation_cases import START, hot_tub, play, rest, rig

from pumplink import messages as m
from pumplink.codes import Status
from warmflow.alarms import Event, NotPossible
from warmflow.alarms.catalogue import ALARMS
from warmflow.alarms.service import WAITING_MAX, AlarmService
from warmflow.alarms.updates import AlarmChanged
from warmflow.api.requests import parse
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.alarms import handlers
from warmflow.device.identity import Boot
from warmflow.device.states import LinkState
from warmflow.device.updates import Assessed, LinkStatus, PumpRemoved, Reading
from warmflow.journal import Journal, JournalReader, WriteQueue, migration
from warmflow.journal.async_journal import AsyncJournal
from warmflow.monitor import Measured
from warmflow.runtime.tasks import end

pytestmark = [pytest.mark.time, pytest.mark.timeout(30)]

BOOT = Boot("0011223344556677", 4, 0xABCD)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Bench:
    """One life of a daemon's alarms on a journal."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.published: list[AlarmChanged] = []
        self.log: list[str] = []
        self.journal = Journal(path)
        self.async_journal = AsyncJournal(self.journal, WriteQueue(self.journal), lambda *_: None, self.log.append)
        self.alarms = AlarmService(self.async_journal, self.published.append, self.log.append, clock)

    def on_assessed(self, judged: Assessed, status: int = 0) -> None:
        rig, seen, finding, _ = judged.assessment
        message = m.Telemetry(0, 1, 1, seen.pump_time_ms, 0, 0, None, 0, 0, seen.status | status)
        finding = finding._replace(changed=True)
        measured = Measured.reading(message)
        self.alarms.on_update(Reading("rig", BOOT, message, measured, judged.utc, False, finding, rig, 1))
        self.alarms.on_update(judged)

    def states(self) -> dict[str, str]:
        return {each["id"]: each["state"] for each in self.alarms.active()}


@pytest.fixture(scope="module")
def tub() -> Assessed:
    return play(hot_tub, 36, rig("water"))[0]


@pytest.fixture(scope="module")
def calm() -> Assessed:
    return play(rest, 20, rig("water"))[0]._replace(utc=START)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(tmp_path: Path, clock: Clock) -> Bench:
    return Bench(tmp_path / "journal.sqlite", clock)


def test_a_calm_pump_has_all_alarms_and_none_is_active(bench: Bench, calm: Assessed) -> None:
    bench.on_assessed(calm)
    assert bench.alarms.active() == []
    assert {each["id"] for each in bench.alarms.all()} >= {"rate", "dose", "near-empty", "drift", "probe", "telemetry"}
    assert {each.change.event for each in bench.published} == {"normal"}


def test_a_hot_tub_raises_the_rate_alarm_with_cause_and_diagnosis(bench: Bench, calm: Assessed, tub: Assessed) -> None:
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    [alarm] = bench.alarms.active()
    assert (alarm["id"], alarm["pump"], alarm["state"], alarm["cause"]) == ("rate", "rig", "unacknowledged", "heat")
    assert alarm["level"] in ("medium", "high")
    assert alarm["likely"] == "a hot tub or sauna"
    assert "Likely a hot tub or sauna (" in alarm["text"]


def test_a_probe_and_a_link_are_lost_after_their_delays_and_come_back(
    bench: Bench, calm: Assessed, clock: Clock
) -> None:
    bench.on_assessed(calm, status=Status.PROBE_FAULT)
    bench.alarms.on_update(LinkStatus("rig", LinkState.PORT_LOST, "cable pulled", clock(), "/dev/x"))
    assert bench.states() == {}
    for seconds, states in ((6, {"link"}), (6, {"link", "probe"})):
        clock.pass_s(seconds)
        bench.alarms._happened(bench.alarms._book.tick(clock()))
        assert set(bench.states()) == states
    assert next(each for each in bench.alarms.active() if each["id"] == "link")["priority"] == "medium"
    for state in (LinkState.CONNECTING, LinkState.OK):
        bench.alarms.on_update(LinkStatus("rig", state, "", clock(), "/dev/x"))
    clock.pass_s(3)
    bench.alarms._happened(bench.alarms._book.tick(clock()))
    assert set(bench.states()) == {"probe"}


@pytest.mark.parametrize("state", [LinkState.NO_READINGS, LinkState.MISMATCH], ids=lambda state: state.name)
def test_a_live_link_without_readings_is_a_telemetry_alarm_until_they_come(
    bench: Bench, calm: Assessed, clock: Clock, state: LinkState
) -> None:
    bench.on_assessed(calm)
    bench.alarms.on_update(LinkStatus("rig", state, "frames come, and no reading is among them", clock.now))
    clock.pass_s(6)
    bench.alarms._happened(bench.alarms._book.tick(clock()))
    assert "telemetry" in bench.states()
    assert ("link" in bench.states()) is (state is LinkState.MISMATCH)
    bench.on_assessed(calm)
    clock.pass_s(6)
    bench.alarms._happened(bench.alarms._book.tick(clock()))
    assert bench.states()["telemetry"] != "active"


def test_a_stopped_daemon_is_no_lost_link(bench: Bench, clock: Clock) -> None:
    bench.alarms.on_update(LinkStatus("rig", LinkState.STOPPED, "the daemon was stopped", clock(), "/dev/x"))
    assert bench.alarms.all() == []


def test_a_reservoir_that_runs_low_is_an_alarm_by_what_was_declared(bench: Bench, calm: Assessed, clock: Clock) -> None:
    rig, measured, finding, _ = calm.assessment
    nearly = int(finding.reference_flow_nl_h * 24 * 2)
    low = rig._replace(filled_nl=measured.volume_nl + nearly)
    bench.on_assessed(calm._replace(assessment=calm.assessment._replace(rig=low)))
    clock.pass_s(11)
    bench.alarms._happened(bench.alarms._book.tick(clock()))
    [alarm] = bench.alarms.active()
    assert (alarm["id"], alarm["priority"], alarm["cause"]) == ("near-empty", "low", "refill is due")
    assert alarm["figures"]["days_left"] == pytest.approx(2.0, abs=0.01)


async def test_state_and_history_survive_a_restart(tmp_path: Path, clock: Clock, calm: Assessed, tub: Assessed) -> None:
    first = Bench(tmp_path / "j.sqlite", clock)

    first.on_assessed(calm)
    first.on_assessed(tub)
    running = asyncio.create_task(first.alarms.run())
    done = await first.alarms.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", "out of the tub")
    assert done["kept"] is True
    await end(running)
    await first.async_journal.close()
    clock.pass_s(3600)
    second = Bench(tmp_path / "j.sqlite", clock)
    [alarm] = second.alarms.active()
    assert (alarm["state"], alarm["acknowledged_by"]) == ("acknowledged", "Kim")
    assert alarm["comments"][0]["text"] == "out of the tub"
    second.alarms.publish_all()
    assert {each.change.held.id for each in second.published} >= {"rate", "dose"}
    assert {each.change.event for each in second.published} == {""}  # no news: only how it stands
    second.on_assessed(calm._replace(utc=clock()))  # the new monitor sees nothing at first
    assert second.states() == {"rate": "acknowledged"}
    lines = second.alarms.history("rig")
    assert [(line["event"], line["by"]) for line in lines if line["id"] == "rate"] == [
        ("raised", None), ("explained", None), ("acknowledged", "Kim"),
    ]  # fmt: skip
    assert second.alarms.history("rig", since=clock()) == []
    await second.async_journal.close()


async def test_what_happens_while_the_disk_is_full_is_kept_when_it_is_not(
    bench: Bench, calm: Assessed, tub: Assessed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(rows: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(bench.journal, "keep_alarms", full)
        patch.setattr("warmflow.alarms.service.KEPT_WITHIN_S", 0.05)
        bench.on_assessed(calm)
        bench.on_assessed(tub)
        assert await bench.alarms.store() is False
        done = await bench.alarms.act("rig", "rate", Event.ACKNOWLEDGE, "Kim")
        assert (done["alarm"]["state"], done["kept"]) == ("acknowledged", False)
    assert any("disk is full" in line for line in bench.log)
    assert await bench.alarms.store() is True
    kept = {row["id"]: row["state"] for row in bench.journal.alarms()}
    assert kept["rate"] == "acknowledged"
    await bench.async_journal.close()


def test_what_waits_for_the_disk_is_bounded(bench: Bench, calm: Assessed, tub: Assessed) -> None:
    for _ in range(WAITING_MAX // 2 + 10):
        bench.on_assessed(calm)
        bench.on_assessed(tub)
    assert len(bench.alarms._waiting) <= WAITING_MAX


async def test_what_a_stop_meets_on_its_way_to_the_disk_is_kept_once(
    bench: Bench, calm: Assessed, tub: Assessed
) -> None:
    busy, free = threading.Event(), threading.Event()
    bench.async_journal._writing.submit(lambda: (busy.set(), free.wait(10)))
    await asyncio.to_thread(busy.wait)
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    keeping = asyncio.create_task(bench.alarms.store())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await end(keeping)
    free.set()
    assert await bench.alarms.store()
    lines = bench.alarms.history("rig")
    await bench.async_journal.close()
    events = [line["event"] for line in lines if line["id"] == "rate"]
    assert events
    assert len(events) == len(set(events))


async def test_the_newest_of_a_long_history_are_told(bench: Bench, calm: Assessed, tub: Assessed) -> None:
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    await bench.alarms.store()
    ask = parse("alarm_history", b'{"hours": 8000, "limit": 1}')
    found = await handlers(bench.alarms)["alarm_history"](ask.ask)  # type: ignore[union-attr]
    everything = bench.alarms.history("rig")
    await bench.async_journal.close()
    assert found["history"] == everything[-1:]
    assert (len(everything), found)[0] > 1


async def test_a_pump_that_is_gone_leaves_the_journal_too_and_its_history_stays(
    bench: Bench, calm: Assessed, tub: Assessed
) -> None:
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    await bench.alarms.store()
    bench.alarms.on_update(PumpRemoved("rig"))
    await bench.alarms.store()
    assert bench.alarms.all() == []
    assert bench.journal.alarms() == []
    assert bench.alarms.history("rig") != []
    await bench.async_journal.close()


def test_a_renamed_pump_has_all_its_alarms_under_the_new_name(bench: Bench, calm: Assessed) -> None:
    """Its monitor goes on, so that its finding does not change: Home Assistant showed `unknown` for the rate."""
    bench.on_assessed(calm)
    bench.alarms.on_update(PumpRemoved("rig"))
    bench.published.clear()
    bench.alarms.on_update(LinkStatus("new", LinkState.OK, "", START, "/dev/ttyACM0"))
    rig, seen, finding, _ = calm.assessment
    message = m.Telemetry(0, 2, 2, seen.pump_time_ms, 0, 0, None, 0, 0, seen.status)
    reading = Reading("new", BOOT, message, Measured.reading(message), calm.utc, False, finding, rig, 1)
    bench.alarms.on_update(reading._replace(finding=finding._replace(changed=False)))
    bench.alarms.on_update(calm._replace(pump="new"))
    assert {(each.change.held.pump, each.change.held.id) for each in bench.published} == {("new", id) for id in ALARMS}


def test_an_alarm_of_another_version_is_left_out_and_said(tmp_path: Path, clock: Clock) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    with journal.file.transaction():
        journal.file.db.execute("""INSERT INTO alarms VALUES ('rig', 'rate', '{"id": "rate"}')""")
    journal.close()
    bench = Bench(tmp_path / "j.sqlite", clock)
    assert bench.alarms.all() == []
    assert "cannot be read" in bench.log[0]


def test_a_journal_of_version_3_becomes_one_with_alarms_and_an_older_one_has_no_history(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    Journal(path).close()
    db = sqlite3.connect(path)
    for table in ("alarms", "alarm_lines", "annotations"):
        db.execute(f"DROP TABLE {table}")
    db.executescript("DROP TABLE names; DROP TABLE adoptions")
    db.executescript("DROP TABLE marks; ALTER TABLE cursors DROP COLUMN used_s; PRAGMA user_version = 3")
    db.close()
    reader = JournalReader(path)
    assert reader.alarm_lines(None, 0, 2**62, 10) == []
    reader.close()
    journal = Journal(path)
    assert journal.alarms() == []
    assert journal.file.pragma("user_version") == len(migration.STEPS) + 1
    journal.close()


# --- requests ---------------------------------------------------------------------------------------------------------


def asked(alarms: AlarmService) -> Dispatcher:
    return Dispatcher(list, handlers(alarms))


WHO = b'"pump": "rig", "id": "rate", "by": "Kim"'


async def test_an_operator_may_do_what_moves_no_pump_where_commands_are_off(
    bench: Bench, calm: Assessed, tub: Assessed
) -> None:
    answers = asked(bench.alarms)

    async def ask(kind: str, more: str = "", **ways: bool) -> Any:
        payload = '{"pump": "rig", "id": "rate", "by": "Kim"' + more + "}"
        return await answers.answer(kind, payload.encode(), **{"allowed": False, "operators": True} | ways)

    running = asyncio.create_task(bench.alarms.run())
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    assert "commands are off" in (await ask("acknowledge", operators=False))["error"]
    assert "commands are off" in (await answers.answer("refill", b'{"pump": "rig"}', allowed=False))["error"]
    assert (await ask("acknowledge"))["data"]["alarm"]["acknowledged_by"] == "Kim"
    shelved = (await ask("shelve", ', "minutes": 10'))["data"]["alarm"]
    assert shelved["shelved_until"] == "2026-11-21T12:10:00.000Z"
    assert (await ask("unshelve"))["data"]["alarm"]["state"] == "unacknowledged"
    commented = (await ask("comment", ', "text": "pad\\n off"'))["data"]["alarm"]
    assert commented["comments"][0]["text"] == "pad off"
    assert "condition is still present" in (await ask("unlatch"))["error"]
    assert len((await answers.answer("alarms", b"", allowed=False))["data"]["alarms"]) >= 5
    await end(running)
    await bench.async_journal.close()


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [
        ("acknowledge", b'{"pump": "rig", "id": "rate"}', "by: is missing"),
        ("acknowledge", b'{"pump": "rig", "id": "rate", "by": ""}', "by: may not be empty"),
        ("shelve", b"{%s}" % WHO, "minutes: is missing"),
        ("shelve", b'{%s, "minutes": 0}' % WHO, "minutes: has to be more than 0"),
        ("shelve", b'{%s, "minutes": 20000}' % WHO, "minutes: has to be 10080 or less"),
        ("comment", b"{%s}" % WHO, "text: is missing"),
        ("alarm_history", b'{"hours": -1}', "hours: has to be more than 0"),
    ],
)
def test_what_is_missing_or_out_of_range_is_said(kind: str, payload: bytes, why: str) -> None:
    found = parse(kind, payload)
    assert why in getattr(found, "error", "")


async def test_a_name_of_control_characters_is_no_name(bench: Bench, calm: Assessed) -> None:
    bench.on_assessed(calm)
    payload = b'{"pump": "rig", "id": "rate", "by": "\\u001b[2J"}'
    answer = await asked(bench.alarms).answer("comment", payload[:-1] + b', "text": "x"}', allowed=True)
    assert "enter your name" in answer["error"]


async def test_an_unknown_alarm_is_refused_with_those_that_there_are(bench: Bench, calm: Assessed) -> None:
    bench.on_assessed(calm)
    with pytest.raises(NotPossible, match="near-empty"):
        await bench.alarms.act("rig", "rats", Event.ACKNOWLEDGE, "Kim")


async def test_an_acknowledgement_is_taken_back_by_a_request_once(
    bench: Bench, calm: Assessed, tub: Assessed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warmflow.alarms.service.KEPT_WITHIN_S", 0.01)  # nobody takes it to the disk here
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    answers, who = asked(bench.alarms), b'{"pump": "rig", "id": "rate", "by": "Kim"}'
    assert (await answers.answer("acknowledge", who, allowed=True))["status"] == "ok"
    assert bench.states()["rate"] == "acknowledged"
    undone = await answers.answer("undo_acknowledge", who, allowed=True)
    assert undone["data"]["alarm"]["state"] == "unacknowledged"
    again = await answers.answer("undo_acknowledge", who, allowed=True)
    assert "no acknowledgement of the last seconds" in again["error"]


async def test_the_times_of_a_history_are_utc(bench: Bench, calm: Assessed, tub: Assessed) -> None:
    bench.on_assessed(calm)
    bench.on_assessed(tub)
    await bench.alarms.store()
    for line in bench.alarms.history():
        assert datetime.fromisoformat(line["at"]).tzinfo == UTC
