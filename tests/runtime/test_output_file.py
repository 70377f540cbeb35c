"""A file is written whole or not at all, never over an input or a journal, and a failure is one line with its name."""

import errno
import os
import signal
import socket
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warmflow.errors import UserError
from warmflow.runtime.console import ClosedPipe
from warmflow.runtime.input_files import add_input, input_scope, inputs
from warmflow.runtime.output_file import (
    append_text,
    new_file,
    output_bytes,
    output_file,
    write_bytes,
    write_text,
    writes,
)
from warmflow.runtime.output_rules import OutputError

NOBODY = 65534


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.csv"
    path.write_text("old")
    return path


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of a user whom permissions bind; root, who may write everything, becomes one for the test."""
    with tempfile.TemporaryDirectory() as name:
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if is_root:
                os.seteuid(0)


@pytest.fixture
def scope() -> Iterator[None]:
    with input_scope():
        yield


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_written_is_there_in_utf_8_with_the_line_ends_it_was_given(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", "µL\r\n1\n")
    assert (tmp_path / "a.csv").read_bytes() == b"\xc2\xb5L\r\n1\n"


@pytest.mark.parametrize(("name", "why"), [("no/such/a.csv", "there is no folder"), ("", "it is a folder")])
def test_a_place_where_no_file_can_be_is_named(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UserError, match=f"^{tmp_path / name}: cannot be written: {why}"):
        write_text(tmp_path / name, "")


def test_a_full_disk_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written: No space left on device"), writes(tmp_path / "a.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_error_with_another_file_or_of_another_kind_is_not_explained_away(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writes(tmp_path / "a.csv"):
        raise FileNotFoundError(errno.ENOENT, "No such file", "/else/where")
    with pytest.raises(ZeroDivisionError), output_file(tmp_path / "a.csv"):
        raise ZeroDivisionError


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, OSError(errno.ENOSPC, "No space left")])
def test_work_that_fails_in_the_middle_leaves_the_old_file_and_nothing_else(old: Path, error: BaseException) -> None:
    def work() -> None:
        with output_file(old) as file:
            file.write("half of the new one")
            raise error

    with pytest.raises((ZeroDivisionError, KeyboardInterrupt, OutputError)):
        work()
    assert old.read_text() == "old"
    assert names(old.parent) == {"old.csv"}


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_leaves_the_old_file_and_the_usual_status(old: Path, number: signal.Signals) -> None:
    def work() -> None:
        with output_file(old) as file:
            file.write("half of the new one")
            os.kill(os.getpid(), number)

    with pytest.raises(SystemExit) as caught:
        work()
    assert caught.value.code == 128 + number
    assert signal.getsignal(number) == signal.SIG_DFL
    assert old.read_text() == "old"
    assert names(old.parent) == {"old.csv"}


def test_nobody_sees_a_file_before_it_is_whole(old: Path) -> None:
    with output_file(old) as file:
        file.write("new")
        assert old.read_text() == "old"
    assert old.read_text() == "new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_file_that_is_replaced_keeps_its_mode(old: Path, mode: int) -> None:
    old.chmod(mode)
    write_text(old, "new")
    assert stat.S_IMODE(old.stat().st_mode) == mode


def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.needs("root")
def test_a_file_that_is_replaced_keeps_its_owner(old: Path) -> None:
    os.chown(old, 12345, 23456)
    write_text(old, "new")
    assert (old.stat().st_uid, old.stat().st_gid) == (12345, 23456)


def test_a_symbolic_link_goes_on_pointing_to_the_file(old: Path) -> None:
    link = old.with_name("link")
    link.symlink_to("old.csv")
    write_text(link, "new")
    assert link.is_symlink()
    assert old.read_text() == "new"


def test_a_link_to_nothing_makes_the_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("there")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "there").read_text() == "new"


@pytest.mark.needs("POSIX")
def test_a_folder_that_takes_no_file_leaves_the_file_in_it_writable(as_nobody: Path) -> None:
    (as_nobody / "old").write_text("old, and longer")
    as_nobody.chmod(0o555)
    write_text(as_nobody / "old", "new")
    with pytest.raises(OutputError, match="Permission denied"):
        write_text(as_nobody / "another", "new")
    as_nobody.chmod(0o755)
    assert (as_nobody / "old").read_text() == "new"


@pytest.mark.needs("POSIX")
def test_a_write_protected_file_is_refused(as_nobody: Path) -> None:
    (as_nobody / "old").write_text("old")
    (as_nobody / "old").chmod(0o444)
    with pytest.raises(OutputError, match="write-protected"):
        write_text(as_nobody / "old", "new")
    assert (as_nobody / "old").read_text() == "old"


@pytest.mark.needs("root")
def test_a_file_whose_owner_cannot_be_kept_is_written_where_it_is(as_nobody: Path) -> None:
    path = as_nobody / "old"
    path.write_text("old, and longer")
    os.seteuid(0)
    os.chown(path, 0, 0)
    path.chmod(0o666)
    os.seteuid(NOBODY)
    write_text(path, "new")
    assert (path.read_text(), path.stat().st_uid) == ("new", 0)


def _link(old: Path, to: Callable[[Path, Path], None]) -> Path:
    other = old.with_name("other")
    to(other, old)
    return other


SAME: dict[str, Callable[[Path], Path]] = {
    "its name": lambda old: old,
    "a relative name": lambda old: Path(os.path.relpath(old)),
    "..": lambda old: old.parent / ".." / old.parent.name / old.name,
    "a symbolic link": lambda old: _link(old, lambda other, target: other.symlink_to(target)),
    "a hard link": lambda old: _link(old, lambda other, target: other.hardlink_to(target)),
    "a link to the folder": lambda old: _link(old.parent, lambda other, target: other.symlink_to(target)) / old.name,
}


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize("name", SAME)
def test_a_file_that_is_read_is_not_written_by_whatever_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    old = folder / "old.csv"
    old.write_text("old")
    other = SAME[name](old)
    add_input(old)
    for write in (lambda: write_text(other, "x"), lambda: write_bytes(other, b"x"), lambda: append_text(other, "x")):
        with pytest.raises(OutputError, match="this command reads"):
            write()
    assert old.read_text() == "old"


@pytest.mark.usefixtures("scope")
def test_an_input_that_is_first_read_while_the_output_is_written_is_safe_too(old: Path) -> None:
    def work() -> None:
        with output_file(old) as file:
            file.write("new")
            add_input(old)

    with pytest.raises(OutputError, match="this command reads it"):
        work()
    assert old.read_text() == "old"


def test_outside_of_a_scope_no_input_is_remembered(old: Path) -> None:
    add_input(old)
    assert inputs() == ()
    write_text(old, "new")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Path]:
    """A database in use: its write-ahead log and its index are there."""
    path = tmp_path / "journal.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE a (b)")
        db.commit()
        yield path
    db.close()


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal", ".lock"])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_journal_and_what_belongs_to_it_are_refused_by_name_and_by_content(
    journal: Path, ending: str, is_linked: bool
) -> None:
    target = journal.with_name(journal.name + ending)
    before = {path.name: path.read_bytes() for path in journal.parent.iterdir()}
    if is_linked:
        if not target.exists():
            return
        target = journal.with_name("x.csv")
        target.hardlink_to(journal.with_name(journal.name + ending))
        before["x.csv"] = before[journal.name + ending]
    with pytest.raises(OutputError, match="journal"):
        write_text(target, "x")
    assert {path.name: path.read_bytes() for path in journal.parent.iterdir()} == before


@pytest.mark.parametrize("name", ["a.csv-wal", "notes.lock"])
def test_such_an_ending_without_a_journal_is_a_name_like_others(tmp_path: Path, name: str) -> None:
    write_text(tmp_path / name, "x")


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("fifo", "a pipe that no program reads"),
        ("socket", "a socket"),
        ("loop", "symbolic links"),
        ("long", "too long"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str, why: str) -> None:
    path = tmp_path / ("x" * 300 if kind == "long" else kind)
    server = socket.socket(socket.AF_UNIX)
    try:
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            server.bind(str(path))
        elif kind == "loop":
            path.symlink_to(path)
        with pytest.raises(OutputError, match=why):
            write_text(path, "x")
    finally:
        server.close()


@pytest.mark.needs("Linux")
def test_devices_are_refused_but_for_the_null_device() -> None:
    for name in ("/dev/full", "/dev/zero", "/dev/ptmx"):
        with pytest.raises(OutputError, match="a device"):
            write_text(Path(name), "x")
    write_text(Path("/dev/null"), "x")


@pytest.mark.needs("POSIX")
def test_a_pipe_that_somebody_reads_takes_the_text(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(tmp_path / "pipe", "text\n")
        assert os.read(reading, 100) == b"text\n"
    finally:
        os.close(reading)


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_an_open_file_goes_on_where_it_is(tmp_path: Path, name: str) -> None:
    if name.startswith("/proc") and not Path("/proc/self/fd").exists():
        return
    with (tmp_path / "a").open("w") as file:
        file.write("first\n")
        file.flush()
        write_text(name.format(file.fileno()), "second\n")
        with output_bytes(name.format(file.fileno())) as more:
            more.write(b"third\n")
    assert (tmp_path / "a").read_text() == "first\nsecond\nthird\n"


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_takes_text_and_lets_no_escape_sequence_pass(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_text(name, "a\r\nb \x1b[31m\rc\n")
    assert capsys.readouterr().out == "a\r\nb \\x1b[31m\\rc\n"


def test_a_reader_that_has_gone_is_no_error_of_the_file(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(ClosedPipe):
            write_bytes(f"/dev/fd/{writing}", b"x" * 100_000)
    finally:
        os.close(writing)


@pytest.mark.needs("Linux")
def test_a_disk_that_gets_full_leaves_the_old_file(old: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OutputError, match=f"^{old}: cannot be written: File too large"):
            write_bytes(old, b"x" * 100_000)
        with pytest.raises(OutputError, match="File too large"):
            append_text(old, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert old.read_text() == "old"
    assert names(old.parent) == {"old.csv"}


def test_a_log_grows_and_its_folder_is_made(tmp_path: Path) -> None:
    log = tmp_path / "new" / "a.jsonl"
    append_text(log, "1\n")
    append_text(log, "2\n")
    assert log.read_text() == "1\n2\n"


def test_a_file_of_its_own_is_never_one_that_is_there(old: Path) -> None:
    with pytest.raises(FileExistsError):
        new_file(old)
    new_file(old.parent / "made" / "a").close()
