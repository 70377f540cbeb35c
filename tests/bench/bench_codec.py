"""What the generated codec costs against `struct` code written by hand, in the same run. `--json` prints JSON.

Rounds of all contestants alternate and the fastest round of each counts, so that a busy machine slows all alike. The
goal: at most 1.5 times the barest decoder, CRC and `struct` to a tuple without names; exit status 1 if it is missed.
"""

import argparse
import json
import sys
import time
import zlib
from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

from pumplink import reference
from pumplink.decoder import Decoder
from pumplink.fastcodec import decode_telemetry, encode_telemetry
from pumplink.framing import crc_bytes, frame, unframe
from pumplink.messages import Telemetry

GOAL = 1.5
ROUNDS = 60
REPEATS = 400
FRAMES_A_FEED = 25  # what a port gives in a quarter of a second at 100 Hz
INTACT = 0x2144DF1C  # CRC-32 of data with its own CRC-32 behind it
READING = Telemetry(0, 123456, 12345600, 740736000, 36412, 120, 101325, 54167, 123456789, 32)
NO_BAROMETER = READING._replace(ambient_pa=None)
BY_HAND = Struct("<xBIQQiHIIQH")


class ByHand(NamedTuple):
    """What a person would write for this one message."""

    backlog: int
    sequence: int
    uptime_ms: int
    pump_time_ms: int
    probe_mc: int | None
    probe_age_ms: int | None
    ambient_pa: int | None
    metered_flow_nl_h: int
    metered_volume_nl: int
    status: int


def bare_by_hand(data: bytes) -> tuple[int, ...]:
    """CRC and `struct`, and nothing else: absent values stay numbers, fields have no names."""
    payload = data[:-4]
    if zlib.crc32(payload) != int.from_bytes(data[-4:], "little"):
        raise ValueError("crc")
    return BY_HAND.unpack(payload)


def typed_by_hand(data: bytes) -> ByHand:
    """The same with what the codec delivers: named fields, None for what is absent."""
    payload = data[:-4]
    if zlib.crc32(payload) != int.from_bytes(data[-4:], "little"):
        raise ValueError("crc")
    backlog, sequence, uptime, pump_time, probe, age, ambient, flow, volume, status = BY_HAND.unpack(payload)
    return ByHand(
        backlog,
        sequence,
        uptime,
        pump_time,
        None if probe == -0x80000000 else probe,
        None if age == 0xFFFF else age,
        None if ambient == 0xFFFFFFFF else ambient,
        flow,
        volume,
        status,
    )


def generated(data: bytes) -> Telemetry:
    """What the decoder does after COBS."""
    if zlib.crc32(data) != INTACT:
        raise ValueError("crc")
    return decode_telemetry(data[:-4])


def by_construct(data: bytes) -> object:
    if zlib.crc32(data) != INTACT:
        raise ValueError("crc")
    return reference.parse(data[:-4])


def stream_by_hand(stream: bytes) -> list[ByHand]:
    """Split, COBS, CRC, `struct`: plain, without resynchronisation, limits or counts."""
    found = []
    for body in stream.split(b"\0"):
        if not body:
            continue
        out = bytearray()
        at = 0
        while at < len(body):
            code = body[at]
            out += body[at + 1 : at + code]
            at += code
            if code < 255 and at < len(body):
                out.append(0)
        found.append(typed_by_hand(bytes(out)))
    return found


def fastest_us(contestants: dict[str, Callable[[], object]], rounds: int, repeats: int) -> dict[str, float]:
    """Microseconds a call: least of all rounds, the rounds of all contestants taking turns."""
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(rounds):
        for name, call in contestants.items():
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            best[name] = min(best[name], (time.perf_counter() - start) / repeats * 1e6)
    return best


def measure(rounds: int = ROUNDS, repeats: int = REPEATS) -> dict[str, dict[str, float]]:
    """Microseconds a frame, by table and contestant. The first of each table is what the others are compared with."""
    tables = {}
    for title, reading in (("decode", READING), ("decode, no barometer", NO_BAROMETER)):
        payload = encode_telemetry(reading)
        data = payload + crc_bytes(payload)
        assert typed_by_hand(data) == generated(data) == by_construct(data) == reading
        tables[title] = fastest_us(
            {
                "by hand, bare tuple": lambda data=data: bare_by_hand(data),
                "by hand, typed": lambda data=data: typed_by_hand(data),
                "generated": lambda data=data: generated(data),
                "construct": lambda data=data: by_construct(data),
            },
            rounds,
            max(1, repeats // 4),
        )
    stream = b"".join(frame(encode_telemetry(READING._replace(sequence=n))) for n in range(1, FRAMES_A_FEED + 1))
    body = stream.split(b"\0")[1]
    decoder = Decoder()
    assert len(decoder.feed(stream)) == len(stream_by_hand(stream)) == FRAMES_A_FEED
    times = fastest_us(
        {"by hand": lambda: stream_by_hand(stream), "Decoder.feed": lambda: decoder.feed(stream)},
        rounds,
        max(1, repeats // FRAMES_A_FEED),
    )
    tables["stream"] = {name: us / FRAMES_A_FEED for name, us in times.items()}
    tables["stream"] |= fastest_us({"of it COBS and CRC": lambda: unframe(body)}, rounds, repeats)
    tables["encode"] = fastest_us(
        {"generated": lambda: encode_telemetry(READING), "construct": lambda: reference.build(READING)},
        rounds,
        max(1, repeats // 4),
    )
    return tables


def ratio(tables: dict[str, dict[str, float]]) -> float:
    """What the goal is about: the worse of both readings, against the bare tuple."""
    readings = [tables["decode"], tables["decode, no barometer"]]
    return max(times["generated"] / times["by hand, bare tuple"] for times in readings)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    as_json = parser.parse_args().json
    tables = measure()
    if as_json:
        print(json.dumps({"unit": "us a frame", "tables": tables, "ratio": ratio(tables), "goal": GOAL}, indent=2))
    else:
        for title, times in tables.items():
            base = next(iter(times.values()))
            print(f"{title:24}{'us a frame':>12}{'ratio':>8}")
            for name, us in times.items():
                print(f"  {name:22}{us:12.2f}{us / base:8.2f}")
        print(f"generated / by hand: {ratio(tables):.2f}, goal at most {GOAL}")
    return 0 if ratio(tables) <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
