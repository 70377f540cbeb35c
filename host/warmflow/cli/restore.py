"""`warmflow restore`: puts a backup in its place, on this computer or on another one."""

import os
from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.options import ConfigFile
from warmflow.runtime import console


def restore(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Backup file, written by `warmflow backup`.")],
    journal: Annotated[Path | None, typer.Option(help="Where the journal goes. Default: the daemon's file.")] = None,
    lessons: Annotated[Path | None, typer.Option(help="Where lessons go. Default: the settings' folder.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move an existing journal aside.")] = False,
    config_file: ConfigFile = None,
) -> None:
    """Put a backup in place, when all of it was found to be sound; the daemon that writes this journal must not run."""
    from warmflow.daemon import config
    from warmflow.daemon.config.load import user_settings_file
    from warmflow.daemon.restore import Places
    from warmflow.daemon.restore import restore as put_back

    chosen = config.chosen_file(config_file)
    present = chosen if chosen and chosen.exists() else None
    settings = config.load(present, os.environ, {"journal.file": journal}).settings
    path = settings.journal_file()
    folder = lessons or settings.training.lessons or path.parent / "lessons"
    places = Places(path, chosen or user_settings_file(), folder)
    for line in put_back(source, places, replace, console.note):
        console.say(line)
