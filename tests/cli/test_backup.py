"""`warmflow backup` and `restore`: one file, taken while the daemon runs, and back in place here or elsewhere."""

import json
import tarfile
from pathlib import Path

import pytest
from records import START, reading

from warmflow.daemon import backup
from warmflow.daemon.backup import BackupError, Sources
from warmflow.daemon.restore import Places, restore
from warmflow.errors import UserError
from warmflow.journal import Journal, JournalReader


class Bench:
    """A computer with a journal that is being written, settings, a lesson and a session's log."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.places = Places(folder / "state" / "journal.sqlite", folder / "warmflow.toml", folder / "lessons")
        self.folder = folder

    def filled(self) -> Journal:
        journal = Journal(self.places.journal)
        journal.append([reading(n) for n in range(1, 501)])
        self.places.settings.write_text("[journal]\nraw_days = 3\n")
        self.places.lessons.mkdir()
        (self.places.lessons / "own.toml").write_text("title = 'Own'\n")
        (self.places.journal.parent / "training-1.jsonl").write_text("{}\n")
        return journal

    def sources(self) -> Sources:
        files = {
            "settings/warmflow.toml": self.places.settings,
            "lessons/own.toml": self.places.lessons / "own.toml",
            "sessions/training-1.jsonl": self.places.journal.parent / "training-1.jsonl",
        }
        return Sources(self.places.journal, files, [self.folder / "token"])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    bench = Bench(tmp_path / "here")
    journal = bench.filled()
    backup.write(bench.sources(), tmp_path / "out.backup", START)
    journal.append([reading(501)])  # the daemon goes on
    journal.close()
    return tmp_path / "out.backup"


def test_it_is_taken_beside_a_running_daemon_and_put_back_on_another_computer(out: Path, tmp_path: Path) -> None:
    there = Bench(tmp_path / "there")
    said = restore(out, there.places, replace=False)
    assert any("token" in line and "by hand" in line for line in said)
    reader = JournalReader(there.places.journal)
    assert reader.last() == 500
    reader.close()
    assert there.places.settings.read_text() == "[journal]\nraw_days = 3\n"
    assert (there.places.lessons / "own.toml").exists()
    assert (there.places.journal.parent / "training-1.jsonl").exists()
    assert {oct(path.stat().st_mode & 0o077) for path in tmp_path.joinpath("there").rglob("*") if path.is_file()} == {
        "0o0"
    }
    Journal(there.places.journal).close()


def test_nothing_that_is_there_is_overwritten(out: Path, tmp_path: Path) -> None:
    there = Bench(tmp_path / "there")
    journal = there.filled()
    there.places.settings.write_text("[journal]\nraw_days = 9\n")
    with pytest.raises(UserError, match="another warmflow writes it"):
        restore(out, there.places, replace=True)
    journal.append([reading(501), reading(502)])
    journal.close()
    with pytest.raises(UserError, match="--replace"):
        restore(out, there.places, replace=False)
    restore(out, there.places, replace=True)
    assert there.places.settings.read_text() == "[journal]\nraw_days = 9\n"
    assert (there.folder / "warmflow.toml.restored-1").read_text() == "[journal]\nraw_days = 3\n"
    reader = JournalReader(there.places.journal.with_name("journal.sqlite.before-restore-1"))
    assert reader.last() == 502
    reader.close()


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_damaged_backup_changes_nothing(out: Path, tmp_path: Path, at: float) -> None:
    content = bytearray(out.read_bytes())
    content[int(len(content) * at)] ^= 0x55
    out.write_bytes(content)
    there = Bench(tmp_path / "there")
    with pytest.raises(UserError, match="damaged"):
        restore(out, there.places, replace=False)
    assert not there.places.journal.exists()
    assert not there.places.settings.exists()


@pytest.mark.parametrize("keep", [0, 100, 5000, 100_000])
def test_a_backup_that_was_cut_off_is_refused(out: Path, tmp_path: Path, keep: int) -> None:
    out.write_bytes(out.read_bytes()[:keep])
    with pytest.raises(UserError, match="backup"):
        restore(out, Bench(tmp_path / "there").places, replace=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "newer warmflow"),
        ({"journal_version": 99}, "newer warmflow"),
        ({"files": {"../evil": {"bytes": 1, "sha256": ""}}}, "lists files that a backup never contains"),
        ({"files": {"settings/..": {"bytes": 1, "sha256": ""}}}, "lists files that a backup never contains"),
        ({"files": 3}, "manifest cannot be read"),
        ({"format": "x"}, "manifest cannot be read"),
    ],
)
def test_a_manifest_of_a_newer_version_or_of_a_stranger_is_refused(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    manifest = {"format": 1, "journal_version": 1, "files": {}, "left_out": []} | change
    text = tmp_path / "manifest.json"
    text.write_text(json.dumps(manifest))
    with tarfile.open(tmp_path / "x.backup", "w") as tar:
        tar.add(text, "manifest.json")
    with pytest.raises(BackupError, match=words):
        restore(tmp_path / "x.backup", Bench(tmp_path / "there").places, replace=False)


def test_a_file_that_is_there_is_no_place_for_a_backup(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "here")
    journal = bench.filled()
    with pytest.raises(BackupError, match="already"):
        backup.write(bench.sources(), bench.places.journal, START)
    with pytest.raises(BackupError, match="no folder"):
        backup.write(bench.sources(), tmp_path / "nowhere" / "x", START)
    journal.close()
