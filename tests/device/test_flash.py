"""Flashing: what is copied, what is left alone, what a cut leaves behind, and one clear line for each thing that can be
wrong.
"""

import json
import os
import re
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import serial
from command_line import command_line
from hypothesis import given
from hypothesis import strategies as st
from optional_parts import require
from raw_repl_on_unix_port import PaperPrompt
from wire import quick

from pumplink import fastcodec, framing
from pumplink import messages as m
from warmflow.device.firmware.byte_code import ARCHES
from warmflow.device.firmware.errors import FlashError
from warmflow.device.firmware.files import firmware_files
from warmflow.device.firmware.image import MAIN, STAGED, digest, plan, program
from warmflow.device.flash import bootsel
from warmflow.device.flash.install import PARCEL_BYTES, hashes, install, pack, parcels, prepare, survey
from warmflow.device.transport.serial_port import _port_error
from warmflow.device.virtual.pty_port import PtyPort

ROOT = Path(__file__).parents[2]
needs_micropython = pytest.mark.micropython
FILES = {
    MAIN: b"import pump.app\n",
    "pump/app.mpy": bytes(range(256)) * 20,
    "pump/link.mpy": b"\x03\x01\x04\x05" * 99,
    "lib2/a.mpy": b"",
}


def there(**changed: str) -> dict[str, str]:
    return {name: digest(data) for name, data in FILES.items()} | changed


# what is to be done


def test_a_board_that_has_everything_gets_nothing() -> None:
    assert plan(FILES, there()) == ((), (), (), (), False)


def test_only_what_differs_is_copied_and_main_always_comes_back() -> None:
    todo = plan(FILES, there(**{"pump/app.mpy": "old"}))
    assert todo.copy == ("pump/app.mpy",)
    assert todo.replace == ("pump/app.mpy", MAIN)


def test_source_beside_byte_code_goes_and_what_is_not_ours_stays() -> None:
    others = {"config.json": "c", "pump/notes.txt": "n", "mine/x.py": "x", "boot.py": "b", "totals.0": "t"}
    assert plan(FILES, there(**others, **{"pump/app.py": "old", "pump/gone.mpy": "old"})).remove == (
        "pump/app.py",
        "pump/gone.mpy",
    )


def test_what_waits_from_a_run_that_was_cut_is_not_copied_again() -> None:
    waits = {"pump/app.mpy" + STAGED: digest(FILES["pump/app.mpy"]), "pump/link.mpy" + STAGED: "half"}
    todo = plan(FILES, waits)
    assert "pump/app.mpy" in todo.replace
    assert "pump/app.mpy" not in todo.upload
    assert "pump/link.mpy" in todo.upload


@pytest.mark.parametrize("arch", sorted(ARCHES.values()))
def test_every_module_compiles_and_main_stays_source(arch: str) -> None:
    files = program(firmware_files(), arch)
    assert [name for name in files if name.endswith(".py")] == [MAIN]
    assert all(data[0] == ord("M") for name, data in files.items() if name.endswith(".mpy"))


