"""Restores a backup. Nothing is overwritten: an existing journal is moved aside on request, and if another file
differs, the version in the backup is written beside it.
"""

import contextlib
import filecmp
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from warmflow.daemon import backup
from warmflow.daemon.backup import JOURNAL, LESSONS, SESSIONS, SETTINGS, BackupError, Progress
from warmflow.journal import JournalReader
from warmflow.journal.file_lock import Lock
from warmflow.journal.tables import beside_files
from warmflow.runtime.private_files import keep_private, private_folder

OLD, BESIDE = ".before-restore", ".restored"


class Places(NamedTuple):
    """The places to restore to."""

    journal: Path
    settings: Path
    lessons: Path

    def of(self, name: str) -> Path:
        folder, _, file = name.partition("/")
        inside = {LESSONS: self.lessons, SESSIONS: self.journal.parent}
        return self.settings if folder == SETTINGS else inside[folder] / file


def restore(source: Path, places: Places, replace: bool, progress: Progress = lambda what: None) -> list[str]:
    """Restores the backup; returns a line for each file. Nothing is changed before the whole backup was verified.
    Raises UserError, also while a daemon writes to the journal.
    """
    if not source.is_file():
        raise BackupError(f"{source}: no such file")
    with backup.errors_of(places.journal):
        private_folder(places.journal.absolute().parent)
        lock = Lock(places.journal)
    try:
        if places.journal.exists() and not replace:
            raise BackupError(f"{places.journal}: the journal exists; --replace moves it aside")
        with (
            backup.errors_of(places.journal),
            tempfile.TemporaryDirectory(prefix=".restore-", dir=places.journal.absolute().parent) as folder,
        ):
            progress(f"reads {source}")
            manifest = backup.read(source, Path(folder))
            JournalReader(Path(folder, JOURNAL)).close()
            for each in beside_files(Path(folder, JOURNAL)):
                each.unlink(missing_ok=True)
            done = [_place_journal(Path(folder, JOURNAL), places.journal)]
            done += [_place(Path(folder, name), places.of(name)) for name in manifest["files"] if name != JOURNAL]
    finally:
        lock.release()
    return done + [f"not in the backup; restore by hand: {each}" for each in manifest["left_out"]]


def _place_journal(copy: Path, journal: Path) -> str:
    aside = ""
    for each in (journal, *beside_files(journal)):
        if each.exists():
            old = _free(each.with_name(each.name + OLD))
            each.rename(old)
            aside = aside or f"; the previous one is {old}"
    copy.rename(journal)
    keep_private(journal)
    return f"{journal}: restored{aside}"


def _place(copy: Path, target: Path) -> str:
    private_folder(target.absolute().parent)
    if not os.path.lexists(target):
        _move(copy, target)
        return f"{target}: restored"
    with contextlib.suppress(OSError):
        if filecmp.cmp(copy, target, shallow=False):
            return f"{target}: as in the backup"
    beside = _free(target.with_name(target.name + BESIDE))
    _move(copy, beside)
    return f"{target}: differs from the backup and was not overwritten; the version in the backup is {beside}"


def _move(copy: Path, target: Path) -> None:
    """Also works across disks: the settings may be on another disk than the journal."""
    beside = target.with_name(target.name + ".new")
    with open(beside, "wb", opener=backup.private) as file:
        file.write(copy.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    beside.rename(target)
    keep_private(target)


def _free(path: Path) -> Path:
    number = 1
    while os.path.lexists(found := path.with_name(f"{path.name}-{number}")):
        number += 1
    return found
