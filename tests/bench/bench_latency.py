"""At 1,000 readings a second: how long alarms and readings take from the write at the serial port to delivery by MQTT.

100 boards at 10 Hz on pseudo-terminals, 10 of them with a flow that goes wrong and right again; real mosquitto, one
subscriber, QoS 1. Beside it the broker's own round trip, publish to delivery, by the same subscriber in the same run.
Goal: 99 of 100 readings at most 250 ms old; exit status 1 if missed. `--seconds` for longer runs, `--json` prints JSON.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import daemon_bench as d
from wait import wait_until

GOAL_AGE_MS = 250.0
WARM_UP_S = 20.0


async def measure(seconds: float, pumps: int, alarming: int, warm_up_s: float = WARM_UP_S) -> dict[str, Any]:
    """Times in milliseconds."""
    listener = d.Listener()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = await stack.enter_async_context(d.listening(listener, folder))
        fleet = await stack.enter_async_context(d.boards("--boards", pumps, "--alarming", alarming))
        daemon = await stack.enter_async_context(d.daemon(fleet.ports, broker, folder))
        await wait_until(lambda: len(listener.got) >= pumps, 60, check=daemon.check, state=daemon.last_lines)
        await asyncio.sleep(warm_up_s)
        boards = await fleet.report()
        listener.clocked = {board["boot"] for board in boards}
        listener.timed_pumps = {b["name"]: (b["began_ms"], b["speed_x"]) for b in boards if b["alarming"]}
        listener.timed = True
        first, before = daemon.usage(), listener.readings
        await asyncio.sleep(seconds)
        last = daemon.usage()
        listener.timed = False
        took_s = last.at_s - first.at_s
        return {
            "readings a second": (listener.readings - before) / took_s,
            "core": (last.cpu_s - first.cpu_s) / took_s,
            "waited for a core": (last.waited_s - first.waited_s) / took_s,
            "alarms": listener.alarms.summary(),
            "broker's own round trip": listener.round_trips.summary(),
            "age of readings": listener.ages.summary(),
            "load": d.load(),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pumps", type=int, default=100)
    parser.add_argument("--alarming", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args()
    found = asyncio.run(measure(given.seconds, given.pumps, given.alarming))
    if given.json:
        print(json.dumps(found | {"goal": GOAL_AGE_MS}, indent=2))
    else:
        rate, percent = found["readings a second"], 100 * found["core"]
        waited = 100 * found["waited for a core"]
        print(f"{rate:.0f} readings a second, {percent:.0f} % of a core, waited {waited:.0f} %, {found['load']}")
        for name in ("alarms", "broker's own round trip", "age of readings"):
            print(f"{name:26}" + "  ".join(f"{key} {value:.1f}" for key, value in found[name].items()))
        print(f"goal: p99 of the age at most {GOAL_AGE_MS:.0f} ms")
    return 0 if found["age of readings"]["p99 ms"] <= GOAL_AGE_MS and found["alarms"]["n"] else 1


if __name__ == "__main__":
    sys.exit(main())
