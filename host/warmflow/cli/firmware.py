"""`warmflow firmware`: writes the firmware to a folder for copying by hand, or to one UF2 file for a new board."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.outputs import OUTPUT
from warmflow.errors import UserError
from warmflow.runtime import console
from warmflow.runtime.input_files import add_input
from warmflow.runtime.output_file import write_bytes


class BoardName(StrEnum):
    """As the Pico SDK names them, and their images."""

    PICO = "pico"
    PICO_W = "pico_w"
    PICO2 = "pico2"
    PICO2_W = "pico2_w"


def firmware(
    folder: Annotated[Path, typer.Argument(help="Folder to write; it is made if it is missing.")] = Path(
        "build/firmware"
    ),
    uf2: Annotated[
        Path | None,
        typer.Option(metavar=OUTPUT, help="Write one UF2 file of MicroPython and the firmware instead of a folder."),
    ] = None,
    board: Annotated[BoardName, typer.Option(help="The board that the UF2 file is for.")] = BoardName.PICO,
    image: Annotated[
        Path | None,
        typer.Option(help="MicroPython image (.uf2) for that board. Default: the one that the emulated chip runs."),
    ] = None,
) -> None:
    """Write the firmware's files to a folder, ready to be copied to a Pico, or one UF2 file with MicroPython in it."""
    from warmflow.device.firmware.files import assemble, firmware_files

    if uf2:
        _write_uf2(uf2, board, image)
        return
    assemble(folder)
    console.say(f"{len(firmware_files())} files in {folder}; copy them with: mpremote cp -r {folder}/. :")


def _write_uf2(out: Path, board: BoardName, given: Path | None) -> None:
    from warmflow.device.firmware.errors import FlashError
    from warmflow.device.firmware.files import firmware_files
    from warmflow.device.firmware.image import program
    from warmflow.device.firmware.uf2 import described, form_in, joined
    from warmflow.device.virtual import find_uf2

    try:
        from warmflow.device.virtual.littlefs_image import update_image
    except ModuleNotFoundError as error:
        raise UserError("a file system for a board needs littlefs: pip install 'warmflow[rp2040]'") from error
    if given and not given.is_file():
        raise FlashError(f"{given}: no such file: name the .uf2 file of MicroPython that you downloaded")
    path = find_uf2(given)
    add_input(path)
    data = path.read_bytes()
    try:
        about = described(data)
        form = form_in(about)
    except FlashError as error:
        raise FlashError(f"{path}: {error}") from error
    if about.board != board:
        raise FlashError(
            f"{path} is MicroPython for the board {about.board}, not {board.value}: name another --board, or the image "
            "of your board with --image (https://micropython.org/download)"
        )
    files = program(firmware_files(), form.arch)
    write_bytes(out, joined(data, about, update_image(None, files, size=about.fs_bytes)))
    console.say(
        f"{out}: MicroPython {about.version} and the firmware for {board.value}, {form.spoken}. Hold BOOTSEL while you "
        "plug the board in, and drag the file onto its drive; that takes half a minute",
        "  what the board had in its flash is replaced, also its settings, calibration and totals: "
        "`warmflow flash` keeps them",
    )
