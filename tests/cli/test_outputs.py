"""Every output option of every command, tried with every kind of bad output: one line, status 2, and nothing changed.

The commands and their options are read from the command line itself. An option with a path that is no output is listed
here with what it is, so a new one has to be thought about.
"""

import json
import os
import shlex
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from records import reading
from short_form import each_once, few
from uf2_image import image

from warmflow.cli import main
from warmflow.cli.outputs import is_output
from warmflow.journal import Journal
from warmflow.simulation import scenario

main._register()
GROUP = typer.main.get_command(main.app)


def leaves(group: Any, name: str = "") -> dict[str, Any]:
    if not hasattr(group, "commands"):
        return {name: group}
    found: dict[str, Any] = {}
    for inner, command in group.commands.items():
        found |= leaves(command, f"{name} {inner}".strip())
    return found


COMMANDS = leaves(GROUP)
OUTPUTS = sorted((name, each.name) for name, command in COMMANDS.items() for each in command.params if is_output(each))
# how a command is called so that it gets to its output; the files are those of `folder`
CALLS = {
    ("export", "out"): "export --journal journal.sqlite {out}",
    ("export", "notes"): "export --journal journal.sqlite --notes {out} rows.csv",
    ("simulate", "csv"): "simulate scenario.toml --csv {out}",
    ("simulate", "json"): "simulate scenario.toml --json {out}",
    ("simulate", "plot"): "simulate scenario.toml --plot {out}",
    ("report", "out"): "report --scenario scenario.toml --out {out}",
    ("firmware", "uf2"): "firmware --uf2 {out} --image image.uf2",
    ("selftest", "report"): "selftest --port /dev/nowhere --json {out}",
    ("lesson show", "plan"): "lesson show lesson.toml --plan {out}",
    ("lesson export", "out"): "lesson export lesson.toml --out {out}",
    ("lesson report", "out"): "lesson report training.jsonl --out {out}",
}
SOURCES = {
    "export": "journal.sqlite", "simulate": "scenario.toml", "report": "scenario.toml", "lesson show": "lesson.toml",
    "lesson export": "lesson.toml",
    "lesson report": "training.jsonl", "firmware": "image.uf2",
}  # fmt: skip
# paths that are no outputs in this sense: what is read, and folders and databases that have checks of their own
INPUTS = {
    "config_file",
    "damaged",
    "file",
    "files",
    "token_file",
    "uf2",
    "image",
    "firmware",
    "recording",
    "log",
    "lessons",
    "drive",
    "password_file",
    "source",
    "temperature",
}
KEPT_BY_THE_PROGRAM = {
    "journal": "an SQLite database: it is opened as one, or refused",
    "out": "of backup and salvage: refused if anything is there",
    "record": "a folder of files that are not there yet",
    "state": "a folder of the program's own",
    "folder": "of the firmware's files: it is refused if it holds another's",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([reading(1), reading(2)])
    journal.close()
    day = scenario.built_in()["rest"].read_text(encoding="utf-8")
    assert "rest_after_min = 1440\n" in day
    (tmp_path / "scenario.toml").write_text(day.replace("rest_after_min = 1440\n", "rest_after_min = 60\n"))
    lessons = Path(main.__file__).parents[1] / "training" / "lessons"
    shutil.copy(next(iter(sorted(lessons.glob("*.toml")))), tmp_path / "lesson.toml")
    (tmp_path / "training.jsonl").write_text("")
    (tmp_path / "image.uf2").write_bytes(image("pico"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARMFLOW_STATE_DIR", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def warmflow(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Runs a command line in this process, from its words to its exit status."""

    def run(line: str) -> int:
        monkeypatch.setattr(sys, "argv", ["warmflow", *shlex.split(line)])
        return main._status()

    return run


def contents(folder: Path) -> dict[str, object]:
    """All files and what is in them; SQLite may make its own files anew."""
    kept = {}
    for path in sorted(folder.rglob("*")):
        if not path.name.endswith(("-wal", "-shm")):
            kept[str(path.relative_to(folder))] = path.read_bytes() if path.is_file() else os.lstat(path).st_mode
    return kept


def source(folder: Path, command: str) -> Path:
    return folder / SOURCES.get(command, "journal.sqlite")


def linked(folder: Path, command: str) -> Path:
    (folder / "linked.svg").symlink_to(source(folder, command))
    return folder / "linked.svg"


def hard_linked(folder: Path, command: str) -> Path:
    (folder / "hard.svg").hardlink_to(source(folder, command))
    return folder / "hard.svg"


def roundabout(folder: Path, command: str) -> Path:
    return folder / ".." / folder.name / source(folder, command).name


def of_journal(ending: str) -> Callable[[Path, str], Path]:
    return lambda folder, command: folder / f"journal.sqlite{ending}"


def another_journal(folder: Path, command: str) -> Path:
    shutil.copy(folder / "journal.sqlite", folder / "other.svg")
    return folder / "other.svg"


def below_a_file(folder: Path, command: str) -> Path:
    return folder / "scenario.toml" / "x.svg"


def a_folder(folder: Path, command: str) -> Path:
    (folder / "sub.svg").mkdir()
    return folder / "sub.svg"


def a_pipe(folder: Path, command: str) -> Path:
    os.mkfifo(folder / "pipe.svg")
    return folder / "pipe.svg"


def a_socket(folder: Path, command: str) -> Path:
    here = os.getcwd()
    os.chdir(folder)  # the address of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.svg")
    os.chdir(here)
    return folder / "socket.svg"


def a_loop(folder: Path, command: str) -> Path:
    (folder / "loop.svg").symlink_to("loop.svg")
    return folder / "loop.svg"


def to_nowhere(folder: Path, command: str) -> Path:
    (folder / "away.svg").symlink_to(folder / "none" / "x.svg")
    return folder / "away.svg"


BAD: dict[str, Callable[[Path, str], Path]] = {
    "the source": source,
    "a symbolic link to the source": linked,
    "a hard link to the source": hard_linked,
    "the source by ..": roundabout,
    "the journal": of_journal(""),
    "the journal's log": of_journal("-wal"),
    "the journal's index": of_journal("-shm"),
    "the journal's lock": of_journal(".lock"),
    "another journal": another_journal,
    "no folder": lambda folder, command: folder / "none" / "x.svg",
    "a folder below a file": below_a_file,
    "a folder": a_folder,
    "a pipe": a_pipe,
    "a socket": a_socket,
    "a loop": a_loop,
    "a link to nowhere": to_nowhere,
    "a full device": lambda folder, command: Path("/dev/full"),
    "a terminal": lambda folder, command: Path("/dev/ptmx"),
    "a long name": lambda folder, command: folder / ("x" * 300 + ".svg"),
}
EARLIER = ["2 rows"]  # of another output, which is whole
# a pipe is looked at when it is written: to open it before would end its reader
ANOTHER_REASON = {("report", "a pipe"), *(("plot", kind) for kind in BAD)}  # a plot's name has to end in .svg


def test_every_output_of_every_command_is_tried() -> None:
    assert set(OUTPUTS) == set(CALLS)


def test_every_other_option_with_a_path_is_known() -> None:
    unknown = set()
    for name, command in COMMANDS.items():
        for each in command.params:
            annotation = str(getattr(each, "type_descriptor", ""))
            if "Path" in annotation and not is_output(each) and each.name not in INPUTS | KEPT_BY_THE_PROGRAM.keys():
                unknown.add((name, each.name))
    assert not unknown, "an output needs metavar=OUTPUT, an input a place in the list"


@pytest.mark.needs("Linux")
@pytest.mark.time
@pytest.mark.parametrize(("output", "kind"), each_once(list(CALLS), list(BAD)))
def test_a_bad_output_is_one_line_and_changes_nothing(
    output: tuple[str, str],
    kind: str,
    folder: Path,
    warmflow: Callable[[str], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = BAD[kind](folder, output[0])
    before = contents(folder)
    status = warmflow(CALLS[output].format(out=shlex.quote(str(out))))
    said = [line for line in capsys.readouterr().err.splitlines() if line not in EARLIER]
    assert status == 2
    assert [line.startswith("warmflow: ") for line in said] == [True], said
    assert "cannot be written" in said[0] or (output[1], kind) in ANOTHER_REASON
    (folder / "rows.csv").unlink(missing_ok=True)
    assert contents(folder) == before


@pytest.mark.parametrize("line", [
    "export --journal journal.sqlite x.csv --notes ./x.csv",
    "export --journal journal.sqlite --notes -",
    "simulate scenario.toml --csv x --json x",
    "simulate scenario.toml --csv - --json /dev/stdout",
])  # fmt: skip
def test_two_outputs_do_not_go_into_one_file(
    line: str, folder: Path, warmflow: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    if line.endswith("--notes -"):
        line += " /dev/fd/1"
    assert warmflow(line) == 2
    assert "two outputs" in capsys.readouterr().err


def test_a_slip_of_the_pen_leaves_an_earlier_export(
    folder: Path, warmflow: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert warmflow("export --journal journal.sqlite rows.csv") == 0
    before = (folder / "rows.csv").read_bytes()
    for wrong in ("--since yesterday", "--pump nobody", "--journal none.sqlite", "--journal scenario.toml"):
        assert warmflow(f"export --journal journal.sqlite rows.csv {wrong}") == 2
    assert (folder / "rows.csv").read_bytes() == before
    assert len(before.splitlines()) == 3


WRITES_MUCH = {
    "export": "export --journal journal.sqlite",
    "export -": "export --journal journal.sqlite -",
    "simulate --csv -": "simulate scenario.toml --csv -",
    "simulate --json -": "simulate scenario.toml --json -",
    "simulate": "simulate",
    "report --json": "report --scenario scenario.toml --json",
    "check-config": "check-config --example",
    "dose": "dose --dose 0.15 --weight 70",
    "lesson list": "lesson list",
    "lesson show": "lesson show lesson.toml",
    "--version": "--version",
    "--help": "--help",
    **{f"{name} --help": f"{name} --help" for name in COMMANDS},
}


@pytest.fixture
def stdout_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Standard output leads to this file descriptor."""
    opened = []

    def lead(fd: int) -> None:
        opened.append(os.fdopen(fd, "w", encoding="utf-8"))
        monkeypatch.setattr(sys, "stdout", opened[-1])

    yield lead
    for each in opened:
        try:
            each.close()
        except OSError:
            os.close(os.open(os.devnull, os.O_RDONLY))  # what was buffered goes nowhere


@pytest.fixture
def written_to(
    folder: Path,
    warmflow: Callable[[str], int],
    stdout_to: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str, int], tuple[int, str]]:
    """Runs a command of WRITES_MUCH with a descriptor as its standard output: its status and standard error."""

    def run(line: str, fd: int) -> tuple[int, str]:
        stdout_to(fd)
        return warmflow(WRITES_MUCH[line]), capsys.readouterr().err

    return run


@pytest.mark.needs("Linux")
@pytest.mark.time
@pytest.mark.parametrize("line", few(WRITES_MUCH, 15))
def test_a_full_disk_behind_standard_output_is_one_line(
    line: str, written_to: Callable[[str, int], tuple[int, str]]
) -> None:
    status, errors = written_to(line, os.open("/dev/full", os.O_WRONLY))
    assert status == 2
    said = errors.splitlines()
    assert [each for each in said if "rows" not in each] == [said[-1]], said
    assert "No space left on device" in said[-1]


@pytest.mark.needs("POSIX")
@pytest.mark.time
@pytest.mark.parametrize("line", few(WRITES_MUCH, 15))
def test_a_reader_that_has_gone_ends_the_command_as_a_signal_would(
    line: str, written_to: Callable[[str, int], tuple[int, str]]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    status, errors = written_to(line, writing)
    assert status == 141
    assert "Traceback" not in errors


@pytest.mark.parametrize("line", ["dose --dose 0.15 --weight 70", "simulate scenario.toml --csv -"])
def test_standard_output_that_is_closed_is_an_error(
    line: str,
    folder: Path,
    warmflow: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert warmflow(line) == 2
    assert "standard output: cannot be written: it is closed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_json_on_standard_output_is_json_alone(
    name: str, folder: Path, warmflow: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert warmflow(f"simulate scenario.toml --json {name}") == 0
    json.loads(capsys.readouterr().out)
