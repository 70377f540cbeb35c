"""`warmflow dump` explains every byte of a recording or a live port, in both directions, and counts what it drops."""

import io
import os
import threading
import time

import pytest
import typer
from typer.testing import CliRunner
from wire import golden

from pumplink.framing import MAX_LINE, frame
from warmflow.cli.dump import DumpError, dump, dump_file, dump_stream, open_chunks
from warmflow.cli.dump_format import Style, reading, words

pytestmark = pytest.mark.time

BY_HAND = [vector for vector in golden() if not vector.name.endswith("-distinct")]
FRAMES = [vector for vector in BY_HAND if vector.sender == "board"]
COMMANDS = [vector for vector in BY_HAND if vector.sender == "host"]
STREAM = b"".join(vector.framed for vector in FRAMES)
TRACEBACK = b'Traceback (most recent call last):\r\n  File "main.py", line 3\r\nKeyboardInterrupt: \r\n>>> '


def explained(chunks, style=Style.FIELDS, count=None):
    out = io.StringIO()
    dump_stream(chunks, out, style, count)
    return out.getvalue()


def rows(text):
    """(offset, hex, rest) of every annotated line."""
    parts = (line.split(maxsplit=1) for line in text.splitlines() if line[:5].strip().isdigit())
    return [(int(offset), rest) for offset, rest in parts]


@pytest.mark.parametrize("vector", list(golden()), ids=lambda vector: vector.name)
def test_every_byte_of_a_frame_stands_beside_its_field(vector):
    text = explained([vector.framed])
    shown = bytes.fromhex("".join(rest[:24].strip() for _, rest in rows(text)))
    assert shown == vector.payload + vector.crc32
    for name, data, _, _ in vector.fields:
        first = bytes.fromhex(data)[:8].hex(" ").upper()
        assert any(
            rest.startswith(first) and rest[24:].split()[0] == name for _, rest in rows(text) if rest[24:].strip()
        )


def test_values_are_shown_as_people_read_them():
    text = explained([STREAM])
    for wanted in (
        "36412 = 36.412 degC",
        "20833 = 0.499992 mL/day",
        "123456789 = 123.456789 mL",
        "-39525 = -39.525 kPa",
        "1130000 = 1.13 mPa.s",
        "32 PROBE_EMULATED",
        "33 EXPOSURE|CLAMPED",
        "3 DS18B20",
        "137 SetRate",
        "rig_name: Körper 37 °C",
        "e6613852834a2b2f",
    ):
        assert wanted in text
    assert text.count(" absent ") == 6


def test_what_is_no_frame_is_shown_with_its_cause_and_summed_up():
    text = explained([STREAM + TRACEBACK + b"\0\x09\x01\x02\0" + STREAM[:20]])
    assert f"REJECTED text, {len(TRACEBACK)} bytes" in text
    assert '|   File "main.py", line 3' in text
    assert "REJECTED cobs, 3 bytes: not COBS" in text
    *_, frames, rejected = text.splitlines()
    assert frames == "10 frames: Telemetry 3, Hello 1, Event 1, Truth 1, Gap 1, Nack 1, Ack 1, MinuteSummary 1"
    assert rejected == f"3 rejected: text 1 ({len(TRACEBACK)} bytes), cobs 1 (3 bytes), crc 1 (19 bytes)"


def test_a_stream_without_a_frame_is_summed_up_too():
    assert explained([]) == "0 frames\n0 rejected\n"
    assert explained([b"", b"\0\0"]) == "0 frames\n0 rejected\n"


def test_brief_is_one_line_a_frame_with_names_and_values():
    first, second, *_ = explained([STREAM], Style.BRIEF).splitlines()
    assert first.startswith("#1 Telemetry backlog=0 sequence=1000 uptime_ms=100000 ")
    assert "probe_mc=- probe_age_ms=- ambient_pa=- " in second


def test_raw_is_one_line_a_frame_with_its_payload():
    lines = explained([STREAM + TRACEBACK + b"\0"], Style.RAW).splitlines()
    assert [bytes.fromhex(line.split(maxsplit=2)[2]) for line in lines[: len(FRAMES)]] == [v.payload for v in FRAMES]
    assert lines[len(FRAMES)].startswith(f"#{len(FRAMES) + 1} REJECTED text")


def test_count_stops_after_so_many_good_frames():
    lines = explained([TRACEBACK + STREAM], Style.BRIEF, 2).splitlines()
    assert [line.split()[1] for line in lines[:3]] == ["REJECTED", "Telemetry", "Telemetry"]
    assert lines[3:] == ["2 frames: Telemetry 2", f"1 rejected: text 1 ({len(TRACEBACK)} bytes)"]


