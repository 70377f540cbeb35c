"""`warmflow train`, as an educator starts it: the page is there, a lesson plays on its virtual Pico, the monitor's flag
is shown and acknowledged, and Ctrl-C ends all of it with nothing lost of the session.
"""

import asyncio
import json
import os
import re
import signal
import sys
import urllib.request
from pathlib import Path

import pytest
import websockets

from warmflow.training.session_log import of_lines

pytestmark = pytest.mark.e2e
DEADLINE_S = 60
STOP_S = 5


def asked(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        return json.load(answer)


async def test_a_lesson_is_trained_on_a_virtual_pico_and_ctrl_c_ends_it(tmp_path):
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("warmflow"), "train", "--state", tmp_path, "--listen", "127.0.0.1:0",
        "--broker", "embedded", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    said = b""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not (found := re.search(rb"trainees +(\S+)/train\n", said)):
                line = await process.stdout.readline()
                assert line, said.decode()
                said += line
            url = found[1].decode()
            await _trained(url)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_S):
            rest = await process.stdout.read()
            status = await process.wait()
    said = (said + rest).decode()
    assert status == 0, said
    assert "no medical device" in said
    assert "Traceback" not in said
    [log] = tmp_path.glob("training-*.jsonl")
    kinds = [entry.kind for entry in of_lines(log.read_text()).entries]
    assert kinds[:2] == ["guessed", "started"]
    assert {"injected", "acknowledged", "diagnosed", "revealed"} <= set(kinds)


async def _trained(url):
    async def do(name, **fields):
        assert await asyncio.to_thread(asked, f"{url}/api/train/deeds/{name}", fields) == {"ok": True}

    async def receive_until(wanted):
        while not wanted(told := json.loads(await socket.recv())):
            pass
        return told

    page = await asyncio.to_thread(urllib.request.urlopen, f"{url}/train")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    page.close()
    async with websockets.connect(f"{url.replace('http', 'ws')}/train/live", max_size=None) as socket:
        told = await receive_until(lambda message: message["kind"] == "state" and message["can"]["virtual"])
        assert told["can"]["commands"]
        await do("choose", lesson="hot-tub", way="virtual", speed_x=600)
        await do("guess", what="peak_percent", value=25)
        await do("start")
        await receive_until(lambda message: (message.get("shown") or {}).get("number") == 2)
        await do("inject", fault="occlusion", magnitude=1.0)
        flagged = await receive_until(lambda message: message.get("alarm"))
        assert {"level", "text"} <= flagged["alarm"].keys()
        assert not {"cause", "likely"} & flagged["alarm"].keys()  # it is what the trainees are to find
        assert flagged["live"]["clock"]["label"].startswith("Virtual Pico")
        await do("acknowledge")
        await do("diagnose", fault="occlusion")
        await do("reveal", fault="occlusion")
        told = await receive_until(lambda message: "likely" in (message.get("alarm") or {}))
        assert "occlusion" in told["alarm"]["likely"]
