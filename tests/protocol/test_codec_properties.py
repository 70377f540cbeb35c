"""The generated codecs equal construct, for any message and for any bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import MESSAGES, board_codec, messages_of, quick, snake, values_of, walk

from pumplink import reference
from pumplink.fastcodec import DECODERS, ENCODERS

BOARD = board_codec()
REFUSED = "refused"
each_message = pytest.mark.parametrize("spec", MESSAGES, ids=lambda spec: spec.name)


def _slow(payload):
    try:
        return reference.parse(payload)
    except reference.WireError:
        return REFUSED


def _fast(payload):
    try:
        return DECODERS[payload[0]](payload)
    except (struct.error, ValueError):
        return REFUSED


def _on_board(payload):
    try:
        return BOARD.decode_command(payload)[1]
    except BOARD.CodecError:
        return REFUSED


@each_message
@quick
@given(data=st.data())
def test_any_message_is_the_same_bytes_to_all_codecs(spec, data):
    message = data.draw(messages_of(spec))
    payload = ENCODERS[type(message)](message)
    assert payload == reference.build(message)
    if spec.from_board:
        assert getattr(BOARD, f"encode_{snake(message)}")(*message) == payload
    assert _fast(payload) == _slow(payload) == message
    longer = payload + b"\0\xff"  # fields of a newer version change nothing
    assert _fast(longer) == _slow(longer) == message
    may_end = walk.trailing(walk.rows(spec))[0]
    cut = payload[: data.draw(st.integers(1, len(payload) - 1).filter(lambda size: size not in may_end))]
    assert _fast(cut) == _slow(cut) == REFUSED
    if not spec.from_board:
        assert _on_board(payload) == _on_board(longer) == values_of(message)
        assert _on_board(cut) == REFUSED


@each_message
@quick
@given(data=st.data())
def test_any_bytes_mean_the_same_or_nothing_to_all_codecs(spec, data):
    size = struct.calcsize(walk.struct_format(walk.rows(spec))) - 1
    payload = bytes([spec.type]) + data.draw(st.binary(max_size=size) | st.binary(min_size=size, max_size=size + 3))
    slow = _slow(payload)
    assert _fast(payload) == slow
    if not spec.from_board:
        assert _on_board(payload) == (slow if slow == REFUSED else values_of(slow))
