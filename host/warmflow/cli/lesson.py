"""`warmflow lesson`: the lessons that there are, whether a file is right, and what one shows. Plays no board."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warmflow.cli.options import ConfigFile
from warmflow.cli.outputs import OUTPUT
from warmflow.errors import UserError
from warmflow.runtime import console
from warmflow.runtime.output_file import write_text
from warmflow.runtime.progress_bar import ProgressBar
from warmflow.runtime.text_file import decoded, read_bytes

if TYPE_CHECKING:
    from warmflow.training.lesson_file import Loaded
    from warmflow.training.lesson_library import Contents

app = typer.Typer(
    help="Training lessons: list, check and show them; write the report of a session.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Folder = Annotated[
    Path | None, typer.Option("--lessons", help="Folder with your own lessons. Default: from the settings.")
]


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
    lessons: Folder = None,
    config_file: ConfigFile = None,
) -> None:
    """List all lessons, and what is wrong with those that cannot be used."""
    from warmflow.training import views
    from warmflow.training.playback_modes import best, ways
    from warmflow.training.progress import played

    contents = _contents(lessons, config_file)
    if as_json:
        console.say_json(views.listed(contents))
    else:
        width = max(map(len, contents.lessons), default=0)
        for name, loaded in contents.lessons.items():
            way = best(ways(played(loaded)))
            console.say(
                f"{name:{width}}  {loaded.lesson.title} ({way.name} at {way.speed_x:,}x, {way.lasts_min:.1f} min)"
            )
    for error in contents.refused.values():
        _say_problems(error)


@app.command("check")
def check_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Lesson files, or folders with lessons. Default: all lessons.")
    ] = None,
    lessons: Folder = None,
    config_file: ConfigFile = None,
) -> None:
    """Check lessons and play each one through. Exit status 1 if one cannot be used or a step is never reached."""
    from warmflow.training.dry_run import Rehearsed, rehearsed
    from warmflow.training.lesson_file import LessonError, load

    paths = list(_files(files) if files else _all(lessons, config_file))
    checked: list[tuple[Path, LessonError | Rehearsed]] = []
    with ProgressBar("checking") as bar:
        for path in paths:
            bar(len(checked) / len(paths), path.name)
            try:
                checked.append((path, rehearsed(load(path))))
            except LessonError as error:
                checked.append((path, error))
    bad = 0
    for path, found in checked:
        bad += bool(found.problems)
        if isinstance(found, LessonError):
            _say_problems(found)
            continue
        console.say(f"{path}: {found.line}")
        console.note(*map(str, found.problems))
    raise typer.Exit(1 if bad else 0)


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Name of a lesson, or its file.")],
    plan: Annotated[
        Path | None,
        typer.Option(metavar=OUTPUT, help="Write the printable lesson plan to this HTML file."),
    ] = None,
    lessons: Folder = None,
    config_file: ConfigFile = None,
) -> None:
    """Show a lesson: its steps, with the minute and the values at which each is reached, questions and statements."""
    from warmflow.training.dry_run import as_text
    from warmflow.training.printable import lesson_plan

    loaded = _loaded(name, lessons, config_file)
    console.say(*as_text(loaded))
    if plan is not None:
        _write(plan, lesson_plan(loaded))


@app.command("export")
def export_command(
    name: Annotated[str, typer.Argument(help="Name of a lesson, or its file.")],
    out: Annotated[Path | None, typer.Option(metavar=OUTPUT, help="HTML file to write. Default: NAME.html.")] = None,
    lessons: Folder = None,
    config_file: ConfigFile = None,
) -> None:
    """Write a lesson as one HTML file that opens from a disk, with no network: the drawing, the run and Play."""
    from warmflow.sinks.web.lesson_export import exported

    loaded = _loaded(name, lessons, config_file)
    _write(out or Path(f"{loaded.name}.html"), exported(loaded))


@app.command("report")
def report_command(
    log: Annotated[Path, typer.Argument(help="Log of a session: training-DATE.jsonl in the folder of the journal.")],
    out: Annotated[Path, typer.Option(metavar=OUTPUT, help="HTML file to write.")] = Path("session.html"),
    lessons: Folder = None,
    config_file: ConfigFile = None,
) -> None:
    """Write the printable report of a session from its log, even if the session ended in a crash."""
    from warmflow.training.log_text import titles_of
    from warmflow.training.printable import session_report
    from warmflow.training.session_log import SessionError, of_lines

    try:
        whole, _, torn = read_bytes(log).rpartition(b"\n")
        session = of_lines(decoded(whole, log))
    except SessionError as error:
        raise UserError(f"{log}: {error}") from error
    if torn:
        console.note(f"warmflow: {log}: the last line is incomplete and was left out")
    _write(out, session_report(session, titles_of(_contents(lessons, config_file).lessons)))


def _loaded(name: str, lessons: Path | None, config_file: Path | None) -> "Loaded":
    from warmflow.training.lesson_file import load

    path = Path(name)
    return load(path) if path.suffix == ".toml" else _contents(lessons, config_file).lesson(name)


def _contents(lessons: Path | None, config_file: Path | None) -> "Contents":
    from warmflow.daemon import config
    from warmflow.training.lesson_library import LessonLibrary

    flags = {"training.lessons": lessons}
    loaded = config.load(config.chosen_file(config_file), os.environ, flags)
    return LessonLibrary(loaded.settings.training.lessons).look()


def _all(lessons: Path | None, config_file: Path | None) -> list[Path]:
    contents = _contents(lessons, config_file)
    return [*(one.path for one in contents.lessons.values()), *contents.refused]


def _files(given: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in given:
        inside = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not inside:
            raise UserError(f"{path}: the folder contains no lessons; add NAME.toml files (docs/lessons.md)")
        if not path.exists():
            raise UserError(f"{path}: no such file; `warmflow lesson list` shows all lessons")
        found += inside
    return found


def _say_problems(error: Exception) -> None:
    for problem in getattr(error, "problems", [error]):
        console.note(f"warmflow: {problem}")


def _write(path: Path, text: str) -> None:
    write_text(path, text)
    console.note(f"{path}: written")
