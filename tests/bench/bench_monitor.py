"""What a reading costs the monitor, as a ratio to decoding the same reading from its payload. `--json` prints JSON.

Rows: rate of readings, speed of pump time, at rest and in a hot tub; with and without a diagnosis each second of board
time. Processor time of one core; rounds alternate, the fastest of each counts. The goal: at most 200 us a second of
board time at 1 and 10 Hz, diagnosis included; exit status 1 if it is missed. Memory is counted after a tenth of the run
and at its end.
"""

import argparse
import gc
import json
import random
import sys
import time
import tracemalloc
from typing import NamedTuple

from pumplink import fastcodec
from pumplink.codes import Status
from pumplink.messages import Telemetry
from warmflow.monitor import Measured, Monitor, Rig

RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000, 1)
REFERENCE_NL_H = 48880
GOAL_US = 200.0  # a second of board time
ROUNDS = 3
READINGS = 20_000


class Row(NamedTuple):
    """One way of reading. `pump_ms`: pump time from reading to reading."""

    name: str
    board_ms: int
    speed_x: int
    tub: bool
    judged: bool  # it counts for the goal


ROWS = (
    Row("10 Hz, rest", 100, 1, False, True),
    Row("10 Hz, hot tub", 100, 1, True, True),
    Row("100 Hz, hot tub", 10, 1, True, False),
    Row("1 Hz, rest", 1000, 1, False, True),
    Row("1 Hz, hot tub", 1000, 1, True, True),
    Row("10 Hz at 60x, hot tub", 100, 60, True, False),
    Row("one in 30 s, rest", 30_000, 1, False, False),
)


class Cost(NamedTuple):
    """Microseconds a reading."""

    row: Row
    read_us: float
    with_diagnosis_us: float


def readings(row: Row, count: int) -> list[Measured]:
    """Noise of 2 % on the flow and of 0.1 degC on the probe."""
    r = random.Random(1)
    centre_c = 41.0 if row.tub else 24.0
    out, volume_nl = [], 0.0
    for number in range(count):
        flow = round(REFERENCE_NL_H * (1.25 if row.tub else 1.0) * (1 + r.gauss(0, 0.02)))
        volume_nl += flow * row.board_ms * row.speed_x / 3.6e6
        board_ms = number * row.board_ms
        probe_c = round((centre_c + r.gauss(0, 0.1)) * 16) / 16
        out.append(
            Measured(board_ms * row.speed_x, probe_c, None, flow, int(volume_nl), Status(32), board_ms, number + 1)
        )
    return out


def read_us(row: Row, data: list[Measured], diagnose: bool) -> float:
    """With a diagnosis each second of board time, or none."""
    monitor = Monitor()
    monitor.declare(RIG._replace(speed_x=row.speed_x))
    read = monitor.read
    every = max(1, 1000 // row.board_ms) if diagnose else len(data) + 1
    gc.collect()
    start = time.process_time()
    for number, reading in enumerate(data, 1):
        read(reading)
        if number % every == 0:
            monitor.diagnosis()
    return (time.process_time() - start) / len(data) * 1e6


def decode_us(data: list[Measured]) -> float:
    """The floor: the generated codec and the monitor's own view of the message."""
    telemetry = Telemetry(0, 1, 1000, 1000, 41_000, 3, None, REFERENCE_NL_H, 1000, 32)
    payload = fastcodec.encode_telemetry(telemetry)
    decode, view = fastcodec.decode_telemetry, Measured.reading
    start = time.process_time()
    for _ in data:
        view(decode(payload))
    return (time.process_time() - start) / len(data) * 1e6


def grown_bytes(count: int) -> int:
    """What the monitor holds more after ten times as many readings."""
    row = ROWS[-1]
    data = readings(row, count)
    monitor = Monitor()
    monitor.declare(RIG)
    tracemalloc.start()
    try:
        sizes = []
        for part in (data[: count // 10], data[count // 10 :]):
            for reading in part:
                monitor.read(reading)
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return sizes[1] - sizes[0]


def measure(count: int = READINGS, rounds: int = ROUNDS) -> tuple[list[Cost], float]:
    """All rows, and the floor in microseconds."""
    data = {row.name: readings(row, count) for row in ROWS}
    plain = {row.name: float("inf") for row in ROWS}
    whole, floor = dict(plain), float("inf")
    for _ in range(rounds):
        floor = min(floor, decode_us(data[ROWS[0].name]))
        for row in ROWS:
            plain[row.name] = min(plain[row.name], read_us(row, data[row.name], False))
            whole[row.name] = min(whole[row.name], read_us(row, data[row.name], True))
    return [Cost(row, plain[row.name], whole[row.name]) for row in ROWS], floor


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    as_json = parser.parse_args().json
    costs, floor_us = measure()
    worst_us = max(cost.with_diagnosis_us * 1000 / cost.row.board_ms for cost in costs if cost.row.judged)
    if as_json:
        rows = [{"name": c.row.name, "read_us": c.read_us, "with_diagnosis_us": c.with_diagnosis_us} for c in costs]
        print(json.dumps({"decode_us": floor_us, "rows": rows, "worst_us": worst_us, "goal_us": GOAL_US}, indent=2))
    else:
        print(f"{'decoding a reading':24} {floor_us:6.2f} us")
        for cost in costs:
            figures = f"{cost.read_us:6.2f} us, with a diagnosis a second {cost.with_diagnosis_us:6.2f} us"
            print(f"{cost.row.name:24} {figures}: x{cost.with_diagnosis_us / floor_us:.1f} of decoding")
        print(f"memory after 10 times as many readings: {grown_bytes(READINGS) / 1024:+.0f} kB")
        print(f"worst at 1 and 10 Hz: {worst_us:.0f} us a second of board time, goal at most {GOAL_US:g} us")
    return 0 if worst_us <= GOAL_US else 1


if __name__ == "__main__":
    sys.exit(main())
