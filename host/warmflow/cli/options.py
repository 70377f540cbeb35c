"""Options that several commands have, said once."""

from pathlib import Path
from typing import Annotated

import typer

Broker = Annotated[
    str | None,
    typer.Option(help="mqtt://host:port, mqtts://..., or embedded. Default: mosquitto, else embedded."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings; flags go over it.")]
Engine = Annotated[str, typer.Option(help="What runs the firmware: auto, unix, cpython, or rp2040 (emulated chip).")]
