"""`warmflow flash --rescue`: what can be read is saved here before anything is erased, and the rig is itself again.

The board's code runs in MicroPython's unix port, with a littlefs in memory as the flash that is made anew.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import command_line
from raw_repl_on_unix_port import PaperPrompt

from warmflow.device.firmware.errors import FlashError
from warmflow.device.firmware.image import plan
from warmflow.device.flash.install import hashes, install, prepare
from warmflow.device.flash.rescue import Found, keep, make_anew, own, read_all

pytestmark = [pytest.mark.micropython, pytest.mark.needs("MicroPython unix port")]
SUMMARY = bytes(range(256)) * 9 + b"\3\3"
FILES = {
    "config.json": b'{"rig_name": "mine"}',
    "config.old": b'{"rig_name": "mine"}',
    "totals.0": bytes(range(40)),
    "totals.1": b"",
    "minutes/03": SUMMARY,
    "boot.py": b"while True: pass",
    "main.py": b"old",
    "pump/app.mpy": b"old",
    "lib/mine/deep.py": b"x = 1",
}
BACK = {name for name in FILES if name.startswith(("config", "totals", "minutes"))}
# a chip's flash in memory, and one file that the file system finds damaged
FLASH = """
class Flash:
    blocks, size = 128, 4096
    data = bytearray(128 * 4096)
    def readblocks(self, n, buf, offset=0):
        at = n * 4096 + offset
        buf[:] = Flash.data[at : at + len(buf)]
    def writeblocks(self, n, buf, offset=None):
        at = n * 4096 + (offset or 0)
        Flash.data[at : at + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 4: return 128
        if op == 5: return 4096
        if op == 6: return 0
import builtins
whole = open
def open(name, mode="r"):
    if name == "/damaged": raise OSError(84)
    return whole(name, mode)
class rp2: pass
rp2.Flash = Flash
sys.modules["rp2"] = rp2
"""


@pytest.fixture
def board(tmp_path: Path) -> Iterator[PaperPrompt]:
    flash = tmp_path / "flash"
    for name, data in (FILES | {"damaged": b"?"}).items():
        (flash / name).parent.mkdir(parents=True, exist_ok=True)
        (flash / name).write_bytes(data)
    prompt = PaperPrompt(flash)
    prepare(prompt)  # type: ignore[arg-type]  # a PaperPrompt does what a Prompt does
    prompt.run(FLASH)
    yield prompt
    prompt.close()


def test_all_that_can_be_read_is_kept_here_and_the_rig_is_itself_on_a_new_file_system(
    board: PaperPrompt, tmp_path: Path
) -> None:
    found = read_all(board)  # type: ignore[arg-type]
    assert found.files == FILES
    assert list(found.damaged) == ["damaged"]
    keep(found, tmp_path / "kept")
    assert {name: (tmp_path / "kept" / name).read_bytes() for name in FILES} == FILES
    assert set(own(found)) == BACK

    arrived: list[str] = []
    free_bytes = make_anew(board, own(found), lambda name, size: arrived.append(name))  # type: ignore[arg-type]
    assert 400_000 < free_bytes < 128 * 4096
    assert set(arrived) == BACK
    assert read_all(board) == Found({name: FILES[name] for name in BACK}, {})  # type: ignore[arg-type]
    firmware = {"main.py": b"new", "pump/app.mpy": b"new"}
    install(board, firmware, plan(firmware, hashes(board, firmware)), free_bytes, lambda name, size: None)  # type: ignore[arg-type]
    assert read_all(board).files == {name: FILES[name] for name in BACK} | firmware  # type: ignore[arg-type]


def test_nothing_is_erased_when_reading_stops(board: PaperPrompt) -> None:
    board._fails_at = board.runs + 1
    with pytest.raises(FlashError, match=r"reading what is on the board stopped.*Nothing was changed"):
        read_all(board)  # type: ignore[arg-type]


def test_a_stop_while_it_is_made_anew_says_where_the_files_are(board: PaperPrompt) -> None:
    back = own(read_all(board))  # type: ignore[arg-type]
    board._fails_at = board.runs + 3
    with pytest.raises(FlashError, match=r"The board has nothing now.*the folder that was named"):
        make_anew(board, back, lambda name, size: None)  # type: ignore[arg-type]


def test_a_name_that_leads_out_of_the_folder_is_not_written(tmp_path: Path) -> None:
    class Board:
        path = "/dev/ttyACM0"

        def run(self, code: str, payload: bytes = b"", on_line: object = None) -> list[str]:
            assert callable(on_line)
            on_line('["/../evil", "eA==", ""]')
            on_line('["/config.json", "e30=", ""]')
            return []

    found = read_all(Board())  # type: ignore[arg-type]
    assert found.files == {"config.json": b"{}"}
    assert found.damaged == {"../evil": "a name that leads elsewhere"}


def test_it_cannot_only_be_shown() -> None:
    done = command_line("flash", "--rescue", "--dry-run")
    assert done.status == 2
    assert "leave out --dry-run" in done.err
