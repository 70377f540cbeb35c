"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Broker = Annotated[
    str | None,
    typer.Option(help="mqtt://host:port, mqtts://host:port or embedded. Default: mosquitto if found, else embedded."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings. Options override it.")]
Engine = Annotated[
    str, typer.Option(help="Engine that runs the firmware: auto, unix, cpython, or rp2040 (emulated chip).")
]
JournalFile = Annotated[Path | None, typer.Option(help="Journal file. Default: the daemon's.")]
