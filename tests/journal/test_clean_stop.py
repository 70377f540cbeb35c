"""After a clean stop the journal is one file: a copy of it alone is whole."""

import shutil
from pathlib import Path

import pytest
from records import reading

from warmflow.journal import Journal, JournalError, JournalReader

ROOT = Path(__file__).resolve().parents[2] / "host" / "warmflow"


def rows_of_a_copy(path: Path) -> int:
    copy = path.with_name("copy.sqlite")
    shutil.copyfile(path, copy)
    return JournalReader(copy).last()


def test_a_copy_of_the_main_file_is_whole_though_readers_were_open_to_the_end(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    reader = journal.open_reader()  # as the web server's
    journal.append([reading(n) for n in range(1, 501)])
    assert reader.last() == 500
    journal.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.sqlite", "journal.sqlite.lock"]
    assert rows_of_a_copy(journal.path) == 500


def test_it_is_whole_though_another_program_has_the_journal_open(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([reading(n) for n in range(1, 501)])
    other = JournalReader(journal.path)
    assert other.last() == 500
    journal.close()
    assert rows_of_a_copy(journal.path) == 500
    other.close()


def test_who_asks_after_the_end_gets_words(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    reader = journal.open_reader()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        reader.last()


def test_a_reader_inside_the_daemon_comes_from_its_journal_which_closes_it_first() -> None:
    """Elsewhere it would outlive the writer, and the log beside the file would not be folded in."""
    inside = [path for part in ("daemon", "sinks", "alarms", "training") for path in (ROOT / part).rglob("*.py")]
    made = [path.name for path in inside if "JournalReader(" in path.read_text(encoding="utf-8")]
    assert set(made) <= {"backup.py", "restore.py"}  # commands, not the daemon
