"""Everything that breaks on a bench in a year, one after the other: nothing that was acknowledged is lost."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
from pathlib import Path

import pytest
import serial
from chaos import Bench, chaos_bench, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.mosquitto,
    pytest.mark.skipif(shutil.which("mosquitto", path="/usr/sbin:/usr/bin") is None, reason="no mosquitto on PATH"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def killed(bench: Bench) -> None:
    await bench.stop_daemon(signal.SIGKILL)
    await bench.start_daemon()


async def broker_away(bench: Bench, seconds: float) -> None:
    await bench.stop_broker()
    await asyncio.sleep(seconds)
    await bench.start_broker()


async def broker_frozen(bench: Bench, seconds: float) -> None:
    bench.freeze_broker(True)
    await asyncio.sleep(seconds)
    bench.freeze_broker(False)


async def noise(bench: Bench) -> None:
    """Into the board's input, while the daemon is away: two programs never share a port."""
    await bench.stop_daemon(signal.SIGTERM)
    with serial.Serial(bench.pico.port, exclusive=True) as port:
        port.write(bytes(byte for byte in os.urandom(5000) if byte != 3))
    await bench.start_daemon()


async def settled(bench: Bench) -> dict[str, int]:
    """Stops the daemon cleanly once the subscriber has what there is, and judges."""
    await bench.more(20)
    await bench.stop_daemon(signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await until(lambda: bench.judged()["not delivered"] == 0, 10)
    return bench.judged()


def judge(verdict: dict[str, int]) -> None:
    print(verdict)
    zero = ("lost without a gap", "said to be lost", "not delivered", "delivered and not kept", "different")
    assert {name: verdict[name] for name in zero} == dict.fromkeys(zero, 0), verdict
    assert verdict["in the journal"] == verdict["made"] == verdict["got"]


@pytest.mark.timeout(180)
def test_a_short_bad_day(tmp_path: Path) -> None:
    async def main() -> dict[str, int]:
        async with chaos_bench(tmp_path, free_port()) as bench:
            await bench.more(20)
            for _ in range(2):
                await killed(bench)
                await bench.more(10)
            await broker_away(bench, 2)
            await bench.more(10)
            await noise(bench)
            await bench.more(10)
            return await settled(bench)

    judge(asyncio.run(main()))


@pytest.mark.timeout(120)
def test_a_board_that_restarts_begins_a_new_row_and_the_old_one_ends_with_a_gap(tmp_path: Path) -> None:
    async def main() -> dict[str, int]:
        async with chaos_bench(tmp_path, free_port()) as bench:
            await bench.more(20)
            await bench.pico.reset()
            await bench.more(20)
            await until(lambda: any(last is None for _, _, last in bench.subscriber.gaps), 20)
            return await settled(bench)

    verdict = asyncio.run(main())
    assert verdict["boots"] == 2
    judge(verdict)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_long_bad_day(tmp_path: Path) -> None:
    """20 kills, a broker that is stopped for 60 s and one frozen for 20 s, noise, in random order."""

    async def main() -> dict[str, int]:
        async with chaos_bench(tmp_path, free_port()) as bench:
            chance = random.Random(1)
            blows = [*["kill"] * 20, *["away"], *["frozen"], *["noise"] * 3]
            chance.shuffle(blows)
            for blow in blows:
                match blow:
                    case "kill":
                        await killed(bench)
                    case "away":
                        await broker_away(bench, 60)
                    case "frozen":
                        await broker_frozen(bench, 20)
                    case "noise":
                        await noise(bench)
                await bench.more(chance.randrange(1, 40), 120)
            return await settled(bench)

    judge(asyncio.run(main()))
