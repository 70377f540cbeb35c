"""`warmflow check-config`: the daemon's settings, checked and shown."""

import os
from pathlib import Path
from typing import Annotated

import typer


def check_config(
    file: Annotated[Path | None, typer.Argument(help="TOML file. Default: the one that `warmflow run` reads.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a file with every setting, to begin with.")] = False,
) -> None:
    """Check settings, and show what is in force and where each value comes from; secrets are not shown."""
    from warmflow.daemon import config
    from warmflow.daemon.config.effective import effective
    from warmflow.daemon.config.settings_docs import example as example_file

    typer.echo(example_file() if example else effective(config.load(config.chosen_file(file), os.environ, {})))
