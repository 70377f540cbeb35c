"""Nothing secret stands in a log, whoever writes it and in whatever form; and a line needs no file."""

import base64
import io
import logging
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmflow.runtime import logs
from warmflow.runtime.secret_text import SHORTEST_SECRET, concealed, forget_secret, keep_secret
from warmflow.runtime.text import printable

SECRET = "p\u00e4ss w\x1brd+/=&geheim"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in ("uvicorn", "websockets", "warmflow.http", "asyncio", "paho", "mqtt", "aiomqtt"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.captureWarnings(False)


def said(areas: dict[str, str] | None = None, secrets: tuple[str, ...] = ()) -> io.StringIO:
    out = io.StringIO()
    logs.set_up("info", areas or {}, False, secrets, out)
    return out


@pytest.mark.parametrize(
    "written",
    [
        SECRET, printable(SECRET), repr(SECRET), quote(SECRET), quote(SECRET, safe=""), str(SECRET.encode()),
        base64.b64encode(SECRET.encode()).decode(), SECRET.encode().hex(),
    ],
)  # fmt: skip
def test_a_known_secret_is_starred_in_each_form_in_which_it_is_written(written: str) -> None:
    out = said(secrets=(SECRET,))
    logging.getLogger("some.library").warning("sent %s", written)
    assert out.getvalue() == "warning: sent ********\n" or "********" in out.getvalue()
    assert "geheim" not in out.getvalue()
    assert written not in out.getvalue()


@given(
    st.text(st.characters(codec="utf-8"), min_size=SHORTEST_SECRET, max_size=30).filter(lambda text: "*" not in text)
)
def test_no_secret_survives_what_is_done_to_it_for_a_line(secret: str) -> None:
    keep_secret(secret)
    try:
        assert secret not in concealed(f"<{secret}>").replace("*" * 8, "")
    finally:
        forget_secret(secret)


@pytest.mark.parametrize(
    "line",
    [
        "< authorization: Bearer UNKNOWN-TOKEN", "Authorization: Basic UNKNOWN-TOKEN", "Bearer UNKNOWN-TOKEN",
        "< cookie: warmflow_session=UNKNOWN-TOKEN; other=UNKNOWN-TOKEN", "Set-Cookie: warmflow_session=UNKNOWN-TOKEN",
        "[(b'cookie', b'warmflow_session=UNKNOWN-TOKEN')]", "{'Authorization': 'Bearer UNKNOWN-TOKEN'}",
        "POST /login token=UNKNOWN-TOKEN&next=/", '{"password": "UNKNOWN-TOKEN"}',
        "cannot reach mqtts://user:UNKNOWN-TOKEN@bench.example:8883", "warmflow-instructor-code: UNKNOWN-TOKEN",
    ],
)  # fmt: skip
def test_a_credential_that_nobody_knows_is_starred_by_its_name(line: str) -> None:
    assert "UNKNOWN" not in concealed(line), concealed(line)


@pytest.mark.parametrize(
    "line",
    ["token_file: not readable", "the previous token stays valid: no such file", "mqtt://bench.example:1883 is away"],
)
def test_a_sentence_about_tokens_is_left_as_it_is(line: str) -> None:
    assert concealed(line) == line


@pytest.mark.parametrize("library", ["uvicorn.error", "websockets.server", "asyncio", "mqtt", "paho"])
def test_no_setting_makes_a_library_write_what_came_over_the_wire(library: str) -> None:
    out = said({area: "debug" for area in ("http", "loop", "mqtt")})
    logging.getLogger(library).debug("< authorization: Bearer UNKNOWN")
    assert out.getvalue() == ""
    logging.getLogger(library).warning("said")
    assert out.getvalue() == "warning: said\n"


def test_what_a_stranger_makes_a_library_say_is_said_a_few_times_and_counted() -> None:
    out = said()
    for _ in range(5000):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert len(out.getvalue().splitlines()) == logs.REPEATS_MAX
    record = logging.makeLogRecord({"name": "uvicorn.error", "msg": "Invalid HTTP request received.", "levelno": 30})
    record.created += logs.REPEATS_S + 1
    logging.getLogger().handlers[0].handle(record)
    assert out.getvalue().splitlines()[-1].endswith("(4990 more were left out)")


def test_our_own_lines_are_not_left_out() -> None:
    out = said()
    for _ in range(50):
        logs.area("link")("connected")
    assert len(out.getvalue().splitlines()) == 50


def test_a_line_that_cannot_be_written_shows_no_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    out = said()
    logging.getLogger("some.library").warning("%d", "Bearer UNKNOWN")
    assert "UNKNOWN" not in out.getvalue() + capsys.readouterr().err
    assert "could not be written: TypeError" in out.getvalue()


def test_a_traceback_holds_no_secret_and_no_control_character() -> None:
    out = said(secrets=("geheim-43",))
    try:
        raise ValueError("\x1b[2J geheim-43")
    except ValueError:
        logging.getLogger("warmflow.http").exception("a bug")
    assert "geheim" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.needs("POSIX")
def test_a_line_is_written_also_when_no_file_can_be_opened() -> None:
    """In a process of its own, whose first lines these are: nothing has been loaded by an earlier one."""
    script = """
        import io, logging, os, resource, sys
        from warmflow.runtime import logs
        logs.set_up("info", {}, %r)
        held = [os.open("/dev/null", os.O_RDONLY)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1, held[-1] + 1))
        logs.area("http")("\\x1b[2J \\ud800 \\U000e0001 \\x85 \\u202e")
        logs.toned(logs.area("journal"), logging.ERROR, "rig")("password=UNKNOWN")
        try:
            open("/dev/null")
        except OSError as error:
            logging.getLogger("warmflow.daemon").error("a bug", exc_info=True)
        logging.getLogger("asyncio").error("socket.accept() out of system resource")
    """
    for json_lines in (False, True):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script) % json_lines], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        lines = done.stderr
        assert "could not be written" not in lines, lines
        assert "x1b[2J" in lines
        assert "UNKNOWN" not in lines
        assert "Too many open files" in lines
        assert "out of system resource" in lines
