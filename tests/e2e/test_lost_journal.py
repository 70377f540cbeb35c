"""A running daemon whose journal's files are removed or damaged: what is acknowledged, and what is seen."""

import json
import random
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_process import Process
from daemon_bench import boards, held
from short_form import few
from wait import wait_until

from warmflow.journal import JournalReader

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def health(address: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.loads(error.read())
    return found


def of_journal(address: str) -> str:
    return "; ".join(reason["text"] for reason in health(address)["reasons"] if reason["part"] == "journal")


def remove(path: Path) -> None:
    for each in path.parent.glob(path.name + "*"):
        each.unlink()


HARMS: dict[str, Callable[[Path], object]] = {
    "removed": remove,
    "truncated": lambda path: path.write_bytes(b""),
    "its folder renamed": lambda path: path.parent.rename(path.parent.with_name("renamed")),
    "its folder removed": lambda path: shutil.rmtree(path.parent),
}


@pytest.mark.parametrize("harm", few(HARMS, 2))  # each takes a daemon; test_lost_file.py has them all
async def test_a_journal_that_is_lost_is_on_health_and_everything_acknowledged_is_in_the_new_one(
    harm: str, tmp_path: Path
) -> None:
    path = tmp_path / "state" / "journal.sqlite"
    arguments = ("run", "--broker", "embedded", "--listen", "127.0.0.1:0", "--journal", str(path))
    async with boards("--boards", 1, "--rate-hz", 10) as fleet:
        daemon = Process(tmp_path, *arguments, "--port", fleet.ports[0])
        try:
            address = daemon.says(r"dashboard: (\S+)").rstrip("/")
            await wait_until(lambda: path.exists() and JournalReader(path).last() > 20, 60, what="readings on disk")
            assert not of_journal(address)
            HARMS[harm](path)
            await wait_until(lambda: "while warmflow writes it" in of_journal(address), 5, what="a reason on /health")
            assert health(address)["status"] == "failing"
            daemon.says("(made anew)", 10)
            before = JournalReader(path).last()
            await wait_until(lambda: JournalReader(path).last() > before + 20, 30, what="readings in the new file")
        finally:
            daemon.stop()
        [board] = await fleet.report()
    reader = JournalReader(path)
    spoken = {n for sequences in held(path).values() for n in sequences}
    for entry in reader.after(0, 100_000):
        if hasattr(entry.record, "reason"):
            spoken |= set(range(entry.record.first, entry.record.last + 1))
    reader.close()
    assert set(range(1, board["acknowledged"] + 1)) <= spoken


async def test_a_journal_that_is_damaged_under_a_running_daemon_ends_it_with_one_line_and_status_2(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.sqlite"
    arguments = ("run", "--broker", "embedded", "--listen", "off", "--journal", str(path))
    async with boards("--boards", 1, "--rate-hz", 10) as fleet:
        daemon = Process(tmp_path, *arguments, "--port", fleet.ports[0])
        try:
            await wait_until(lambda: path.exists() and JournalReader(path).last() > 20, 60, what="readings on disk")
            with path.open("r+b") as file:  # every page, and what is in the log
                noise = random.Random(5).randbytes(path.stat().st_size - 100)
                file.seek(100)
                file.write(noise)
            log = path.with_name(path.name + "-wal")
            with log.open("r+b") as file:
                file.seek(32)
                file.write(random.Random(6).randbytes(log.stat().st_size - 32))
            line = daemon.says(r"warmflow: (.*)", 60)
            await wait_until(lambda: daemon.status() is not None, 20, state=lambda: daemon.said)
        finally:
            daemon.stop()
    assert daemon.status() == 2
    assert str(path) in line
    assert "salvage" in line
    assert "Traceback" not in daemon.said
