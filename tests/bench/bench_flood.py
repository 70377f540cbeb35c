"""Readings a second through decoder, monitor, journal and MQTT at QoS 1, from a board that sends as fast as it is read.

Beside it, in turn, on the same broker with the same subscriber: the same stream decoded and published with nothing
else, in messages like the daemon's, and plain aiomqtt with one message a reading. Counted at the subscriber. No goal:
the ratios are what is told. `--readings`, `--rounds`; `--json` prints JSON.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import daemon_bench as d
from wait import wait_until

from warmflow.sinks.mqtt.broker import Broker

RELAY = Path(__file__).parents[1] / "support/plain_relay.py"
LONGEST_S = 120
WAYS = ("daemon", "decoded and published", "one message a reading")


@asynccontextmanager
async def contestant(way: str, port: str, broker: Broker, folder: Path) -> AsyncIterator[None]:
    if way == "daemon":
        async with d.daemon([port], broker, folder):
            yield
        return
    mode = "batch" if way == "decoded and published" else "each"
    command = (sys.executable, str(RELAY), mode, port, broker.host, str(broker.port))
    process = await asyncio.create_subprocess_exec(*command)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def flood(way: str, readings: int) -> float:
    """Readings a second at the subscriber, between the first that came and the last."""
    listener = d.Listener()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = await stack.enter_async_context(d.listening(listener, folder))
        fleet = await stack.enter_async_context(d.boards("--boards", 1, "--flood", readings))
        await stack.enter_async_context(contestant(way, fleet.ports[0], broker, folder))
        await wait_until(lambda: listener.readings, LONGEST_S)
        began_s, first = time.perf_counter(), listener.readings
        await wait_until(lambda: len(next(iter(listener.got.values()))) >= readings, LONGEST_S)
        return (readings - first) / (time.perf_counter() - began_s)


def measure(readings: int, rounds: int) -> dict[str, Any]:
    """Rounds alternate; the fastest of each way counts, so that a busy machine slows all alike."""
    best = dict.fromkeys(WAYS, 0.0)
    for _ in range(rounds):
        for way in WAYS:
            best[way] = max(best[way], asyncio.run(flood(way, readings)))
    return {
        "readings a second": best,
        "daemon / decoded and published": best["daemon"] / best["decoded and published"],
        "daemon / one message a reading": best["daemon"] / best["one message a reading"],
        "load": d.load(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args()
    found = measure(given.readings, given.rounds)
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        for way, rate in found["readings a second"].items():
            print(f"{way:24}{rate:9.0f} readings/s  x{rate / found['readings a second']['one message a reading']:.2f}")
        print(f"daemon / decoded and published: {found['daemon / decoded and published']:.2f}; {found['load']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
