"""A scenario on a virtual Pico, asked for over HTTP: the board itself says that the exposure began and ended."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_process import Process
from wait import wait_until_sync

from pumplink.codes import EventCode
from warmflow.device.updates import BoardEvent
from warmflow.journal import JournalReader

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
DEADLINE_S = 60


class Bench:
    """A board that nobody looks at, and its daemon."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.journal = folder / "journal.sqlite"
        self.board = Process(folder, "emulate", "--name", "rig", "--speed", "60", "--state", str(folder / "board"))
        port = self.board.says(r"port\s+(\S+)")
        self.daemon = Process(
            folder, "run", "--port", port, "--broker", "embedded", "--journal", str(self.journal),
            "--listen", self.url.removeprefix("http://"),
        )  # fmt: skip
        self.daemon.says(rf"({self.url})")

    def ask(self, path: str, **fields: Any) -> Any:
        """JSON of the API; with fields it is a POST."""
        body = json.dumps(fields).encode() if fields else None
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, body), timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def events(self) -> list[int]:
        """What the board said that happened, out of the journal."""
        reader = JournalReader(self.journal)
        found = [entry.record for entry in reader.after(0, 100_000)]
        reader.close()
        return [record.message.code for record in found if isinstance(record, BoardEvent)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.daemon.stop()
    made.board.stop()


def test_a_scenario_is_played_by_a_board_seen_in_the_api_and_taken_back(bench: Bench) -> None:
    wait_until_sync(lambda: "rig" in bench.ask("/api/pumps")["last"], DEADLINE_S)
    started = bench.ask("/api/requests/scenario_start", pump="rig", scenario="sauna")
    assert started["status"] == "ok", started
    assert bench.ask("/api/pumps")["scenarios"]["rig"]["state"] == "playing"
    wait_until_sync(lambda: EventCode.EXPOSURE_BEGAN in bench.events(), DEADLINE_S)
    again = bench.ask("/api/requests/scenario_start", pump="rig", scenario="hot-tub-42")
    assert again["error"] == "rig: sauna is being played; stop it first"
    assert bench.ask("/api/requests/scenario_stop", pump="rig")["data"]["state"] == "stopped"
    wait_until_sync(lambda: EventCode.EXPOSURE_ENDED in bench.events(), DEADLINE_S)
    assert bench.ask("/api/pumps")["scenarios"]["rig"]["state"] == "stopped"