def test_a_syntax_error_is_named_with_its_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def (:\n")
    with pytest.raises(FlashError, match=r"bad\.py does not compile"):
        program({"pump/bad.py": bad}, "armv6m")


@quick
@given(st.lists(st.binary(max_size=300)))
def test_what_travels_never_holds_a_ctrl_c(contents: list[bytes]) -> None:
    assert 3 not in pack(contents)


@quick
@given(st.lists(st.integers(0, 2 * PARCEL_BYTES)))
def test_parcels_hold_every_file_once_in_order_and_stay_small(sizes: list[int]) -> None:
    files = {str(at): bytes(size) for at, size in enumerate(sizes)}
    groups = list(parcels(files, list(files)))
    assert [name for group in groups for name in group] == list(files)
    assert all(len(group) == 1 or sum(len(files[name]) for name in group) <= PARCEL_BYTES for group in groups)


# on a board of paper


@contextmanager
def paper(flash: Path, fails_at: int | None = None) -> Iterator[PaperPrompt]:
    require("MicroPython unix port")
    board = PaperPrompt(flash, fails_at)
    try:
        yield board
    finally:
        board.close()


def carry(board: PaperPrompt, files: dict[str, bytes] = FILES) -> tuple[str | None, list[str]]:
    arrived: list[str] = []
    prepare(board)  # type: ignore[arg-type]  # a PaperPrompt does what a Prompt does
    todo = plan(files, hashes(board, files))  # type: ignore[arg-type]
    kept = install(board, files, todo, 1 << 20, lambda name, size: arrived.append(name))  # type: ignore[arg-type]
    return kept, arrived


def on_flash(flash: Path) -> dict[str, bytes]:
    return {path.relative_to(flash).as_posix(): path.read_bytes() for path in flash.rglob("*") if path.is_file()}


@needs_micropython
def test_an_empty_board_gets_every_byte_and_then_nothing(tmp_path: Path) -> None:
    with paper(tmp_path / "flash") as board:
        assert sorted(carry(board)[1]) == sorted(FILES)
        assert on_flash(tmp_path / "flash") == FILES
        assert carry(board) == (None, [])


@needs_micropython
def test_a_new_version_replaces_and_deletes_its_own_and_keeps_the_rest(tmp_path: Path) -> None:
    flash = tmp_path / "flash"
    (flash / "pump").mkdir(parents=True)
    old = {MAIN: b"old", "pump/app.py": b"old", "pump/link.mpy": b"old", "config.json": b"{}", "totals.0": b"\0"}
    for name, data in old.items():
        (flash / name).write_bytes(data)
    with paper(flash) as board:
        assert carry(board)[0] is None
    assert on_flash(flash) == FILES | {"config.json": b"{}", "totals.0": b"\0"}


@needs_micropython
def test_somebody_elses_main_is_kept(tmp_path: Path) -> None:
    flash = tmp_path / "flash"
    flash.mkdir()
    (flash / MAIN).write_bytes(b"print('mine')")
    with paper(flash) as board:
        kept, _ = carry(board)
    assert kept
    assert (flash / kept).read_bytes() == b"print('mine')"


@needs_micropython
def test_a_cut_at_any_moment_leaves_the_old_firmware_or_no_main_and_the_next_run_ends_well(tmp_path: Path) -> None:
    old = {MAIN: b"old", "pump/app.mpy": b"old", "pump/link.mpy": b"old"}
    cuts = [_cut_and_again(tmp_path / str(fails_at), old, fails_at) for fails_at in range(2, 8)]
    assert sum(cuts) >= 4
    assert not cuts[-1], "the cut came after the end: every moment before was tried"


def _cut_and_again(flash: Path, old: dict[str, bytes], fails_at: int) -> bool:
    """Whether it was cut."""
    (flash / "pump").mkdir(parents=True)
    for name, data in old.items():
        (flash / name).write_bytes(data)
    cut = False
    with paper(flash, fails_at) as board:
        try:
            carry(board)
        except (FlashError, OSError):
            cut = True
    left = on_flash(flash)
    assert not cut or old.items() <= left.items()
    with paper(flash) as board:
        carry(board)
    assert on_flash(flash) == FILES
    return cut


@needs_micropython
def test_a_cut_says_that_nothing_is_half_done_and_what_to_do(tmp_path: Path) -> None:
    with (
        paper(tmp_path / "flash", fails_at=4) as board,
        pytest.raises(FlashError, match=r"device disconnected.*Nothing is half done.*run the same command again"),
    ):
        carry(board)


@needs_micropython
def test_a_full_board_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with paper(tmp_path / "flash") as board:
        prepare(board)  # type: ignore[arg-type]
        with pytest.raises(FlashError, match="1 kB free on the board and 37 kB are needed"):
            install(board, FILES, plan(FILES, {}), 1024, lambda name, size: None)  # type: ignore[arg-type]
    assert on_flash(tmp_path / "flash") == {}


@needs_micropython
def test_another_kind_of_board_is_refused_by_name(tmp_path: Path) -> None:
    with paper(tmp_path / "flash") as board, pytest.raises(FlashError, match=r"this is .*\(linux|darwin\).*Raspberry"):
        survey(board)  # type: ignore[arg-type]


# one clear line each


def flash_says(*arguments: object) -> str:
    done = command_line("flash", *arguments)
    assert done.status == 2, done.out + done.err
    assert done.err.startswith("warmflow: ")
    assert done.err.count("\n") == 1, done.err
    return done.err


@contextmanager
def board_that_says(data: bytes) -> Iterator[str]:
    """A port whose far end repeats `data` for ever."""
    port, stop = PtyPort(), threading.Event()

    def talk() -> None:
        while not stop.wait(0.02):
            port.drop_unread()
            with suppress(BlockingIOError):
                os.write(port.board_fd, data)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        yield port.path
    finally:
        stop.set()
        talker.join()
        port.close()


def test_a_port_that_is_not_there_is_named_with_where_to_look(tmp_path: Path) -> None:
    assert re.search("no such port.*warmflow ports", flash_says(tmp_path / "ttyACM9"))


def test_no_permission_names_the_group() -> None:
    assert "dialout" in str(_port_error("/dev/ttyACM0", PermissionError(13, "Permission denied")))


def test_a_port_in_use_says_what_to_close() -> None:
    with board_that_says(b"") as path, serial.Serial(path, exclusive=True):
        assert re.search("another program has it open. Close it", flash_says(path))


def test_a_silent_port_is_a_wrong_one_or_a_pico_without_micropython() -> None:
    with board_that_says(b"") as path:
        said = flash_says(path, "--timeout", "0.5")
    assert re.search("is silent.*Wrong port.*BOOTSEL.*--uf2", said)


def test_something_else_at_the_port_is_shown() -> None:
    with board_that_says(b"$GPGGA,1*00\r\n") as path:
        assert re.search(r"not as MicroPython.*GPGGA.*Wrong port", flash_says(path, "--timeout", "0.5"))


def test_a_virtual_pico_needs_no_flashing() -> None:
    frame = framing.frame(fastcodec.ENCODERS[m.Ack](m.Ack(1, 0x84, 1, "hello")))
    with board_that_says(frame) as path:
        assert "virtual Pico needs no flashing" in flash_says(path, "--timeout", "0.5")


def test_a_folder_without_main_is_no_firmware(tmp_path: Path) -> None:
    assert re.search(r"has no main\.py.*warmflow firmware", flash_says("--firmware", tmp_path))


# BOOTSEL


def uf2(family: int, blocks: int = 3) -> bytes:
    head = (0x0A324655, 0x9E5D5157, 0x2000, 0x10000000, 256)
    block = [
        struct.pack("<8I", *head, at, blocks, family).ljust(508, b"\0") + b"\x30\x6f\xb1\x0a" for at in range(blocks)
    ]
    return b"".join(block)


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "RPI-RP2"
    folder.mkdir()
    (folder / bootsel.INFO_FILE).write_text("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n")
    return folder


def test_a_pico_in_bootsel_mode_is_told_exactly_what_comes_next(drive: Path) -> None:
    assert re.search("RPI-RP2: .*Download .*RPI_PICO.*warmflow flash --uf2 FILE", flash_says("--drive", drive))


def test_an_image_is_copied_whole_to_the_drive(drive: Path, tmp_path: Path) -> None:
    image = tmp_path / "RPI_PICO.uf2"
    image.write_bytes(uf2(0xE48BFF56, blocks=300))
    absent = tmp_path / "ttyACM9"
    assert re.search(
        "was copied, but the port.*Unplug", flash_says(absent, "--uf2", image, "--drive", drive, "--timeout", 0.1)
    )
    assert (drive / image.name).read_bytes() == image.read_bytes()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (uf2(0xE48BFF59), "for another chip"),
        (b"hello" * 200, "is not a UF2 file"),
        (uf2(0xE48BFF56)[:-512], "cut short"),
    ],
)
def test_a_wrong_image_is_refused_before_it_is_copied(drive: Path, tmp_path: Path, data: bytes, says: str) -> None:
    image = tmp_path / "x.uf2"
    image.write_bytes(data)
    with pytest.raises(FlashError, match=says):
        bootsel.copy_image(image, bootsel.find_drives([drive])[0], lambda name, size: None)
    assert not (drive / image.name).exists()