def test_cutting_the_stream_anywhere_shows_the_same():
    stream = STREAM + TRACEBACK + STREAM
    assert explained([stream[at : at + 7] for at in range(0, len(stream), 7)]) == explained([stream])


def test_a_recording_of_commands_is_recognised_and_explained():
    recording = (
        b"".join(vector.framed for vector in COMMANDS) + b"noise!\n" + b"AAAA\n" + b"A" * (3 * MAX_LINE) + b"\nlast"
    )
    text = explained([recording[at : at + 900] for at in range(0, len(recording), 900)], Style.BRIEF)
    assert "#1 AckThrough request_id=0 boot_count=17 boot_random=3735928559 sequence=1000\n" in text
    *_, frames, rejected = text.splitlines()
    assert frames == "4 frames: AckThrough 1, SetEnvironment 1, Refill 1, RequestSummaries 1"
    assert f"oversize 1 ({3 * MAX_LINE} bytes)" in rejected
    assert rejected.startswith("4 rejected: ")


def test_fields_of_a_newer_version_are_shown_as_unknown():
    assert "(unknown)" in explained([frame(COMMANDS[2].payload + b"\1\2")])


def test_words_that_wait_for_a_frame_are_shown_when_nothing_comes():
    def chunks():
        yield STREAM + b">>> import this"
        yield b""
        yield b""

    text = explained(chunks(), Style.BRIEF)
    assert text.count("(text, no frame yet) >>> import this\n") == 1


def test_ctrl_c_ends_with_the_summary():
    def chunks():
        yield STREAM
        raise KeyboardInterrupt

    assert explained(chunks()).endswith("MinuteSummary 1\n0 rejected\n")


def test_nothing_that_steers_a_terminal_is_passed_on():
    evil = b"\x1b]0;title\x07\x1b[2Jwords and more words and more words of this kind here\x9b31m"
    logged = frame(b"\x08" + bytes(8) + b"\x14" + len(evil[:-4]).to_bytes(2, "little") + evil[:-4])
    for style in Style:
        text = explained([logged + evil + b"\0" + b"\x05" + evil * 3 + b"\0"], style)
        assert not set(text) - {"\n"} & {chr(code) for code in (*range(32), *range(127, 160))}
    assert words(b"a\x1b\xff\n") == "a..."
    assert reading("text", "a\x1b") == "'a\\x1b'"


def test_a_file_is_read_and_a_missing_one_is_named(tmp_path):
    path = tmp_path / "capture.bin"
    path.write_bytes(STREAM)
    out = io.StringIO()
    dump_file(path, out, Style.BRIEF)
    assert out.getvalue() == explained([STREAM], Style.BRIEF)
    with pytest.raises(DumpError, match=r"gone\.bin: No such file"):
        dump_file(tmp_path / "gone.bin", out)
    with pytest.raises(DumpError, match="a folder"):
        list(open_chunks(str(tmp_path)))
    with pytest.raises(DumpError, match=r"gone\.bin"):
        list(open_chunks(str(tmp_path / "gone.bin")))


@pytest.mark.needs("POSIX")
def test_a_live_port_is_read():
    master, slave = os.openpty()
    out = io.StringIO()
    reader = threading.Thread(
        target=dump_stream, args=(open_chunks(os.ttyname(slave)), out, Style.BRIEF, 3), daemon=True
    )
    reader.start()
    deadline = time.monotonic() + 20
    try:
        while reader.is_alive() and time.monotonic() < deadline:
            os.write(master, FRAMES[0].framed)
            reader.join(0.05)
        assert "3 frames: Telemetry 3" in out.getvalue()
    finally:
        os.close(master)
        os.close(slave)


def test_the_command_takes_a_file_and_its_options(tmp_path):
    app = typer.Typer()
    app.command()(dump)
    path = tmp_path / "capture.bin"
    path.write_bytes(STREAM)
    run = CliRunner()
    assert run.invoke(app, [str(path)]).stdout == explained([STREAM])
    assert run.invoke(app, [str(path), "--brief", "--count", "2"]).stdout == explained([STREAM], Style.BRIEF, 2)
    assert run.invoke(app, [str(path), "--raw"]).stdout == explained([STREAM], Style.RAW)
    assert run.invoke(app, ["-", "--raw"], input=STREAM).stdout == explained([STREAM], Style.RAW)
    assert isinstance(run.invoke(app, [str(tmp_path / "gone")]).exception, DumpError)
