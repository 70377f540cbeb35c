"""One UF2 file of MicroPython and the firmware: for every board the right place, family and numbers, or a refusal."""

import struct

import pytest
from uf2_image import BASE, BOARDS, RP2350, block, image

from warmflow.device.firmware import uf2
from warmflow.device.firmware.errors import FlashError


@pytest.mark.parametrize("board", BOARDS)
def test_flash_holds_both_afterwards_and_every_block_says_which_it_is(board: str) -> None:
    family, fs_at, fs_bytes = BOARDS[board]
    about = uf2.described(image(board))
    assert about == (board, "v1.26.1", family, fs_at, fs_bytes)
    file_system = bytes(range(256)) * (fs_bytes // 256)
    made = uf2.joined(image(board), about, file_system)
    blocks = [made[at : at + 512] for at in range(0, len(made), 512)]
    heads = [struct.unpack_from("<8I", each) for each in blocks]
    if family == RP2350:
        assert blocks.pop(0) == image(board)[:512], "the erratum's block stays first and as it is"
        heads.pop(0)
    assert {head[7] for head in heads} == {family}
    assert {head[:3] for head in heads} == {(0x0A324655, 0x9E5D5157, 0x2000)}
    assert [head[5] for head in heads] == list(range(len(blocks)))
    assert {head[6] for head in heads} == {len(blocks)}
    assert {each[-4:] for each in blocks} == {struct.pack("<I", 0x0AB16F30)}
    flash = {head[3]: each[32:288] for head, each in zip(heads, blocks, strict=True)}
    assert len(flash) == len(blocks)
    assert b"".join(flash[at] for at in range(fs_at, fs_at + fs_bytes, 256)) == file_system
    assert [flash[BASE + at] for at in range(0, 1024, 256)] == [
        each[32:288] for each in [image(board)[-2048:][at : at + 512] for at in range(0, 2048, 512)]
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no UF2"),
        (image("pico")[:-1], "cut short"),
        (image("pico")[:512] + image("pico")[1024:], "gaps"),
        (image("pico", with_device=False), "where its file system is"),
        (image("pico") + image("pico2"), "no image for a Pico"),
        (block(0, 1, BASE, b"\0" * 256, 0x12345678), "no image for a Pico"),
    ],
)
def test_what_does_not_say_where_its_files_are_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(FlashError, match=words):
        uf2.described(data)
