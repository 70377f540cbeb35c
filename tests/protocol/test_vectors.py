"""Golden frames and the generated sweep, under construct, the host's fast codec and the board's codec on CPython.

The same vectors run on MicroPython in tests/micropython/test_codec_in_micropython.py.
"""

import binascii
import itertools
import struct
import zlib

import pytest
from cobs import cobs
from wire import MESSAGES, board_codec, dropped, golden, snake, sweep, tolerated, values_of, walk

from pumplink import reference
from pumplink.decoder import CAUSES, Decoder, Received, Rejected, read
from pumplink.fastcodec import DECODERS, ENCODERS
from pumplink.framing import cobs_decode, cobs_encode, frame, line, unframe, unline
from pumplink.messages import TYPES

BOARD = board_codec()
GOLDEN = list(golden())
ACCEPTED = list(sweep.accepted())
REFUSED = list(sweep.refused())
each_golden = pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector.name)
each_message = pytest.mark.parametrize("name", [spec.name for spec in MESSAGES])


@each_golden
def test_golden_frame_is_what_its_fields_and_independent_code_make_of_it(vector):
    assert bytes.fromhex("".join(data for _, data, _, _ in vector.fields)) == vector.payload
    assert zlib.crc32(vector.payload).to_bytes(4, "little") == vector.crc32
    body = vector.payload + vector.crc32
    expected = b"\0" + cobs.encode(body) + b"\0" if vector.sender == "board" else b"\n" + binascii.b2a_base64(body)
    assert vector.framed == expected


@each_golden
def test_golden_frame_under_construct(vector):
    assert reference.parse(vector.payload) == vector.message
    assert reference.build(vector.message) == vector.payload


@each_golden
def test_golden_fields_stand_where_annotate_says(vector):
    found = [(field.name, field.data) for field in reference.annotate(vector.payload)]
    assert found == [(name, bytes.fromhex(data)) for name, data, _, _ in vector.fields]


@each_golden
def test_golden_frame_under_the_fast_codec(vector):
    message = DECODERS[vector.payload[0]](vector.payload)
    assert message == vector.message
    assert type(message) is type(vector.message)
    assert ENCODERS[type(message)](message) == vector.payload


@each_golden
def test_golden_frame_under_the_boards_codec(vector):
    values = values_of(vector.message)
    if vector.sender == "board":
        assert getattr(BOARD, f"encode_{snake(vector.message)}")(*values.values()) == vector.payload
    else:
        assert BOARD.decode_command(vector.payload) == (TYPES[type(vector.message)], values)


@each_golden
def test_golden_frame_under_framing(vector):
    wrap, unwrap = (frame, unframe) if vector.sender == "board" else (line, unline)
    assert wrap(vector.payload) == vector.framed
    assert unwrap(vector.framed[1:-1]) == (vector.payload, None)


@pytest.mark.parametrize("vector", list(tolerated()), ids=lambda vector: vector.name)
def test_a_frame_of_a_newer_or_older_peer_is_read_by_all_codecs(vector):
    assert read(vector.payload) == vector.message
    assert reference.parse(vector.payload) == vector.message
    assert b"".join(field.data for field in reference.annotate(vector.payload)) == vector.payload
    if vector.sender == "host":
        assert BOARD.decode_command(vector.payload) == (vector.payload[0], values_of(vector.message))
        assert unline(vector.framed[1:-1]) == (vector.payload, None)
    else:
        assert Decoder().feed(vector.framed) == [Received(vector.message, vector.payload)]


@pytest.mark.parametrize("vector", list(dropped()), ids=lambda vector: vector.name)
def test_a_frame_that_must_be_dropped_is_dropped_for_that_cause(vector):
    if vector.sender == "board":
        [event] = Decoder().feed(vector.framed)
        assert isinstance(event, Rejected)
        assert event.cause == vector.cause
        return
    payload, cause = unline(vector.framed[1:-1])
    assert (cause or read(payload)) == vector.cause
    if payload and vector.cause == "unknown":
        with pytest.raises(KeyError):
            BOARD.decode_command(payload)
    elif payload:
        with pytest.raises(BOARD.CodecError):
            BOARD.decode_command(payload)


def test_every_cause_has_a_frame_that_is_dropped_for_it():
    assert {vector.cause for vector in dropped() if vector.sender == "board"} == set(CAUSES)


