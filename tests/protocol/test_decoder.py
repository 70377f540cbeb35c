"""The decoder: any bytes in, events out; every good frame is delivered, every other byte is counted by cause."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire import golden, thorough

from pumplink.decoder import CAUSES, SAMPLE_BYTES, Decoder, Received, Rejected, is_text
from pumplink.framing import MAX_FRAME, cobs_encode, crc_bytes, frame
from pumplink.heads import HelloHead, MinuteHead, RecordHead
from pumplink.messages import PROTOCOL_MAJOR, Ack, Ping, Telemetry

FRAMES = [vector for vector in golden() if vector.sender == "board"]
PAYLOADS = [vector.payload for vector in FRAMES]
STREAM = b"".join(vector.framed for vector in FRAMES)
TRACEBACK = b'Traceback (most recent call last):\r\n  File "main.py", line 3\r\nKeyboardInterrupt: \r\n>>> '

noise = st.binary(max_size=80) | st.sampled_from([TRACEBACK, b"\0\0\0", b"\x07" * 1500, STREAM[:30]])
good = st.sampled_from([vector.framed for vector in FRAMES])
streams = st.lists(noise | good, max_size=12).map(b"".join)


def received(events):
    return [event.payload for event in events if isinstance(event, Received)]


def rejected(events):
    return [event for event in events if isinstance(event, Rejected)]


def body(payload, crc=None):
    return cobs_encode(payload + (crc_bytes(payload) if crc is None else crc))


def feed_in_pieces(data, cuts):
    decoder, events, at = Decoder(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        events += decoder.feed(data[at:cut])
        at = cut
    return decoder, events


def test_golden_frames_come_out_as_the_messages_they_hold():
    decoder = Decoder()
    assert decoder.feed(STREAM) == [Received(vector.message, vector.payload) for vector in FRAMES]
    assert decoder.frames == len(FRAMES)
    assert not decoder.counts
    assert decoder.pending == b""


def test_byte_by_byte_gives_the_same_as_at_once():
    decoder = Decoder()
    assert [event for byte in STREAM for event in decoder.feed(bytes([byte]))] == Decoder().feed(STREAM)


@thorough
@given(streams, st.data())
def test_cutting_the_stream_anywhere_changes_nothing(stream, data):
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=20))
    once, events = Decoder(), []
    events = once.feed(stream)
    decoder, in_pieces = feed_in_pieces(stream, cuts)
    assert in_pieces == events
    assert (decoder.frames, decoder.counts, decoder.dropped_bytes) == (once.frames, once.counts, once.dropped_bytes)


@thorough
@given(st.lists(st.tuples(noise, good), max_size=8), noise, st.data())
def test_every_byte_is_in_a_good_frame_a_delimiter_or_counted_as_dropped(pairs, last, data):
    stream = b"".join(before + framed for before, framed in pairs) + last + b"\0"
    decoder, events = feed_in_pieces(stream, data.draw(st.lists(st.integers(0, len(stream)), max_size=9)))
    in_frames = sum(len(body(payload)) for payload in received(events))
    assert len(stream) == in_frames + stream.count(0) + decoder.dropped_bytes.total()
    assert decoder.frames == len(received(events))
    assert decoder.counts.total() == len(rejected(events))
    assert decoder.dropped_bytes.total() == sum(event.size for event in rejected(events))


@thorough
@given(st.lists(st.tuples(noise, good), min_size=1, max_size=8))
def test_noise_before_and_after_costs_no_good_frame(pairs):
    stream = b"".join(before + framed for before, framed in pairs) + TRACEBACK
    delivered = received(Decoder().feed(stream))
    wanted = [framed for _, framed in pairs]
    assert [frame(payload) for payload in delivered if frame(payload) in wanted][-len(wanted) :] == wanted


@thorough
@given(st.binary(max_size=4000))
def test_no_bytes_at_all_make_it_raise(data):
    decoder = Decoder()
    decoder.feed(data)
    assert received(decoder.feed(STREAM)) == PAYLOADS


@thorough
@given(st.integers(0, 255), st.binary(max_size=1023))
def test_no_payload_at_all_makes_it_raise(kind, rest):
    [event] = Decoder().feed(frame(bytes([kind]) + rest))
    assert isinstance(event, Received) or event.cause in {"unknown", "length", "value", "version"}


def test_a_million_random_bytes_then_every_frame():
    decoder = Decoder()
    noise_bytes = random.Random(20261121).randbytes(1_000_000)
    for at in range(0, len(noise_bytes), 4096):
        assert received(decoder.feed(noise_bytes[at : at + 4096])) == []
    assert received(decoder.feed(STREAM)) == PAYLOADS
    assert decoder.frames == len(FRAMES)
    assert decoder.dropped_bytes.total() == len(noise_bytes) - noise_bytes.count(0)


@pytest.mark.parametrize(
    ("chunk", "cause"),
    [
        (TRACEBACK, "text"),
        (b"\x09\x01\x02", "cobs"),
        (body(PAYLOADS[0], crc=b"\1\2\3\4"), "crc"),
        (body(PAYLOADS[0])[:-7] + body(PAYLOADS[0])[-6:], "cobs"),
        (cobs_encode(b"\x03\0\0\0"), "short"),
        (b"\x80" * (MAX_FRAME + 1), "oversize"),
        (body(b"\x7f new message"), "unknown"),
        (body(PAYLOADS[0][:-1]), "length"),
        (body(b"\x01\x09" + bytes(30)), "version"),
        (body(b"\x09" + bytes(11) + b"\x05\x00abcd"), "value"),
        (body(b"\x09" + bytes(11) + b"\x01\x00\xff"), "value"),
    ],
)
def test_bytes_that_are_no_frame_are_counted_by_cause_and_cost_no_neighbour(chunk, cause):
    decoder = Decoder()
    events = decoder.feed(FRAMES[0].framed + chunk + FRAMES[0].framed)
    assert received(events) == [PAYLOADS[0]] * 2
    assert [(event.cause, event.size) for event in rejected(events)] == [(cause, len(chunk))]
    assert decoder.counts == {cause: 1}
    assert decoder.dropped_bytes == {cause: len(chunk)}


def test_the_causes_tested_above_are_all_there_are():
    tested = {"text", "cobs", "crc", "short", "oversize", "unknown", "length", "value", "version"}
    assert set(CAUSES) == tested


def test_the_longest_frame_passes_and_one_byte_more_does_not():
    longest = Ack(1, 2, 3, "w" * (1024 - 14))
    payload = b"\x09\1\0\2" + (3).to_bytes(8, "little") + (1010).to_bytes(2, "little") + longest.text.encode()
    assert len(payload) == 1024
    assert Decoder().feed(frame(payload)) == [Received(longest, payload)]
    assert Decoder().feed(b"\0" + b"\x01" * (MAX_FRAME + 1) + b"\0")[0].cause == "oversize"


def test_a_frame_that_lost_its_end_is_not_glued_to_the_next():
    decoder = Decoder()
    events = decoder.feed(FRAMES[0].framed[:20] + FRAMES[1].framed + FRAMES[2].framed)
    assert received(events) == [FRAMES[1].payload, FRAMES[2].payload]
    assert len(rejected(events)) == 1


def test_a_whole_frame_before_the_first_zero_is_taken():
    assert [type(event) for event in Decoder().feed(STREAM.lstrip(b"\0"))[:1]] == [Received]
    assert [type(event) for event in Decoder().feed(STREAM[2:])[:1]] == [Rejected]


def test_a_shared_zero_between_frames_is_enough():
    decoder = Decoder()
    assert received(decoder.feed(b"\0".join(vector.framed.strip(b"\0") for vector in FRAMES) + b"\0")) == PAYLOADS


def test_memory_stays_bounded_while_no_zero_comes():
    decoder = Decoder()
    chunk = b"\x55" * 4096
    decoder.feed(chunk)
    tracemalloc.start()
    try:
        for _ in range(2000):
            assert decoder.feed(chunk) == []
            assert len(decoder.pending) <= MAX_FRAME
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024
    [event] = decoder.feed(b"\0")
    assert event == Rejected("oversize", 2001 * 4096, b"\x55" * SAMPLE_BYTES)


def test_samples_are_cut_and_counts_are_not():
    [event] = Decoder().feed(b"words " * 100 + b"\0")
    assert event == Rejected("text", 600, (b"words " * 100)[:SAMPLE_BYTES])


def test_a_prompt_is_seen_in_pending_before_any_zero():
    decoder = Decoder()
    decoder.feed(STREAM + TRACEBACK)
    assert decoder.pending == TRACEBACK
    assert is_text(decoder.pending)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TRACEBACK, True),
        (b">>> ", True),
        (b">>>", False),
        (bytes(range(1, 200)), False),
        (b"a" * 96 + b"\x80" * 4, True),
    ],
)
def test_words_are_told_from_noise(data, words):
    assert is_text(data) is words


def test_messages_are_typed_and_absent_values_are_none():
    [event] = Decoder().feed(FRAMES[1].framed)
    assert isinstance(event.message, Telemetry)
    assert event.message.probe_mc is None
    assert Decoder().feed(frame(b"\x84\x01\x00")) == [Received(Ping(1), b"\x84\x01\x00")]


@pytest.mark.parametrize(
    ("payload", "cause", "head"),
    [
        (b"\x03\x01\x07\0\0\0short", "length", RecordHead(1, 7)),
        (b"\x06\0\x09\0\0\0" + bytes(22) + b"\x01\0\xff", "value", RecordHead(0, 9)),
        (b"\x05\x01\0\0\0\x02\0\0\0\x03\0\0\0short", "length", MinuteHead(1, 2, 3)),
        (b"\x01\x09\x01\x02\x03\x04of another version", "version", HelloHead(9, 1, 2, 3, 4)),
        (bytes([1, PROTOCOL_MAJOR, 1, 2, 3, 4]), "length", HelloHead(PROTOCOL_MAJOR, 1, 2, 3, 4)),
        (b"\x03\x01\x07\0\0", "length", None),
        (b"\x07short", "length", None),
    ],
)
def test_of_a_whole_frame_that_can_not_be_read_the_head_is(payload, cause, head):
    [event] = rejected(Decoder().feed(frame(payload)))
    assert (event.cause, event.head) == (cause, head)
