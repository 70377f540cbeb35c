"""What the daemon keeps is for its user alone, whatever the umask says: looked at as another user."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from optional_parts import require
from records import reading

from warmflow.device.host_clock import Stamp
from warmflow.device.transport.recording import Recorder
from warmflow.journal import Journal
from warmflow.runtime.output_file import append_text
from warmflow.runtime.private_files import private_folder

NOBODY = 65534
LOCKS = """
import fcntl, os, sys
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
for path in sys.argv[1:]:
    try:
        fd = os.open(path, os.O_RDONLY)
        fcntl.flock(fd, fcntl.LOCK_SH)
        print("opened", path)
    except OSError as error:
        print("refused", path)
"""


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["umask 000", "umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def kept(folder: Path) -> list[Path]:
    """A journal that is open, a session's log and a recording, in folders that were made for them."""
    journal = Journal(folder / "state" / "warmflow" / "journal.sqlite")
    journal.append([reading(1)])
    append_text(folder / "state" / "warmflow" / "training-1.jsonl", "a hidden fault\n")
    return sorted(path for path in (folder / "state").rglob("*") if path.is_file())


@pytest.mark.needs("POSIX")
@pytest.mark.usefixtures("umask")
def test_files_are_for_their_user_alone_and_so_are_their_folders(tmp_path: Path) -> None:
    files = kept(tmp_path)
    assert {path.name for path in files} == {
        *("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite.lock", "training-1.jsonl")
    }
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    folders = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert {oct(path.stat().st_mode & 0o777) for path in folders} == {"0o700"}


@pytest.mark.needs("POSIX")
def test_files_of_an_earlier_version_become_private_when_they_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal(path).close()
    for each in tmp_path.iterdir():
        each.chmod(0o644)
    journal = Journal(path)
    journal.append([reading(1)])
    assert {oct(each.stat().st_mode & 0o777) for each in tmp_path.iterdir()} == {"0o600"}
    journal.close()


@pytest.mark.needs("POSIX")
def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    private_folder(shared / "own")
    assert oct(shared.stat().st_mode & 0o777) == "0o755"
    assert oct((shared / "own").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("folders", [0o700, 0o755], ids=["private folders", "folders of an earlier version"])
def test_another_user_can_neither_read_them_nor_stop_the_journal_with_a_lock(tmp_path: Path, folders: int) -> None:
    require("root")  # to become somebody else
    files = kept(tmp_path)
    for path in [*tmp_path.parents[:3], tmp_path, *(each for each in tmp_path.rglob("*") if each.is_dir())]:
        path.chmod(folders if path.is_relative_to(tmp_path / "state") else 0o755)
    script = LOCKS.format(nobody=NOBODY)
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, files)], capture_output=True, text=True, timeout=60, check=True
    )
    said = done.stdout.splitlines()
    assert len(said) == len(files)
    assert all(line.startswith("refused") for line in said), done.stdout


def test_a_recording_is_private(tmp_path: Path, umask: None) -> None:
    recorder = Recorder(tmp_path / "recordings", "port", lambda line: None)
    recorder.received(b"frame", Stamp(0.0, 1_767_225_600.0))
    recorder.close()
    [file] = (tmp_path / "recordings").iterdir()
    assert oct(file.stat().st_mode & 0o777) == "0o600"


def test_what_root_makes_in_another_user_s_folder_is_that_user_s(tmp_path: Path) -> None:
    require("root")
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    journal = Journal(folder / "journal.sqlite")
    journal.append([reading(1)])
    assert {path.stat().st_uid for path in folder.iterdir()} == {NOBODY}
    journal.close()
