"""The mains plug of an emulated Pico: pulled in the middle of a change of the flash, which is left torn.

Runs in the emulator's process, as a parts module. plug.json, in the board's folder, says after how many erased sectors
and programmed pages, and a seed for what is torn. The flash is written out as it is at that moment, and the process is
gone.
"""

import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warmflow.device.virtual.littlefs_image import IMAGE_BYTES

FS_START = 0xA0000  # where the image's file system begins in the flash
ERASE, PROGRAM = 0x20, 0x02  # Ref: W25Q16JV data sheet, the commands that the RP2040's boot ROM sends
HEAD_BYTES, SECTOR_BYTES = 4, 4096
PULLED = 137
STARTED = 0x6F6E6365  # as firmware/src/board/pico.py has it in a register that a power cut empties


class Plug:
    def __init__(self, mcu: Any, cut_after: int, seed: int) -> None:
        self._mcu, self._left, self._chance = mcu, cut_after, random.Random(seed)
        self._apply = mcu.ssi._apply_command
        mcu.ssi._apply_command = self._command

    def _command(self) -> None:
        sent = self._mcu.ssi._tx_buffer
        changes = len(sent) > HEAD_BYTES - 1 and sent[0] in (ERASE, PROGRAM) and self._mcu.ssi._write_enabled
        if changes:
            self._left -= 1
        if not changes or self._left:
            self._apply()
            return
        if sent[0] == PROGRAM:
            del sent[self._chance.randrange(HEAD_BYTES, len(sent)) :]
            self._apply()
        else:
            start = int.from_bytes(sent[1:HEAD_BYTES], "big") & ~(SECTOR_BYTES - 1)
            end = start + self._chance.randrange(SECTOR_BYTES)
            self._mcu.flash[start:end] = b"\xff" * (end - start)
        image = Path(sys.argv[sys.argv.index("--flash") + 1])
        image.write_bytes(self._mcu.flash[FS_START : FS_START + IMAGE_BYTES])
        os._exit(PULLED)


def fit(mcu: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    mcu.watchdog.scratch_data[1] = STARTED  # else three quick cuts in a row would be somebody's wish for safe mode
    Plug(mcu, **json.loads(Path("plug.json").read_text(encoding="utf-8")))
    return lambda words: words
