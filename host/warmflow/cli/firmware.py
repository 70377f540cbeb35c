"""`warmflow firmware`: writes the firmware's files to a folder, for copying them by hand."""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.runtime import console


def firmware(
    folder: Annotated[Path, typer.Argument(help="Folder to write; it is made if it is missing.")] = Path(
        "build/firmware"
    ),
) -> None:
    """Write the firmware's files to a folder, ready to be copied to a Pico."""
    from warmflow.device.firmware.files import assemble, firmware_files

    assemble(folder)
    console.say(f"{len(firmware_files())} files in {folder}; copy them with: mpremote cp -r {folder}/. :")
