"""Names in the journal: nothing is kept without one, what is said of an earlier boot renames nothing, an older file is
healed, and a name stays with the board that had it first.
"""

import json
import sqlite3
from pathlib import Path

import pytest
from fake_ports import FakePorts, board_id, hello, reading
from records import BOOT, START
from records import reading as kept_reading
from typer.testing import CliRunner

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from warmflow.cli.main import _register, app
from warmflow.device.identity import BadName, Boot, PumpName
from warmflow.device.updates import BoardEvent, Declaration, Gap, Reading, Summary
from warmflow.journal import Entry, Journal, JournalReader, WriteQueue, migration
from warmflow.journal import names as name_rows

RESTARTED = "the board restarted"


def kept(journal: Journal) -> list[tuple[str, int]]:
    """(pump, boot) of everything in it, in its order."""
    return [(each.record.pump, each.record.boot.boots) for each in journal.after(0)]


def daemon(journal: Journal) -> tuple[FakePorts, WriteQueue]:
    """The way from the ports to the journal, as the daemon has it."""
    inbox = WriteQueue(journal)
    ports = FakePorts(2, inbox, journal.names)
    ports.hub.add(inbox)
    return ports, inbox


def store(journal: Journal, inbox: WriteQueue) -> None:
    batch = inbox.head(1000)
    journal.append(batch)
    inbox.done(len(batch))


