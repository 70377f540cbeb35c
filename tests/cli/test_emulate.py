"""`warmflow emulate` as a function: says its port, runs until it is told to stop, leaves nothing behind."""

import signal
import subprocess
import sys

import psutil
import pytest
from serial_client import SerialClient

from pump import config as boards
from warmflow.cli.emulate import CHOICES, RigError, check, emulate
from warmflow.device.identity import RESERVED

EMULATE = """
import asyncio, sys
from pathlib import Path
from warmflow.cli.emulate import emulate
say = lambda line: print(line, flush=True)
sys.exit(asyncio.run(emulate("cpython", say=say, firmware=Path(sys.argv[1]), state_dir=Path(sys.argv[2]))))
"""


def firmware(folder, code):
    folder.mkdir()
    (folder / "main.py").write_text(code)
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_names_its_port_and_ends_on_a_signal_without_leaving_a_process(tmp_path, number):
    folder = firmware(tmp_path / "fw", "import os, time\nos.write(1, b'hello')\nwhile True: time.sleep(1)")
    command = [sys.executable, "-c", EMULATE, str(folder), str(tmp_path / "flash")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    port, board, following = (process.stdout.readline().split(maxsplit=1) for _ in range(3))
    with SerialClient(port[1].strip(), timeout=10) as client:
        assert client.read(5) == b"hello"
    assert "CPython" in board[1]
    assert "warmflow run " in following[1]  # which finds it
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert psutil.wait_procs(family, timeout=10)[1] == []


async def test_a_board_that_dies_ends_it_with_a_status_and_the_reason(tmp_path):
    said = []
    folder = firmware(tmp_path / "fw", "raise ValueError('no probe')")
    assert await emulate("cpython", say=said.append, firmware=folder, state_dir=tmp_path / "flash") == 1
    assert "no probe" in said[-1]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"profile": "n-butan"}, ("--profile", "did you mean n-butane")),
        ({"profile": "xyz"}, ("--profile", "n-butane")),
        ({"place": "skn"}, ("--place", "did you mean skin")),
        ({"rig_name": "a b c"}, ("--name", "'a b c'", "a-z")),
        ({"rig_name": "a" * 17}, ("--name", "16")),
        ({"rig_name": "bridge"}, ("--name", "daemon's own name")),
    ],
)
async def test_what_the_board_would_not_take_is_refused_before_it_starts(tmp_path, config, words):
    with pytest.raises(RigError) as refused:
        await emulate("cpython", say=print, state_dir=tmp_path / "flash", config=config)
    assert all(word in str(refused.value) for word in words)
    assert not (tmp_path / "flash").exists()


def test_what_is_asked_of_a_board_is_checked_by_the_boards_own_rules():
    assert {key: set(allowed) for key, allowed in CHOICES.items()} == {key: set(boards.CHOICES[key]) for key in CHOICES}
    for name in ("", "rig-1", "a_b", "a" * 16, "a" * 17, "Rig", "a b", "ä", "a/b", *RESERVED, "bridge-1"):
        ours = None
        try:
            check({"rig_name": name})
        except RigError as error:
            ours = error
        assert (ours is None) == (boards.check("rig_name", name) is None), name
