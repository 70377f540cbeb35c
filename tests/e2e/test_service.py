"""The daemon as a process, as a service manager sees it: ready, alive, judged, and gone within 3 s whatever hangs."""

import asyncio
import contextlib
import json
import os
import re
import resource
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from short_form import few
from wait import wait_until

from warmflow.device.updates import Gap, Reading
from warmflow.device.virtual import VirtualPico, virtual_pico
from warmflow.journal import Journal
from warmflow.sinks.mqtt.broker import running_broker

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("mosquitto"),
    pytest.mark.timeout(180),
]
STOP_S = 3.0


class Running:
    """The process, what it said, and what the service manager heard."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lines = folder, list[str]()
        self._short = tempfile.TemporaryDirectory()  # the name of a socket has 107 bytes at most
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(f"{self._short.name}/notify")
        self._manager.setblocking(False)
        self._heard: list[str] = []

    async def start(self, *arguments: str) -> None:
        environment = {
            "NOTIFY_SOCKET": f"{self._short.name}/notify",
            "WATCHDOG_USEC": "600000",
            "XDG_CONFIG_HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder),
        }
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "warmflow", "run", "--journal", str(self.folder / "journal.sqlite")),
            *("--listen", "127.0.0.1:0", *arguments),
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | environment,
        )
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> tuple[int, float]:
        """Exit status after SIGTERM, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = await self.process.wait()
        took_s = time.monotonic() - began
        await self._reading
        return status, took_s

    def heard(self) -> list[str]:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._heard += self._manager.recv(4096).decode().splitlines()
        return self._heard

    async def get(self, path: str) -> tuple[int, str]:
        await wait_until(lambda: bool(self._url()), 30)

        def get() -> tuple[int, str]:
            try:
                with urllib.request.urlopen(f"{self._url()}{path}", timeout=10) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        return await asyncio.to_thread(get)

    async def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.get("/health"))[1])
        return found

    def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        self._manager.close()
        self._short.cleanup()

    def _url(self) -> str:
        found = re.search(r"dashboard: (http://\S+)", "\n".join(self.lines))
        return found[1] if found else ""

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.lines.append(line.decode())


@asynccontextmanager
async def started(folder: Path, *arguments: str) -> AsyncIterator[tuple[Running, VirtualPico]]:
    config = {"rig_name": "rig", "sensor": "emulated", "rate_hz": 10}
    async with virtual_pico("unix", state_dir=folder / "board", config=config) as pico:
        running = Running(folder)
        await running.start("--port", pico.port, *arguments)
        try:
            yield running, pico
        finally:
            running.end()


