"""A visitor, a client and a board that flood and lie at once beside three honest pumps: nothing of theirs is lost, none
of it is late, memory, log and file descriptors stay bounded, and the daemon stops in time while they go on.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import sys
import time
import tty
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import daemon_bench as bench
import psutil
import pytest
from fuzz_inputs import BOARD, any_message, framed, payload
from wait import wait_until

from pumplink import framing
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker

pytestmark = [pytest.mark.e2e, pytest.mark.needs("mosquitto", "Linux"), pytest.mark.timeout(180)]

TOKEN = "a-token-of-this-test-alone"
FILES = 1024  # the usual soft limit
LATE_MS = 1000.0
STOP_S = 3.0
GROWTH_MB = 150.0
LOG_BYTES = 300_000
SUPPORT = Path(__file__).parents[1] / "support"
VISITOR, PROBE = SUPPORT / "hostile_visitor.py", SUPPORT / "machine_probe.py"
HOPS = 3  # a reading waits for board, daemon and broker, each as the probe waits; a stop about as often


@asynccontextmanager
async def daemon(ports: list[str], broker: Broker, folder: Path) -> AsyncIterator[bench.Daemon]:
    (folder / "token").write_text(TOKEN)
    arguments = [part for port in ports for part in ("--port", port)]
    arguments += ["--listen", "127.0.0.1:0", "--broker", f"mqtt://{broker.host}:{broker.port}"]
    arguments += ["--journal", str(folder / "journal.sqlite")]
    log = folder / "daemon.log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", f'ulimit -n {FILES}; exec "$0" "$@"', sys.executable, "-m", "warmflow", "run"),
            *arguments,
            stdout=out, stderr=out,
            env=os.environ | {"WARMFLOW_HTTP_TOKEN_FILE": str(folder / "token"), "WARMFLOW_LOG_AREAS": "http=debug"},
        )  # fmt: skip
    running = bench.Daemon(process, log)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def hostile_visitor(port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        "nice", "-n", "15", sys.executable, VISITOR, str(port), TOKEN, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        assert await process.stdout.readline() == b"floods\n"
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class MachineProbe:
    """A process beside all that, which needs as much and which nobody attacks: what delays it, the machine does."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def longest_s(self) -> float:
        """Since it was asked last."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"\n")
        return float(await self._process.stdout.readline())


@asynccontextmanager
async def machine_probe(folder: Path) -> AsyncIterator[MachineProbe]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, PROBE, folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield MachineProbe(process)
    finally:
        process.kill()
        await process.wait()


async def hostile_client(broker: Broker) -> None:
    """Requests of all kinds, answers wanted on topics of all kinds, and junk on our own topics."""
    dice = random.Random(1)
    async with aiomqtt.Client(broker.host, broker.port, timeout=30) as client:
        while True:
            kind = dice.choice(("list", "alarms", "reboot", "annotate", "x" * 200, "config", "speed"))
            fields = dice.choice(
                (b"{}", b"[" * 5000, b"\xff\xfe", b'{"pump": "p000"}', b'{"transaction": "\\ud800"}', b"x" * 60_000)
            )
            await client.publish(f"warmflow/bridge/request/{kind}", fields, qos=0)
            await client.publish(
                f"warmflow/p00{dice.randrange(3)}/{dice.choice(('telemetry2', 'note'))}", fields, qos=0
            )
            await asyncio.sleep(0.005)


@contextlib.contextmanager
def hostile_port():
    """A pseudo-terminal, and the end that a board has."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    try:
        yield os.ttyname(slave), master
    finally:
        os.close(master)
        os.close(slave)


async def hostile_board(master: int) -> None:
    """Frames with anything in them, junk and text, as fast as 0.2 MB/s."""
    dice = random.Random(2)
    while True:
        data = b"".join(
            dice.choice(
                (
                    framed(dice, payload(any_message(dice, BOARD, 0.5))),
                    dice.randbytes(300),
                    b"Traceback \x1b[2J\r\n" * 10,
                )
            )
            for _ in range(10)
        )
        with contextlib.suppress(BlockingIOError):
            os.write(master, data + framing.frame(b"\xff" * 40))
        with contextlib.suppress(BlockingIOError):
            os.read(master, 65536)
        await asyncio.sleep(0.02)


