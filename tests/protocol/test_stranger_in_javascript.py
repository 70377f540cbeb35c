"""A decoder in another language, from docs/protocol.md alone: it reads every vector and talks with a live board.

Skipped where there is no node. The board is the firmware itself, on CPython and in MicroPython's unix port.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from wire import PAGE, ROOT, dropped, golden, tolerated

from pump.config import DEFAULTS
from pumplink.codes import ErrorCode, FaultBit
from warmflow.device.firmware.files import assemble
from warmflow.device.virtual.cpython import CPYTHON
from warmflow.device.virtual.engine import Board, Engine
from warmflow.device.virtual.unix import UNIX

NODE = shutil.which("node")
SCRIPT = ROOT / "tests/protocol/stranger_decoder.mjs"
needs_node = pytest.mark.needs("Node.js")


def test_it_imports_nothing_of_ours() -> None:
    imported = set(re.findall(r'from "([^"]+)"', SCRIPT.read_text(encoding="utf-8")))
    assert imported == {"node:fs", "node:util"}


@needs_node
def test_it_decodes_every_vector_and_drops_what_must_be_dropped() -> None:
    command = [NODE, SCRIPT, "vectors", PAGE, ROOT / "protocol/vectors/golden.json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    assert found["failed"] == []
    assert found["count"] == {
        "frames": len(list(golden())),
        "tolerated": len(list(tolerated())),
        "dropped": len(list(dropped())),
    }


def talk(engine: Engine, folder: Path) -> dict[str, Any]:
    """What the stranger says of its talk with a virtual board."""
    board = Board(assemble(folder / "firmware"), folder / "flash", {"rig_name": "stranger", "rate_hz": 20})
    board.state_dir.mkdir()
    engine.prepare(board)
    (hears, says_to), (from_board, says) = os.pipe(), os.pipe()
    os.set_blocking(hears, False)
    os.set_blocking(says, False)
    assert NODE is not None
    with subprocess.Popen(engine.command(board), stdin=hears, stdout=says, cwd=board.state_dir) as running:
        try:
            for end in (hears, says):
                os.close(end)
            command = [NODE, SCRIPT, "live", PAGE]
            host = subprocess.run(
                command, stdin=from_board, stdout=says_to, stderr=subprocess.PIPE, text=True, timeout=60, check=True
            )
        finally:
            running.kill()
            for end in (says_to, from_board):
                os.close(end)
    found: dict[str, Any] = json.loads(host.stderr)
    return found


@needs_node
@pytest.mark.parametrize(
    "engine",
    [CPYTHON, pytest.param(UNIX, marks=pytest.mark.needs("MicroPython unix port"))],
    ids=lambda engine: engine.name,
)
def test_it_talks_with_a_live_board(engine: Engine, tmp_path: Path) -> None:
    said = talk(engine, tmp_path)
    assert said["why"] == "enough"
    assert (said["rig_name"], said["layout"], said["dropped"], said["gaps"]) == ("stranger", True, {}, 0)
    assert said["records"] >= 60
    assert said["withdrawn_ul"] == [1000]  # the request came twice
    assert said["faults"] == FaultBit.CATHETER_LOOSE
    answers = said["answers"]
    assert answers["Withdraw"] == ["", ""]
    assert answers["GetConfig"] == ['{"rate_hz": 20}']
    assert answers["RequestSummaries"] == ["1"]
    assert answers["AckThrough"][0]["error"] == ErrorCode.BAD_VALUE
    assert said["schema"] == sorted(DEFAULTS)
