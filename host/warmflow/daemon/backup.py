"""A backup: the journal as it is at one moment, the settings, lessons and session logs in one file, with a manifest
that has the checksum of each. Written beside a running daemon; put back on the same computer or on another one.

It holds no secret: a password, a token and a key are files of their own, which the manifest names and leaves out.
"""

import contextlib
import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from warmflow.daemon.config import Settings
from warmflow.errors import UserError
from warmflow.journal import JournalError, JournalReader
from warmflow.journal.faults import Fault, database_errors, journal_error
from warmflow.journal.tables import VERSION
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.private_files import FILE_MODE
from warmflow.runtime.utc import utc_text
from warmflow.version import version

FORMAT = 1  # of the backup's file; a newer one is refused
MANIFEST, JOURNAL, SETTINGS, LESSONS, SESSIONS = "manifest.json", "journal.sqlite", "settings", "lessons", "sessions"
MANIFEST_BYTES_MAX = 10_000_000
CHUNK = 1 << 20
Progress = Callable[[str], None]


class BackupError(UserError):
    """A backup cannot be written or put back; the text names the file and what to do."""


class Sources(NamedTuple):
    """The files of a backup besides the journal, by their names in it."""

    journal: Path
    files: dict[str, Path]
    secrets: list[Path]


def sources(settings: Settings, settings_file: Path | None) -> Sources:
    """The content of a backup of this daemon."""
    journal = settings.journal_file()
    files = {f"{SETTINGS}/{settings_file.name}": settings_file} if settings_file else {}
    if settings.training.lessons:
        files |= {f"{LESSONS}/{each.name}": each for each in sorted(settings.training.lessons.glob("*.toml"))}
    files |= {f"{SESSIONS}/{each.name}": each for each in sorted(journal.parent.glob("training-*.jsonl"))}
    broker, http = settings.broker, settings.http
    secrets = [broker.password_file, broker.key_file, http.token_file, http.key_file]
    regular = {name: path for name, path in files.items() if path.is_file()}  # a pipe would never end
    return Sources(journal, regular, [each for each in secrets if each])


def write(sources: Sources, out: Path, now: datetime, progress: Progress = lambda what: None) -> dict[str, Any]:
    """Writes the backup beside `out`, checks it, and gives it its name; the manifest. Raises UserError."""
    if out.exists():
        raise BackupError(f"{out}: the file exists already; name a new one")
    if not out.absolute().parent.is_dir():
        raise BackupError(f"{out}: there is no folder {out.parent}; make it first")
    with errors_of(out), tempfile.TemporaryDirectory(prefix=".backup-", dir=out.absolute().parent) as folder:
        copy, beside = Path(folder, JOURNAL), Path(folder, "backup")
        progress(f"copies {sources.journal}")
        _copy_journal(sources.journal, copy)
        files = {JOURNAL: copy, **sources.files}
        manifest = _manifest(files, sources, now)
        with open(beside, "xb", opener=private) as opened, tarfile.open(fileobj=opened, mode="w") as tar:
            _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
            for name, path in files.items():
                progress(f"adds {name}")
                tar.add(path, name, recursive=False)
            tar.close()
            opened.flush()
            os.fsync(opened.fileno())
        progress("reads it back")
        read(beside)
        beside.rename(out)
    return manifest


def read(path: Path, into: Path | None = None) -> dict[str, Any]:
    """The manifest of a backup in which every file is as it says; the files go into a folder if one is given. Raises
    BackupError.
    """
    with errors_of(path):
        try:
            with tarfile.open(path, mode="r:") as tar:
                manifest = _read_manifest(tar, path)
                for name, known in manifest["files"].items():
                    _read_file(tar, path, name, known, into)
        except (tarfile.TarError, EOFError) as error:
            raise BackupError(f"{path}: not a backup of warmflow, or damaged: {error}") from None
    return manifest


def _copy_journal(journal: Path, copy: Path) -> None:
    reader = JournalReader(journal)
    try:
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
            reader.copy_to(target)
            with database_errors(journal):
                target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
                found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise journal_error(journal, "the file is damaged ({})".format(" ".join(found.split())), Fault.DAMAGED)
    finally:
        reader.close()


def _manifest(files: dict[str, Path], sources: Sources, now: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "warmflow": version(),
        "journal_version": VERSION,
        "made": utc_text(now),
        "files": {name: {"bytes": path.stat().st_size, "sha256": _sum(path)} for name, path in files.items()},
        "left_out": [str(path) for path in sources.secrets],
    }


def _read_manifest(tar: tarfile.TarFile, path: Path) -> dict[str, Any]:
    member = tar.next()
    if member is None or member.name != MANIFEST or not member.isfile() or member.size > MANIFEST_BYTES_MAX:
        raise BackupError(f"{path}: not a backup of warmflow: it does not begin with a manifest")
    opened = tar.extractfile(member)
    assert opened
    try:
        manifest = parse_json(opened.read())
        newer = manifest["format"] > FORMAT or manifest["journal_version"] > VERSION
        known = {str(name): (int(each["bytes"]), str(each["sha256"])) for name, each in manifest["files"].items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise BackupError(f"{path}: its manifest cannot be read; use another backup") from None
    if newer:
        raise BackupError(f"{path}: written by a newer warmflow ({manifest.get('warmflow')}); update this one")
    if JOURNAL not in known or any(_unsafe(name) for name in known):
        raise BackupError(f"{path}: its manifest lists files that a backup never contains; use another backup")
    return dict(manifest) | {"files": known}


def _unsafe(name: str) -> bool:
    parts = name.split("/")
    known = name == JOURNAL or (len(parts) == 2 and parts[0] in (SETTINGS, LESSONS, SESSIONS))
    return not known or parts[-1] in ("", ".", "..") or "\\" in name or "\0" in name


def _read_file(tar: tarfile.TarFile, path: Path, name: str, known: tuple[int, str], into: Path | None) -> None:
    member = tar.next()
    if member is None or member.name != name or not member.isfile() or member.size != known[0]:
        raise BackupError(f"{path}: damaged: {name} is missing, or its size differs from the manifest")
    source = tar.extractfile(member)
    assert source
    digest = hashlib.sha256()
    with contextlib.ExitStack() as stack:
        target: io.BufferedIOBase | None = None
        if into is not None:
            place = into / name
            place.parent.mkdir(parents=True, exist_ok=True)
            target = stack.enter_context(open(place, "xb", opener=private))
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            if target:
                target.write(chunk)
    if digest.hexdigest() != known[1]:
        raise BackupError(f"{path}: damaged: the checksum of {name} differs from the manifest; use another backup")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), FILE_MODE
    tar.addfile(member, io.BytesIO(data))


def private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


@contextlib.contextmanager
def errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (JournalError, BackupError):
        raise
    except OSError as error:
        raise BackupError(f"{error.filename or path}: {error.strerror or error}") from None