async def comes(ask: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    await wait_until(ask, seconds, poll_s=0.1)


async def all_is_well(running: Running) -> bool:
    return (await running.health())["status"] == "ok" and "rig" in (await running.health())["pumps"]


async def has_kept(running: Running, records: int) -> bool:
    return value((await running.get("/metrics"))[1], "warmflow_journal_records_total") >= records


async def waits_for_the_broker(running: Running) -> bool:
    return value((await running.get("/metrics"))[1], "warmflow_mqtt_lag_records") > 0


def value(metrics: str, name: str) -> float:
    """The sum over all labels."""
    return sum(float(line.rpartition(" ")[2]) for line in metrics.splitlines() if re.match(rf"{name}[{{ ]", line))


def kept(folder: Path) -> tuple[list[int], int]:
    """Sequences in the journal, and how many gaps."""
    journal = Journal(folder / "journal.sqlite")
    records = [entry.record for entry in journal.after(0, 1_000_000)]
    journal.close()
    sequences = [record.message.sequence for record in records if not isinstance(record, Gap)]
    assert any(isinstance(record, Reading) for record in records)
    return sequences, sum(isinstance(record, Gap) for record in records)


def complete(sequences: list[int]) -> bool:
    return sorted(sequences) == list(range(1, max(sequences) + 1))


async def test_a_service_is_ready_alive_measured_and_stops_in_order(tmp_path: Path) -> None:
    async with started(tmp_path) as (running, _):
        await comes(lambda: all_is_well(running))
        await wait_until(lambda: running.heard().count("WATCHDOG=1") >= 5, 30)
        assert "READY=1" in running.heard()
        await wait_until(lambda: "STATUS=ok, 1 of 1 pumps" in running.heard(), 30)
        await comes(lambda: has_kept(running, 10))
        _, metrics = await running.get("/metrics")
        assert value(metrics, "warmflow_frames_total") >= 10
        assert value(metrics, "warmflow_bytes_total") > 100
        assert value(metrics, "warmflow_link_up") == value(metrics, "warmflow_mqtt_connected") == 1
        assert 'warmflow_rejected_frames_total{cause="crc"' in metrics
        assert value(metrics, "warmflow_loop_delay_seconds_count") > 0
        status, took_s = await running.stop()
        print(f"stopped in {took_s:.2f} s")
        assert (status, took_s < STOP_S) == (0, True), running.lines
        assert "STOPPING=1" in running.heard()
        sequences, gaps = kept(tmp_path)
        assert complete(sequences)
        assert not gaps
        assert "Traceback" not in "".join(running.lines)


@pytest.mark.parametrize("whose", few(["ours", "another"], 1))
async def test_a_stop_takes_3_s_at_most_while_the_broker_is_frozen(whose: str, tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if whose == "another":
            broker = await stack.enter_async_context(running_broker(None))
            running, _ = await stack.enter_async_context(started(tmp_path, "--broker", broker.url))
            pid = broker.pid
        else:
            running, _ = await stack.enter_async_context(started(tmp_path))
        await comes(lambda: all_is_well(running))
        if whose == "ours":
            [pid] = [
                child.pid
                for child in psutil.Process(running.process.pid).children(recursive=True)
                if "mosquitto" in child.name()
            ]
        assert pid
        os.kill(pid, signal.SIGSTOP)
        try:
            await comes(lambda: waits_for_the_broker(running))
            status, took_s = await running.stop()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        print(f"stopped in {took_s:.2f} s")
        assert (status, took_s < STOP_S) == (0, True), running.lines
        sequences, gaps = kept(tmp_path)
        assert complete(sequences)
        assert not gaps
        assert psutil.pid_exists(pid) == (whose == "another")
        assert "Traceback" not in "".join(running.lines)


@pytest.mark.needs("Linux")
async def test_a_stop_takes_3_s_at_most_while_the_disk_is_full_and_nothing_is_lost_by_it(tmp_path: Path) -> None:
    async with started(tmp_path) as (running, pico):
        await comes(lambda: all_is_well(running))
        await comes(lambda: has_kept(running, 10))
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

        async def failing() -> bool:
            status, text = await running.get("/health")
            return status == 503 and json.loads(text)["reasons"][0]["part"] == "journal"

        await comes(failing)
        _, metrics = await running.get("/metrics")
        assert value(metrics, "warmflow_journal_failing") == 1
        assert value(metrics, "warmflow_journal_backlog_records") > 0
        status, took_s = await running.stop()
        print(f"stopped in {took_s:.2f} s")
        assert (status, took_s < STOP_S) == (0, True), running.lines
        assert "Traceback" not in "".join(running.lines)
        before, _ = kept(tmp_path)
        running.lines.clear()
        await running.start("--port", pico.port)
        await comes(lambda: all_is_well(running))

        await comes(lambda: has_kept(running, 20))
        await running.stop()
        sequences, gaps = kept(tmp_path)
        assert complete(sequences)
        assert not gaps
        assert max(sequences) > max(before)


async def test_an_address_that_is_taken_ends_the_start_with_a_line_and_status_2(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        async def main() -> None:
            running = Running(tmp_path)
            try:
                await running.start("--listen", f"127.0.0.1:{port}")
                assert await running.process.wait() == 2
                await running._reading
                [_source, line] = running.lines
                assert line.startswith(f"warmflow: http.listen 127.0.0.1:{port}: ")
            finally:
                running.end()

        await main()


async def test_a_bug_ends_the_daemon_with_a_traceback_in_the_log_and_status_1(tmp_path: Path) -> None:
    broken = (
        "from warmflow.journal.async_journal import AsyncJournal; AsyncJournal.run = lambda self: 1 / 0; "
        "from warmflow.cli.main import main; main()"
    )

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", broken, "run", "--journal", str(tmp_path / "j.sqlite"), "--port", "/dev/nowhere"),
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "WARMFLOW_LOG_JSON": "1", "WARMFLOW_HTTP_LISTEN": "off"},
    )
    _, said = await process.communicate()
    status, said = process.returncode or 0, said.decode()
    assert status == 1
    entry = json.loads(said.splitlines()[-1])
    assert entry["level"] == "critical"
    assert "bug" in entry["text"]
    assert "ZeroDivisionError" in entry["traceback"]
