"""Framing: COBS, CRC-32 and base64 lines, judged by code that is not ours."""

import ast
import base64
import random
import zlib

import pytest
from cobs import cobs
from hypothesis import example, given
from hypothesis import strategies as st
from wire import ROOT, sweep, thorough

from pumplink import framing
from pumplink.schema import MAX_PAYLOAD

with_long_runs = st.lists(st.integers(0, 300) | st.just(254) | st.just(508), max_size=5).map(
    lambda runs: b"\0".join(b"\x07" * run for run in runs)
)


@thorough
@given(st.binary(max_size=1100) | with_long_runs)
def test_cobs_encodes_as_an_independent_codec_does(data):
    assert framing.cobs_encode(data) == cobs.encode(data)


@thorough
@given(st.binary(max_size=1100) | with_long_runs)
def test_cobs_gives_back_what_it_was_given(data):
    encoded = framing.cobs_encode(data)
    assert 0 not in encoded
    assert framing.cobs_decode(encoded) == data


@thorough
@given(st.binary(max_size=600) | st.binary(max_size=600).map(lambda data: data.replace(b"\0", b"\1")))
@example(b"\xff" * 255)
@example(b"\xff" * 256)
@example(b"\x01" * 300)
def test_cobs_takes_and_refuses_what_an_independent_codec_does(data):
    try:
        expected = cobs.decode(data)
    except cobs.DecodeError:
        expected = None
    assert framing.cobs_decode(data) == expected


@thorough
@given(st.binary(min_size=1, max_size=MAX_PAYLOAD))
def test_a_frame_holds_a_zero_at_each_end_and_none_between(payload):
    framed = framing.frame(payload)
    assert framed[0] == framed[-1] == 0
    assert 0 not in framed[1:-1]
    assert framing.unframe(framed[1:-1]) == (payload, None)


@thorough
@given(st.binary(min_size=1, max_size=MAX_PAYLOAD))
def test_a_line_is_base64_between_line_feeds_and_has_no_ctrl_c(payload):
    line = framing.line(payload)
    assert line == b"\n" + base64.b64encode(payload + zlib.crc32(payload).to_bytes(4, "little")) + b"\n"
    assert 3 not in line
    assert framing.unline(line.strip()) == (payload, None)


@thorough
@given(st.binary(max_size=300))
def test_no_bytes_make_unframe_or_unline_raise(data):
    for read in (framing.unframe, framing.unline):
        payload, cause = read(data)
        assert (payload is None) != (cause is None)


def test_one_changed_bit_is_a_crc_error():
    body = bytearray(b"\x03 reading" + framing.crc_bytes(b"\x03 reading"))
    for bit in range(8 * len(body)):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        assert framing.unframe(framing.cobs_encode(bytes(changed))) == (None, "crc")


@pytest.mark.parametrize("data", [b"", b"\x01", b"abcd"], ids=len)
def test_less_than_a_type_byte_and_a_crc_is_short(data):
    assert framing.unframe(cobs.encode(data)) == (None, "short")
    assert framing.unline(base64.b64encode(data)) == (None, "short")


@pytest.mark.parametrize("junk", [b" ", b"!!", b"\0", b"\x03", b"=", b"\r"])
def test_a_line_with_anything_that_is_no_base64_is_dropped(junk):
    line = framing.line(b"\x81\x01\x00").strip()
    assert framing.unline(line) == (b"\x81\x01\x00", None)
    assert framing.unline(line[:3] + junk + line[3:]) == (None, "base64")
    assert framing.unline(line + junk) == (None, "base64")


def test_the_limits_hold_the_longest_payload_and_no_longer_one():
    longest = bytes(1 + i % 255 for i in range(MAX_PAYLOAD))
    worst = max(len(framing.frame(random.Random(seed).randbytes(MAX_PAYLOAD))) for seed in range(50))
    assert worst <= framing.MAX_FRAME + 2
    assert len(framing.cobs_encode(bytes(1 for _ in range(MAX_PAYLOAD + 4)))) == framing.MAX_FRAME
    assert len(framing.cobs_encode(bytes(MAX_PAYLOAD + 5))) > MAX_PAYLOAD + 5
    assert len(framing.line(longest).strip()) <= framing.MAX_LINE


def test_residue_of_data_with_its_own_crc_is_one_constant():
    for data in sweep.cobs_data():
        assert zlib.crc32(data + framing.crc_bytes(data)) == framing._INTACT


def test_the_stub_has_the_functions_and_constants_of_the_module():
    module, stub = (_surface(ROOT / f"protocol/pumplink/framing.{kind}") for kind in ("py", "pyi"))
    assert stub == module


def _surface(path):
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = [arg.arg for arg in node.args.args]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found[target.id] = "constant"
    return {name: shape for name, shape in found.items() if not name.startswith("_")}
