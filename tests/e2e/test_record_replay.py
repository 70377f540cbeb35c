"""From the command line: record a board with the daemon, replay it into another journal, and find the same readings."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest
from wait import wait_until

from pumplink.fastcodec import ENCODERS
from warmflow.device.transport import recording
from warmflow.device.updates import BoardEvent, Reading
from warmflow.device.virtual import virtual_pico
from warmflow.journal import JournalError, JournalReader

pytestmark = pytest.mark.e2e


def payloads(journal: Path) -> list[tuple[int, bytes]]:
    with closing(JournalReader(journal)) as reader:
        records = [entry.record for entry in reader.after(0, 100_000)]
    return [
        (each.message.sequence, ENCODERS[type(each.message)](each.message))
        for each in records
        if isinstance(each, Reading | BoardEvent)
    ]


def count(journal: Path) -> int:
    """How many payloads are in it; none while the daemon still makes the file."""
    try:
        return len(payloads(journal)) if journal.exists() else 0
    except JournalError:
        return 0


@asynccontextmanager
async def warmflow(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Ends it whatever happens: one that is left reads the terminal that the next board gets."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "warmflow", *arguments, "--broker", "embedded", "--listen", "off"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@pytest.mark.timeout(180)
async def test_what_the_daemon_recorded_is_replayed_to_the_same_payloads_and_then_it_ends(tmp_path: Path) -> None:
    live, replayed, folder = tmp_path / "live.sqlite", tmp_path / "replayed.sqlite", tmp_path / "recorded"
    wal = tmp_path / "live.sqlite-wal"

    config = {"rig_name": "rig", "sensor": "emulated", "rate_hz": 20}
    async with (
        virtual_pico("auto", state_dir=tmp_path / "board", config=config) as pico,
        warmflow("run", "--port", pico.port, "--journal", str(live), "--record", str(folder)) as daemon,
    ):
        await wait_until(lambda: wal.exists() and count(live) >= 100, 60, poll_s=0.2)
        daemon.send_signal(signal.SIGTERM)
        assert await daemon.wait() == 0
    replaying = warmflow("replay", str(folder), "--speed", "max", "--journal", str(replayed))
    async with replaying as replay, asyncio.timeout(90):
        _, said = await replay.communicate()
    assert replay.returncode == 0, said
    said = said.decode()
    assert "rig-replay" in said
    assert payloads(replayed) == payloads(live)
    assert len(recording.files(folder)) == 1
