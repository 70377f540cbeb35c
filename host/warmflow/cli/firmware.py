"""`warmflow firmware`: the firmware's files in a folder, for whoever copies them by hand."""

from pathlib import Path
from typing import Annotated

import typer


def firmware(folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path("build/firmware")) -> None:
    """Put the firmware's files together in a folder, ready to be copied to a Pico."""
    from warmflow.device.firmware.files import assemble, firmware_files

    assemble(folder)
    typer.echo(f"{len(firmware_files())} files in {folder}; copy them with: mpremote cp -r {folder}/. :")
