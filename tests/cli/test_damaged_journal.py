"""Every command that opens a journal says in one line what is wrong with it and what to do, and ends with status 2."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from fuzz_inputs import GOLDEN
from records import BOOT, START, reading
from short_form import each_once

from warmflow.cli.main import main
from warmflow.device.updates import Declaration, Gap
from warmflow.journal import Journal

ROWS = 6000
PAGE = 4096


def written(path: Path, rows: int = ROWS) -> Path:
    journal = Journal(path)
    journal.cursor("mqtt")
    for at in range(1, rows, 2000):
        journal.append([reading(n) for n in range(at, min(at + 2000, rows + 1))])
    journal.append(
        [Declaration("rig", BOOT, GOLDEN["Hello"], START), Gap("rig", BOOT, rows + 1, rows + 9, "the ring was full")]
    )
    journal.close()
    return path


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("sound") / "journal.sqlite").read_bytes()


def pages_damaged(path: Path, data: bytes) -> None:
    """As cases/corrupt-journal.py does it."""
    content = bytearray(data)
    dice = random.Random(1)
    for page in (20, 21, 22, 30, 31):
        content[page * PAGE : (page + 1) * PAGE] = bytes(dice.randrange(256) for _ in range(PAGE))
    path.write_bytes(content)


def every_page_but_the_first_damaged(path: Path, data: bytes) -> None:
    path.write_bytes(data[:PAGE] + random.Random(2).randbytes(len(data) - PAGE))


def newer(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with ExitStack() as stack:
        db = sqlite3.connect(path)
        stack.callback(db.close)
        db.execute("PRAGMA user_version = 99")


def of_another_program(path: Path, data: bytes) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE moz_places (url TEXT)")
    db.execute("PRAGMA user_version = 3")
    db.commit()
    db.close()


def without_a_table(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    db = sqlite3.connect(path)
    for table in ("boots", "records"):
        db.execute(f"DROP TABLE {table}")
    db.commit()
    db.close()


HARMS: dict[str, tuple[Callable[[Path, bytes], object], str]] = {  # and what the line says
    "pages damaged": (pages_damaged, "damaged"),
    "every page but the first damaged": (every_page_but_the_first_damaged, "damaged"),
    "torn": (lambda path, data: path.write_bytes(data[: len(data) // 3 + 100]), "damaged"),
    "no database": (lambda path, data: path.write_bytes(b"pump,flow_ul_h\nrig,48.9\n" * 500), "no journal"),
    "beginning damaged": (lambda path, data: path.write_bytes(b"\0" * 512 + data[512:]), "beginning is damaged"),
    "zero bytes": (lambda path, data: path.write_bytes(b""), "empty"),
    "a folder": (lambda path, data: path.mkdir(), "a folder"),
    "a pipe": (lambda path, data: os.mkfifo(path), "a device or a pipe"),
    "newer": (newer, "newer warmflow"),
    "of another program": (of_another_program, "another program"),
    "tables missing": (without_a_table, "missing"),
}
COMMANDS: dict[str, list[str]] = {
    "run": ["run", "--port", "socket://127.0.0.1:9", "--journal", "J", "--listen", "off", "--broker", "embedded"],
    "import": ["import", "C", "--pump", "x", "--start", "2026-11-21", "--journal", "J"],
    "export": ["export", "O", "--journal", "J"],
    "report": ["report", "J", "--json"],
    "report of a pump": ["report", "rig", "--journal", "J", "--json"],
    "explain": ["explain", "rig", "--at", "2026-11-21T12:30", "--journal", "J"],
    "journal check": ["journal", "check", "J"],
    "journal forget": ["journal", "forget", "mqtt", "--journal", "J"],
    "backup": ["backup", "B", "--journal", "J"],
}
ELSEWHERE = {("pages damaged", "import"), ("pages damaged", "journal forget")}  # they look at no damaged page


def filled_in(arguments: list[str], folder: Path, journal: Path) -> list[str]:
    (folder / "in.csv").write_text("time,flow_ul_h\n0,48.9\n10,48.9\n")
    places = {"J": journal, "C": folder / "in.csv", "O": folder / "out.csv", "B": folder / "out.backup"}
    return [str(places.get(each, each)) for each in arguments]


def one_line(status: object, said: str, journal: Path, says: str) -> None:
    lines = [line for line in said.splitlines() if line.startswith("warmflow: ")]
    assert status == 2, said
    assert "Traceback" not in said
    assert "bug in warmflow" not in said
    assert len(lines) == 1, said
    assert str(journal) in lines[0]
    assert says in lines[0]
    assert lines[0].count(". ") >= 1, lines[0]  # and what to do


@pytest.mark.parametrize(("command", "harm"), each_once(list(COMMANDS), list(HARMS)))
def test_a_journal_that_cannot_be_used_is_one_line_and_status_2(
    harm: str, command: str, tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if (harm, command) in ELSEWHERE:
        return
    damage, says = HARMS[harm]
    journal = tmp_path / "journal.sqlite"
    damage(journal, sound)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["warmflow", *filled_in(COMMANDS[command], tmp_path, journal)])
    with pytest.raises(SystemExit) as ended:
        main()
    one_line(ended.value.code, capsys.readouterr().err, journal, says)


@pytest.mark.e2e
def test_a_daemon_with_a_journal_that_cannot_be_used_ends_with_one_line_and_status_2(
    tmp_path: Path, sound: bytes
) -> None:
    damage, says = HARMS["pages damaged"]
    journal = tmp_path / "journal.sqlite"
    damage(journal, sound)
    done = subprocess.run(
        [sys.executable, "-m", "warmflow", *filled_in(COMMANDS["run"], tmp_path, journal)],
        capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
    )  # fmt: skip
    one_line(done.returncode, done.stderr, journal, says)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in {"import", "run"}])
def test_a_journal_that_another_program_has_locked_is_one_line(
    command: str, tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "journal.sqlite"
    journal.write_bytes(sound)
    monkeypatch.setattr("warmflow.journal.tables.WAIT_S", 0.1)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["warmflow", *filled_in(COMMANDS[command], tmp_path, journal)])
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SystemExit) as ended:
            main()
    one_line(ended.value.code, capsys.readouterr().err, journal, "locked")


def test_a_journal_that_another_daemon_writes_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    monkeypatch.setattr("sys.argv", ["warmflow", "journal", "forget", "mqtt", "--journal", str(journal.path)])
    with pytest.raises(SystemExit) as ended:
        main()
    journal.close()
    one_line(ended.value.code, capsys.readouterr().err, journal.path, "another warmflow writes it")
