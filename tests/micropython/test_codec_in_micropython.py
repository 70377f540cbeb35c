"""Golden frames, sweep and bad input through the board's own codec and framing, in MicroPython's unix port.

One process takes all vectors. MicroPython's `struct` truncates silently, and its `binascii` and text handling are other
code than CPython's: agreement there proves nothing here.
"""

import json
import random
import subprocess
import sys

import pytest
from cobs import cobs
from wire import ROOT, dropped, golden, snake, sweep, values_of

from pumplink.fastcodec import ENCODERS
from pumplink.framing import crc_bytes, frame, line
from pumplink.messages import TYPES

pytestmark = pytest.mark.needs("MicroPython unix port")
START = "import sys, micropython_unix; sys.exit(micropython_unix.main())"


def _json(value):
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _good(message, payload):
    if TYPES[type(message)] < 0x80:
        values = [_json(value) for value in message]
        return {"kind": "encode", "name": snake(message), "values": values, "payload": _json(payload)}
    return {"kind": "command", "payload": _json(payload), "line": _json(line(payload)), "values": values_of(message)}


def _vectors():
    for vector in golden():
        key = "framed" if vector.sender == "board" else "line"
        yield _good(vector.message, vector.payload) | {key: _json(vector.framed)}
    for message in sweep.accepted():
        yield _good(message, ENCODERS[type(message)](message))
    for message, field in sweep.refused():
        if TYPES[type(message)] < 0x80:
            values = [_json(value) for value in message]
            yield {"kind": "refuse", "name": snake(message), "values": values, "field": field}
    yield {"kind": "fraction", "name": "gap", "values": [1, 2, 3.5, 4, 1]}
    for data in sweep.cobs_data():
        yield {"kind": "cobs", "data": _json(data), "encoded": _json(cobs.encode(data))}
    yield from _bad_input()


def _bad_input():
    for payload, error in (
        (b"\x82\0\0", "3 bytes, not 15"),
        (b"\x86\0\0\x05\0ab", "key: 5 bytes announced, 2 there"),
        (b"\x86\0\0\x01\0\xff", "key: not UTF-8"),
        (b"\x8d\0\0\xff" + bytes(11), "profile: not UTF-8"),
        (b"\x86\0\0\x02\0\xc0\x80", "key: not UTF-8"),  # MicroPython's own decoder takes these three
        (b"\x86\0\0\x03\0\xed\xa0\x80", "key: not UTF-8"),
        (b"\x86\0\0\x04\0\xf4\x90\x80\x80", "key: not UTF-8"),
        (b"\x86\0\0\x02\0\xe2\x82", "key: not UTF-8"),
    ):
        yield {"kind": "bad_command", "payload": _json(payload), "error": error}
    whole = frame(b"\x84\1\0")[1:-1]
    for body, cause in (
        (b"", "short"),
        (b"\x09\x01", "cobs"),
        (b"\x02\0\x01", "cobs"),
        (b"\xff" * 254, "cobs"),
        (b"\xff" * 255, "crc"),
        (b"\xff" * 255 + b"\x09", "cobs"),
        (whole[:1] + b"\x85" + whole[2:], "crc"),
        (cobs.encode(crc_bytes(b"")), "short"),
    ):
        yield {"kind": "bad_body", "body": _json(body), "cause": cause}
    for vector in dropped():
        if vector.sender == "host" and vector.cause in ("short", "crc", "base64", "oversize"):
            yield {"kind": "bad_line", "line": _json(vector.framed[1:-1])}
    noise = random.Random(3)
    for size in range(200):
        yield {"kind": "bad_line", "line": _json(noise.randbytes(size))}


@pytest.mark.micropython
def test_all_vectors_pass_on_micropython(tmp_path):
    vectors = list(_vectors())
    wanted = {kind: sum(vector["kind"] == kind for vector in vectors) for kind in {v["kind"] for v in vectors}}
    assert min(wanted[kind] for kind in ("encode", "command", "refuse", "cobs")) > 50
    path = tmp_path / "vectors.jsonl"
    path.write_text("".join(json.dumps(vector, ensure_ascii=False) + "\n" for vector in vectors), encoding="utf-8")
    script = ROOT / "tests/micropython/codec_vectors.py"
    command = [sys.executable, "-c", START, script, path, ROOT / "firmware/src", ROOT / "protocol"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    *failed, last = done.stdout.splitlines() or ["nothing printed"]
    assert done.returncode == 0, done.stderr + done.stdout
    assert failed == []
    assert json.loads(last.removeprefix("checked ")) == wanted
