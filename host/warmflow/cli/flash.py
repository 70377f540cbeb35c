"""`warmflow flash`: installs the firmware on a Pico; each step is a line."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from warmflow.device.firmware import byte_code
from warmflow.device.firmware.errors import NEW_PICO, FlashError
from warmflow.device.firmware.files import firmware_files
from warmflow.device.firmware.image import files_in, plan, program
from warmflow.device.flash import bootsel
from warmflow.device.flash.install import hashes, install, prepare, refuses, survey
from warmflow.device.flash.raw_repl import Prompt, prompt
from warmflow.device.flash.rescue import SETTINGS, keep, make_anew, own, read_all
from warmflow.device.link import CommandError
from warmflow.device.link.one_shot import check_port, greeted_link, introduced, usb_serial_number
from warmflow.device.states import LinkState
from warmflow.device.transport.serial_port import PortError
from warmflow.runtime import console
from warmflow.runtime.progress_bar import ProgressBar

APPEARS = 3  # times the time limit: a Pico with a new image restarts, formats its flash, then shows its port


def flash(
    port: Annotated[
        str | None, typer.Argument(help="Serial port, or USB serial number of a Pico. Default: the only Pico.")
    ] = None,
    uf2: Annotated[Path | None, typer.Option(help="MicroPython image (.uf2), for a Pico in BOOTSEL mode.")] = None,
    drive: Annotated[Path | None, typer.Option(help="The BOOTSEL drive, if it is not found automatically.")] = None,
    firmware: Annotated[
        Path | None,
        typer.Option(help="Folder written by `warmflow firmware`. Default: this program's firmware."),
    ] = None,
    rescue: Annotated[
        bool,
        typer.Option(
            help="For a full or damaged board: save its files here, make its file system anew, put settings back."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Only show what would be copied.")] = False,
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=0.1, help="How long to wait for the board, in seconds.")
    ] = 10.0,
) -> None:
    """Install the firmware on a Pico: copy what changed, verify it, restart the board, and show what it reports."""
    if rescue and dry_run:
        raise FlashError("--rescue makes the board's file system anew, which cannot only be shown: leave out --dry-run")
    sources = files_in(firmware) if firmware else firmware_files()
    path = _pico(port, uf2, drive, timeout_s)
    number = usb_serial_number(path)
    with prompt(path, timeout_s) as board:
        if rescue:
            _rescue(board, number or Path(path).name)
        _carry_over(board, sources, dry_run)
    if not dry_run:
        console.say(asyncio.run(_hello(number or path, timeout_s)))


def _rescue(board: Prompt, name: str) -> None:
    survey(board)
    prepare(board)
    found = read_all(board)
    folder = Path(f"rescued-{name}")
    keep(found, folder)
    console.say(f"{board.path}: {len(found.files)} files read into {folder}")
    console.say(*(f"  {name} could not be read: {why}" for name, why in found.damaged.items()))
    back = own(found)
    with ProgressBar("putting back") as bar:
        free_bytes = make_anew(board, back, _step(bar, sum(map(len, back.values()))))
    settings = "settings and totals are back" if any(name in back for name in SETTINGS) else "it had no settings"
    console.say(f"  file system made anew: {settings}, {free_bytes // 1024} kB free")


def _carry_over(board: Prompt, sources: Mapping[str, Path], dry_run: bool) -> None:
    facts = survey(board)
    form = byte_code.form_for(facts.mpy)
    prepare(board)
    if form.arch and not dry_run and (why := refuses(board, byte_code.sample(form.arch))):
        form = byte_code.sources(f"it refuses the byte code of mpy-cross on this computer: {why}")
    console.say(f"{board.path}: {facts.spoken}, {form.spoken}")
    files = program(sources, form.arch)
    byte_code.check(files, facts.mpy)
    here = hashes(board, files)
    todo = plan(files, here)
    if not here:
        console.say("  no firmware was on it: unless it has a config.json, it starts with the default settings")
    if dry_run:
        for verb, names in (("copy", todo.copy), ("delete", todo.remove)):
            console.say(*([f"  would {verb} {name}" for name in names] or [f"  nothing to {verb}"]))
        return
    with ProgressBar("copying") as bar:
        step = _step(bar, sum(len(files[name]) for name in todo.upload))
        kept = install(board, files, todo, facts.free_bytes, step)
    if kept:
        console.say(f"  the main.py on the board was not from warmflow; it was renamed to {kept}")
    count = len(todo.upload)
    copied = f"{count} {'file' if count == 1 else 'files'} copied" if count else "nothing to copy"
    removed = f", {len(todo.remove)} deleted" if todo.remove else ""
    console.say(f"  {copied}{removed}, {len(files)} verified; restarting")


def _step(bar: ProgressBar, total_bytes: int) -> Callable[[str, int], None]:
    """A callback for copying: call it with the file and the number of bytes just copied."""
    done = 0

    def step(name: str, size: int) -> None:
        nonlocal done
        done += size
        bar(done / max(1, total_bytes), name)

    return step


async def _hello(port: str, timeout_s: float) -> str:
    said: list[str] = []
    try:
        async with greeted_link(port, said.append, APPEARS * timeout_s) as link:
            assert link.hello
            return introduced(link.hello)
    except CommandError as error:
        heard = "".join(f"\n  {line}" for line in said[-5:])
        raise FlashError(f"the firmware was copied, but the board sends no HELLO: {error}{heard}") from error


def _pico(port: str | None, uf2: Path | None, place: Path | None, timeout_s: float) -> str:
    """The path of a port with a Pico behind it, after a BOOTSEL drive got its image where there is one."""
    drives = bootsel.find_drives([place] if place else None)
    if uf2:
        return _new_pico(uf2, drives, port, timeout_s)
    if port is None and drives:
        raise FlashError(bootsel.what_next(drives[0]))
    try:
        return check_port(port)
    except PortError as error:
        if port is not None or error.state is not LinkState.NOT_FOUND:
            raise
        if label := bootsel.unmounted():
            raise FlashError(
                f"a Pico in BOOTSEL mode is plugged in, but its drive {label} is not mounted. Open it in the file "
                f"manager, or run `udisksctl mount -b /dev/disk/by-label/{label}`. Then run this command again"
            ) from error
        raise FlashError(
            f"{str(error).replace(' with --port PATH or its USB serial number', '')}. Or is it {NEW_PICO}?"
        ) from error


def _new_pico(uf2: Path, drives: list[bootsel.Drive], port: str | None, timeout_s: float) -> str:
    if len(drives) != 1:
        seen = ", ".join(str(drive.path) for drive in drives) or "none"
        raise FlashError(
            f"--uf2 needs exactly one Pico in BOOTSEL mode; drives found: {seen}. Hold BOOTSEL while you plug in the "
            "cable, or name the drive with --drive"
        )
    size = len(bootsel.check_image(uf2, drives[0].chip))
    with ProgressBar("copying") as bar:
        bootsel.copy_image(uf2, drives[0], _step(bar, size))
    console.say(f"{drives[0].path}: {uf2.name} copied; the Pico restarts")
    deadline = time.monotonic() + APPEARS * timeout_s
    while True:
        try:
            return check_port(port)
        except PortError as error:
            if time.monotonic() > deadline:
                raise FlashError(
                    f"{uf2.name} was copied, but the port of the Pico did not appear. Unplug it and plug it in again "
                    "(without BOOTSEL), then run `warmflow flash`"
                ) from error
            time.sleep(0.2)