def test_a_restart_of_daemon_and_board_leaves_the_earlier_readings_their_name(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    ports, inbox = daemon(journal)
    ports.send(0, hello("rig", boot=1), reading(1), reading(2))
    store(journal, inbox)
    ports, inbox = daemon(journal)  # the daemon was stopped, and so was the board
    ports.send(0, hello("rig", boot=2), reading(1))
    store(journal, inbox)
    assert kept(journal) == [("rig", 1), ("rig", 1), ("rig", 1), ("rig", 2)]
    [gap] = [each.record for each in journal.after(0) if isinstance(each.record, Gap)]
    assert (gap.first, gap.last, gap.reason.startswith(RESTARTED)) == (3, None, True)
    assert journal.reader.pumps() == ["rig"]


def test_a_board_that_comes_back_with_another_name_leaves_its_earlier_boot_the_old_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    ports, inbox = daemon(journal)
    ports.send(0, hello("old", boot=1), reading(1))
    store(journal, inbox)
    ports, inbox = daemon(journal)
    ports.send(0, hello("new", boot=2), reading(1))
    store(journal, inbox)
    assert kept(journal) == [("old", 1), ("old", 1), ("new", 2)]


def test_what_the_rig_declares_renames_its_present_boot(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.append([kept_reading(1, pump="old")])
    journal.append([Declaration(PumpName("new"), BOOT, hello("new"), START), kept_reading(2, pump="new")])
    assert {pump for pump, _ in kept(journal)} == {"new"}


@pytest.mark.parametrize("name", ["", "bridge", "a/b", "#"])
def test_nothing_without_a_name_gets_into_the_journal(tmp_path: Path, name: str) -> None:
    inbox = WriteQueue(Journal(tmp_path / "j.sqlite"))
    event, minute = m.Event(0, 1, 1, 1, 1, 0, ""), m.MinuteSummary(*[1] * len(m.MinuteSummary._fields))
    for update in (
        kept_reading(1, pump=name),
        Gap(name, BOOT, 1, 2, "x"),  # type: ignore[arg-type]
        BoardEvent(name, BOOT, event, START, False),  # type: ignore[arg-type]
        Summary(name, BOOT, minute, None),  # type: ignore[arg-type]
        Declaration(name, BOOT, hello("rig"), START),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadName):
            inbox.on_update(update)
    assert not inbox.waiting


def test_a_name_stays_with_its_board_over_restarts_of_the_daemon(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    ports, inbox = daemon(journal)
    ports.send(0, hello("rig", board=1), reading(1))
    store(journal, inbox)
    journal.close()
    journal = Journal(tmp_path / "j.sqlite")
    ports, inbox = daemon(journal)
    ports.send(0, hello("rig", board=2), reading(1))
    store(journal, inbox)
    assert "belongs to board " + board_id(1) in ports.links[0].session.detail
    assert kept(journal) == [("rig", 1)]


def version_6(path: Path) -> sqlite3.Connection:
    """A journal of today, made to be one of version 6; to be changed and closed."""
    Journal(path).close()
    db = sqlite3.connect(path)
    db.executescript("DROP TABLE names; DROP TABLE adoptions; PRAGMA user_version = 6")
    return db


def add_boot(db: sqlite3.Connection, board: str, count: int, pump: str, declared: str | None = None) -> None:
    number = db.execute(
        "INSERT INTO boots (board_id, boots, random, pump, last_record) VALUES (?,?,7,?,?)", (board, count, pump, count)
    ).lastrowid
    if declared is not None:
        payload = ENCODERS[m.Hello](hello(declared))
        db.execute("INSERT INTO declarations (boot, utc_ms, payload) VALUES (?, 0, ?)", (number, payload))


def boots(path: Path) -> list[tuple[str, int, str]]:
    journal = Journal(path)
    assert journal.file.pragma("user_version") == len(migration.STEPS) + 1
    found = journal.file.db.execute("SELECT board_id, boots, pump FROM boots ORDER BY id").fetchall()
    journal.close()
    return found


def test_boots_that_lost_their_name_get_it_back(tmp_path: Path) -> None:
    db = version_6(tmp_path / "j.sqlite")
    add_boot(db, "b1", 1, "", declared="rig")  # said by the rig itself
    add_boot(db, "b2", 1, "")  # by another boot of the board
    add_boot(db, "b2", 2, "left")
    add_boot(db, "aa00bb11cc22dd33", 1, "")  # by nobody: as the firmware names itself
    add_boot(db, "replay-b3", 1, "", declared="rig")
    add_boot(db, "import-1234abcd", 1, "")
    db.commit()
    db.close()
    assert [pump for _, _, pump in boots(tmp_path / "j.sqlite")] == [
        "rig", "left", "left", "pico-dd33", "rig-replay", "import-abcd",
    ]  # fmt: skip


def test_names_that_no_pump_can_have_are_mended_in_all_tables_and_do_not_become_one(tmp_path: Path) -> None:
    db = version_6(tmp_path / "j.sqlite")
    for number, name in enumerate(("bridge", "My Log.v2", "my-log-v2", "my/log/v2", "#", "a" * 40)):
        add_boot(db, f"import-{number}", 1, name)
    db.execute("INSERT INTO alarms VALUES ('My Log.v2', 'rate', ?)", (json.dumps({"pump": "My Log.v2", "id": "rate"}),))
    db.execute("INSERT INTO annotations VALUES (1, 'My Log.v2', 1, 'text', 'Kim', 1)")
    db.commit()
    db.close()
    mended = [pump for _, _, pump in boots(tmp_path / "j.sqlite")]
    assert mended == ["bridge-1", "my-log-v2-2", "my-log-v2", "my-log-v2-3", "pump", mended[-1]]
    assert len(mended[-1]) <= 16
    journal = Journal(tmp_path / "j.sqlite")
    assert journal.alarms() == [{"pump": "my-log-v2-2", "id": "rate"}]
    assert [each.pump for each in journal.reader.annotations(None, 0, 9, 9)] == ["my-log-v2-2"]
    journal.close()


def test_in_an_older_journal_a_name_is_of_the_board_that_had_it_last(tmp_path: Path) -> None:
    db = version_6(tmp_path / "j.sqlite")
    add_boot(db, "b1", 1, "rig")
    add_boot(db, "b2", 5, "rig")  # the Pico was replaced
    db.commit()
    db.close()
    journal = Journal(tmp_path / "j.sqlite")
    assert journal.names.owner("rig") == "b2"
    assert journal.names.knows("b1")
    journal.close()


def test_a_text_that_a_stranger_wrote_into_the_file_costs_no_reader(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.append([kept_reading(1)])
    journal.file.db.execute("UPDATE boots SET pump = 'a/#'")
    reader = JournalReader(tmp_path / "j.sqlite")
    [entry] = reader.after(0)
    assert isinstance(entry, Entry)
    assert isinstance(entry.record, Reading)
    assert entry.record.pump == "a"
    reader.close()
    journal.close()


def test_an_adoption_is_recorded(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.append([kept_reading(1, pump="rig")])
    journal.write(lambda db: name_rows.adopt(db, "rig", "b2", "Kim", 17))
    assert journal.write(name_rows.adoptions) == [
        {"name": "rig", "board_id": "b2", "board_before": BOOT.board_id, "by": "Kim", "utc_ms": 17}
    ]
    journal.close()
    journal = Journal(tmp_path / "j.sqlite")
    assert journal.names.owner("rig") == "b2"
    journal.append([kept_reading(2, boot=Boot("b3", 1, 1), pump="rig")])
    assert journal.names.owner("rig") == "b2"


CSV = "time,volume_ul\n2026-11-21T12:00:00Z,0\n2026-11-21T12:30:00Z,24.45\n2026-11-21T13:00:00Z,48.9\n"
OTHER = CSV.replace("24.45", "30")
OURS = "time_utc,pump,boot,sequence,pump_time_s,flow_uL_h,volume_uL,status\n2026-11-21T12:00:00Z,{},1-1,1,0,50,0,0\n"


def run_import(folder: Path, name: str, text: str, *options: str) -> tuple[int, str]:
    """Status and what was said; -1 for a refusal, which is the command line's to say."""
    _register()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    arguments = ["import", str(folder / name), "--journal", str(folder / "j.sqlite"), *options]
    result = CliRunner().invoke(app, arguments)
    return (result.exit_code, result.output) if result.exit_code == 0 else (-1, str(result.exception))


def pumps(folder: Path) -> list[str]:
    reader = JournalReader(folder / "j.sqlite")
    try:
        return reader.pumps()
    finally:
        reader.close()


def test_a_file_named_bridge_is_refused_as_the_option_is(tmp_path: Path) -> None:
    for name, options in (("bridge.csv", ()), ("x.csv", ("--pump", "bridge"))):
        status, said = run_import(tmp_path, name, CSV, *options)
        assert (status, "daemon's own name" in said, "--pump" in said) == (-1, True, True)
    assert not (tmp_path / "j.sqlite").exists()


@pytest.mark.parametrize("name", ["#", "+", "a/b", "x" * 70_000, "bridge", ""])
def test_a_name_in_our_own_format_is_refused_as_the_option_is(tmp_path: Path, name: str) -> None:
    status, said = run_import(tmp_path, "x.csv", OURS.format(name))
    assert status == -1
    assert "1 to 16 of a-z" in said
    assert len(said) < 400


def test_a_renamed_copy_adds_and_renames_nothing(tmp_path: Path) -> None:
    run_import(tmp_path, "balance.csv", CSV)
    for options in ((), ("--pump", "other")):
        _, said = run_import(tmp_path, "copy.csv", CSV, *options)
        assert "0 records added, 3 already present" in said
        assert "as pump balance: nothing is renamed" in said
    assert pumps(tmp_path) == ["balance"]


def test_two_files_of_one_name_do_not_become_one_pump_by_accident(tmp_path: Path) -> None:
    run_import(tmp_path, "a/log.csv", CSV)
    status, said = run_import(tmp_path, "b/log.csv", OTHER)
    assert status == -1
    assert "b/log.csv: the journal has a pump log already, of another file: give --pump log if both" in said
    assert run_import(tmp_path, "b/log.csv", OTHER, "--pump", "log-b")[0] == 0
    assert pumps(tmp_path) == ["log", "log-b"]


def test_two_files_are_one_pump_if_a_person_says_so(tmp_path: Path) -> None:
    run_import(tmp_path, "monday.csv", CSV, "--pump", "bench")
    assert run_import(tmp_path, "tuesday.csv", OTHER, "--pump", "bench")[0] == 0
    assert pumps(tmp_path) == ["bench"]


def test_a_file_does_not_become_a_pump_that_a_board_has(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    journal.append([kept_reading(1, pump="rig")])
    journal.close()
    status, said = run_import(tmp_path, "rig.csv", CSV, "--pump", "rig")
    assert (status, f"of board {BOOT.board_id}" in said) == (-1, True)
