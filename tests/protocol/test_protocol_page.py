"""docs/protocol.md and protocol/README.md: a stranger's decoder works from them, and every example in them is true."""

import base64
import importlib.util
import re
import subprocess
import sys
import zlib

import pytest
from wire import PAGE, ROOT, golden, tolerated

from pumplink import codes
from pumplink.messages import LAYOUT

TEXT = PAGE.read_text(encoding="utf-8")
GOLDEN = list(golden())
BY_NAME = {vector.name: vector for vector in GOLDEN}
STRANGER_PATH = ROOT / "tests/protocol/stranger_decoder.py"
_spec = importlib.util.spec_from_file_location("stranger_decoder", STRANGER_PATH)
stranger = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stranger)
TABLES = stranger.read_tables(TEXT)


def _blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, flags=re.DOTALL)


def _labelled(block):
    rows = (re.match(r"(data|encoded|payload|crc32|line) +(.+)", line) for line in block.splitlines())
    return {row[1]: row[2] for row in rows if row}


def test_a_stranger_imports_nothing_of_ours():
    imported = set(re.findall(r"^(?:import|from) (\w+)", STRANGER_PATH.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert imported <= {"base64", "re", "zlib"}


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector.name)
def test_a_stranger_decodes_every_golden_frame(vector):
    if vector.sender == "board":
        [payload] = stranger.payloads_from_board(vector.framed)
    else:
        payload = stranger.payload_from_host(vector.framed)
    assert payload == vector.payload
    assert stranger.decode(payload, TABLES) == (type(vector.message).__name__, vector.message._asdict())


@pytest.mark.parametrize("vector", list(tolerated()), ids=lambda vector: vector.name)
def test_a_stranger_reads_frames_of_newer_and_older_peers(vector):
    assert stranger.decode(vector.payload, TABLES) == (type(vector.message).__name__, vector.message._asdict())


def test_the_page_says_what_each_number_means_and_in_which_unit():
    for group in (codes.Status, codes.TruthFlag, codes.EventCode, codes.GapReason, codes.ErrorCode):
        for member in group:
            [meaning] = re.findall(
                rf"^\| {int(member)} \| {member.name} \| (.*) \|$", _table(group.__name__), re.MULTILINE
            )
            assert meaning, member
    for name in ("REFILLED", "WITHDRAWN", "FLUSHED"):
        assert re.search(rf"\| {name} \| value: µL \(not nL\)", TEXT)


def _table(group):
    return TEXT.split(f"**{group}** ")[1].split("\n**")[0]


def test_the_page_names_the_layout_that_hello_carries():
    assert f"The layout of all tables of this page: {LAYOUT} " in TEXT


def test_the_page_says_which_commands_are_carried_out_once():
    from pumplink.messages import ONCE

    said = re.findall(r"#### 0x[0-9A-F]{2} (\w+)\n\n.* Carried out once for each request\.", TEXT)
    assert said == [message.__name__ for message in ONCE]


def test_a_stranger_finds_the_frames_in_noise():
    frames = [vector for vector in GOLDEN if vector.sender == "board"]
    stream = b"".join(b">>> boot\r\n" + vector.framed + b"\x05\x99" for vector in frames)
    assert stranger.payloads_from_board(stream) == [vector.payload for vector in frames]


def test_the_cobs_examples_are_true():
    for block in _blocks("cobs"):
        example = {name: bytes.fromhex(text) for name, text in _labelled(block).items()}
        assert stranger.uncobs(example["encoded"]) == example["data"]


def test_the_line_examples_are_true():
    [block] = _blocks("line")
    example = _labelled(block)
    payload, crc = bytes.fromhex(example["payload"]), bytes.fromhex(example["crc32"])
    assert base64.b64decode(example["line"]) == payload + crc
    assert zlib.crc32(payload).to_bytes(4, "little") == crc
    assert payload == BY_NAME["ack-through"].payload


def test_the_whole_frame_is_the_golden_one_and_its_two_tables_rebuild_it():
    [block] = _blocks("frame")
    assert bytes.fromhex(block) == BY_NAME["telemetry-plain"].framed
    blocks = re.findall(r"^\| ([0-9A-F]{2}) \| ([0-9A-F ]+|\(empty\)) \|$", TEXT, flags=re.MULTILINE)
    body = b"".join(bytes.fromhex(code + ("" if "empty" in data else data)) for code, data in blocks)
    assert b"\0" + body + b"\0" == bytes.fromhex(block)
    rows = re.findall(r"^\| (\d+) \| ((?:[0-9A-F]{2} ?)+) \| [\w-]+ \| .+ \|$", TEXT, flags=re.MULTILINE)
    data = b"".join(bytes.fromhex(row[1]) for row in rows)
    assert data == stranger.uncobs(body)
    assert [int(row[0]) for row in rows] == [
        len(b"".join(bytes.fromhex(r[1]) for r in rows[:i])) for i in range(len(rows))
    ]


def test_the_check_values_are_true():
    assert zlib.crc32(b"123456789") == 0xCBF43926
    assert "CBF43926" in TEXT
    assert "`26 39 F4 CB`" in TEXT
    assert zlib.crc32(b"123456789\x26\x39\xf4\xcb") == 0x2144DF1C
    assert "2144DF1C" in TEXT


def test_the_limits_on_the_page_are_those_of_the_code():
    from pumplink.framing import MAX_FRAME
    from pumplink.schema import MAX_PAYLOAD, PROTOCOL_MAJOR

    assert f"1 to {MAX_PAYLOAD} bytes" in TEXT
    assert f"body is {MAX_FRAME} bytes" in TEXT
    assert f"more than {MAX_FRAME} bytes" in TEXT
    assert TEXT.startswith(f"# The wire, version {PROTOCOL_MAJOR}\n")
    assert f"has {4 * -(-(MAX_PAYLOAD + 4) // 3)} characters" in " ".join(TEXT.split())


@pytest.mark.parametrize("page", [PAGE, ROOT / "protocol/README.md"], ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!http)([^)]+)\)", text)
    assert linked
    missing = [target for target in linked if not (page.parent / target).resolve().exists()]
    assert not missing


def test_what_is_generated_is_what_the_schema_gives():
    command = [sys.executable, ROOT / "protocol/gen/generate.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