def test_every_message_has_a_golden_frame():
    assert {type(vector.message).__name__ for vector in GOLDEN} == {spec.name for spec in MESSAGES}


@each_message
def test_each_swap_of_neighbouring_fields_of_one_size_changes_a_golden_frame(name):
    """A decoder that takes two neighbours for one another reads at least one vector wrong."""
    frames = [vector.fields for vector in GOLDEN if type(vector.message).__name__ == name]
    fields = walk.rows(next(spec for spec in MESSAGES if spec.name == name))
    for at, (one, other) in enumerate(itertools.pairwise(fields), start=1):
        if one.size == other.size:
            assert any(frame[at][1] != frame[at + 1][1] for frame in frames), (one.name, other.name)


def test_no_number_of_the_vectors_is_beyond_what_json_readers_hold():
    for vector in GOLDEN:
        for name, _, value, _ in vector.fields:
            assert not isinstance(value, int) or abs(value) < 1 << 53, (vector.name, name)


@each_message
def test_every_edge_of_every_field_agrees_in_all_codecs(name):
    for message in (m for m in ACCEPTED if type(m).__name__ == name):
        payload = reference.build(message)
        assert reference.parse(payload) == message
        assert ENCODERS[type(message)](message) == payload
        assert DECODERS[payload[0]](payload) == message
        if payload[0] < 0x80:
            assert getattr(BOARD, f"encode_{snake(message)}")(*message) == payload
        else:
            assert BOARD.decode_command(payload) == (payload[0], values_of(message))


@each_message
def test_a_value_beyond_its_field_is_refused_by_all_codecs_and_the_field_is_named(name):
    for message, field in ((m, f) for m, f in REFUSED if type(m).__name__ == name):
        with pytest.raises(reference.WireError, match=name):
            reference.build(message)
        with pytest.raises(ValueError, match=field):
            ENCODERS[type(message)](message)
        if TYPES[type(message)] < 0x80:
            with pytest.raises(BOARD.CodecError, match=field):
                getattr(BOARD, f"encode_{snake(message)}")(*message)


def test_sweep_holds_edges_of_every_kind():
    """The sweep is a program: this fails if it should ever yield too little."""
    telemetry = [m for m in ACCEPTED if type(m).__name__ == "Telemetry"]
    assert {None, -(2**31) + 1, 2**31 - 1} <= {m.probe_mc for m in telemetry}
    assert {None, 0, 65534} <= {m.probe_age_ms for m in telemetry}
    assert {-(2**31), 2**31, -(2**31) - 1} <= {m.probe_mc for m, field in REFUSED if field == "probe_mc"}
    assert {-1, 65535, 65536} <= {m.probe_age_ms for m, field in REFUSED if field == "probe_age_ms"}
    assert {"", "w" * 1010} <= {m.text for m in ACCEPTED if type(m).__name__ == "Ack"}


def test_cobs_blocks_at_their_edges_agree_with_an_independent_codec():
    for data in sweep.cobs_data():
        assert cobs_encode(data) == cobs.encode(data)
        assert cobs_decode(cobs.encode(data)) == data


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"\x82\0\0", "3 bytes, not 15"),
        (b"\x86\0\0\x05\0ab", "key: 5 bytes announced, 2 there"),
        (b"\x86\0\0\x01\0\xff", "key: not UTF-8"),
        (b"\x8d\0\0\xff" + bytes(11), "profile: not UTF-8"),
    ],
)
def test_the_board_refuses_a_command_that_is_too_short_or_no_text(payload, error):
    with pytest.raises(BOARD.CodecError, match=error):
        BOARD.decode_command(payload)


def test_the_board_knows_no_command_it_was_not_told_of():
    with pytest.raises(KeyError):
        BOARD.decode_command(b"\xfe\0\0")


@pytest.mark.parametrize("vector", [v for v in GOLDEN if v.sender == "host"], ids=lambda vector: vector.name)
def test_the_board_ignores_fields_of_a_newer_host(vector):
    assert BOARD.decode_command(vector.payload + b"\1\2\3") == BOARD.decode_command(vector.payload)


def test_the_board_encodes_no_fraction():
    with pytest.raises((TypeError, struct.error)):
        BOARD.encode_gap(1, 2, 3.5, 4, 1)