class Health:
    """Asks after it all the time, with no token."""

    def __init__(self, port: int) -> None:
        self.url, self.answers, self.longest_s = f"http://127.0.0.1:{port}/health", list[int](), 0.0

    async def run(self) -> None:
        while True:
            began_s = time.monotonic()
            self.answers.append(await asyncio.to_thread(self._ask))
            self.longest_s = max(self.longest_s, time.monotonic() - began_s)
            await asyncio.sleep(0.3)

    def _ask(self) -> int:
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                assert "p000" not in json.dumps(json.load(answer))
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


async def honest_pumps_beside(seconds: float, tmp_path: Path) -> None:
    listener = bench.Listener()
    with hostile_port() as (bad_port, master):
        async with (
            bench.boards("--boards", 3) as fleet,
            bench.listening(listener, tmp_path) as broker,
            daemon([*fleet.ports, bad_port], broker, tmp_path) as running,
            machine_probe(tmp_path) as machine,
        ):

            async def all_heard() -> bool:
                return all(board["acknowledged"] > 10 for board in await fleet.report())

            await wait_until(all_heard, 60, what="all boards are heard", check=running.check)
            found = re.search(rb"dashboard: http://127.0.0.1:(\d+)", running.log.read_bytes())
            assert found
            port = int(found[1])
            listener.clocked = {board["boot"] for board in await fleet.report()}
            before, health = running.usage(), Health(port)
            log_before = running.log.stat().st_size
            await machine.longest_s()
            listener.timed = True
            async with hostile_visitor(port):
                attacks = [
                    asyncio.create_task(work) for work in (hostile_client(broker), hostile_board(master), health.run())
                ]
                most = descriptors = 0.0
                until_s = time.monotonic() + seconds
                while time.monotonic() < until_s:
                    await asyncio.sleep(0.25)
                    running.check()
                    most = max(most, running.usage().rss_mb)
                    descriptors = max(descriptors, psutil.Process(running.pid).num_fds())
                listener.timed = False
                machine_s = HOPS * await machine.longest_s()
                reports = await fleet.report("stop")
                await _all_are_there(fleet, listener, reports, tmp_path, running)
                await end(*attacks[2:])
                await machine.longest_s()
                stopped_s = await running.stop()
                machine_at_stop_s = HOPS * await machine.longest_s()
                await end(*attacks[:2])
    ages, log = listener.ages.summary(), running.log.stat().st_size - log_before
    print(
        f"{sum(board['made'] for board in reports)} readings, {ages}; memory {before.rss_mb:.0f} to {most:.0f} MB, "
        f"{descriptors:.0f} descriptors, log {log} bytes, health {len(health.answers)} answers, longest "
        f"{health.longest_s:.2f} s, stopped in {stopped_s:.2f} s; the machine alone takes {machine_s:.2f} and "
        f"{machine_at_stop_s:.2f} s for as many steps"
    )
    assert ages["max ms"] <= LATE_MS + 1000 * machine_s, ages
    assert set(health.answers) == {200}, health.answers
    assert health.longest_s <= 2.0 + machine_s
    assert most - before.rss_mb <= GROWTH_MB
    assert descriptors <= FILES / 2
    assert log <= LOG_BYTES * max(1.0, seconds / 20)
    assert TOKEN not in running.log.read_text(errors="replace")
    assert stopped_s <= STOP_S + machine_at_stop_s, running.last_lines()


async def _all_are_there(
    fleet: bench.Boards, listener: bench.Listener, reports: list[dict[str, Any]], folder: Path, running: bench.Daemon
) -> None:
    made = {board["boot"]: set(range(1, board["made"] + 1)) for board in reports}

    async def acknowledged() -> bool:
        return all(board["acknowledged"] == board["made"] for board in await fleet.report())

    await wait_until(acknowledged, 30, what="all is acknowledged", check=running.check)
    held = bench.held(folder / "journal.sqlite")
    assert all(sequences <= held[boot] for boot, sequences in made.items())
    await wait_until(
        lambda: all(sequences <= listener.got.get(boot, {}).keys() for boot, sequences in made.items()),
        30, what="all is delivered", check=running.check,
    )  # fmt: skip


async def test_honest_pumps_lose_nothing_beside_hostile_neighbours(tmp_path: Path) -> None:
    await honest_pumps_beside(5, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_honest_pumps_lose_nothing_beside_hostile_neighbours_for_a_minute(tmp_path: Path) -> None:
    await honest_pumps_beside(60, tmp_path)
