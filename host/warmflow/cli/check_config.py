"""`warmflow check-config`: the daemon's settings, checked and shown."""

import os
from pathlib import Path
from typing import Annotated

import typer

from warmflow.runtime import console


def check_config(
    file: Annotated[Path | None, typer.Argument(help="TOML file. Default: the file that `warmflow run` reads.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print an example file with every setting.")] = False,
) -> None:
    """Check the settings, and show each value and where it comes from. Secrets are not shown."""
    from warmflow.daemon import config
    from warmflow.daemon.config.effective import effective
    from warmflow.daemon.config.settings_docs import example as example_file

    console.say_text(example_file() if example else effective(config.load(config.chosen_file(file), os.environ, {})))
