"""`warmflow backup`: journal, settings, lessons and session logs in one file, while the daemon runs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.options import ConfigFile
from warmflow.errors import UserError
from warmflow.runtime import console


def backup(
    out: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    journal: Annotated[Path | None, typer.Option(help="File of the durable log. Default: the daemon's.")] = None,
    config_file: ConfigFile = None,
) -> None:
    """Write a backup of journal, settings, lessons and session logs, also while the daemon runs; passwords, tokens and
    keys are left out.
    """
    from warmflow.daemon import backup as backups
    from warmflow.daemon import config
    from warmflow.runtime.wall_clock import wall_clock

    loaded = config.load(config.chosen_file(config_file), os.environ, {"journal.file": journal})
    path = loaded.settings.journal_file()
    if not path.exists():
        raise UserError(f"{path}: there is no journal; `warmflow run` writes one, --journal names another")
    manifest = backups.write(backups.sources(loaded.settings, loaded.file), out, wall_clock(), console.note)
    for name, each in manifest["files"].items():
        console.say(f"{name}: {each['bytes']} bytes")
    for each in manifest["left_out"]:
        console.say(f"left out, a secret: {each}")
    console.say(f"{out}: written and verified. Restore it with `warmflow restore {out}`")