def test_an_image_and_no_drive_says_how_to_get_one(tmp_path: Path) -> None:
    said = flash_says("--uf2", tmp_path / "x.uf2", "--drive", tmp_path)
    assert re.search("drives found: none. Hold BOOTSEL", said)


def test_a_drive_of_another_kind_is_none(tmp_path: Path) -> None:
    (tmp_path / bootsel.INFO_FILE).write_text("Board-ID: SAMD21\n")
    assert bootsel.find_drives([tmp_path]) == []


# mpremote mip


class Shelf:
    """Takes what mip writes to a board."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def fs_exists(self, path: str) -> bool:
        return True

    def fs_writefile(self, path: str, data: bytes, **_: object) -> None:
        self.files["/" + path.lstrip("/")] = data


def test_package_json_lists_every_file_of_the_firmware() -> None:
    listed = json.loads((ROOT / "package.json").read_text())["urls"]
    assert {name: (ROOT / url).resolve() for name, url in listed} == {
        name: path.resolve() for name, path in firmware_files().items()
    }


def test_mip_installs_every_byte_from_a_web_server() -> None:
    from mpremote import mip

    handler = partial(SimpleHTTPRequestHandler, directory=str(ROOT))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        library = Shelf()
        url = f"http://127.0.0.1:{server.server_port}"
        mip._install_package(library, url, "", "/", None, True)
        server.shutdown()
    assert library.files == {"/" + name: path.read_bytes() for name, path in firmware_files().items()}
