"""The log: levels by area, pump and area as fields, JSON, nothing secret, and nothing that paints on a terminal."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from warmflow.runtime import logs
from warmflow.runtime.log_areas import AREAS

pytestmark = pytest.mark.time


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The process's own logging, as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name in AREAS:
        logging.getLogger(f"warmflow.{name}").setLevel(logging.NOTSET)
    logging.captureWarnings(False)


def said(*, level: str = "info", areas: dict[str, str] | None = None, json_lines: bool = False) -> io.StringIO:
    out = io.StringIO()
    logs.set_up(level, areas or {}, json_lines, ["geheim-42"], out)
    return out


def test_a_line_for_people_is_the_text_with_its_pump_and_a_level_that_matters() -> None:
    out = said()
    log = logs.area("link")
    log("connected")
    logs.toned(log, logging.WARNING, "rig")("silent")
    logs.toned(log, logging.DEBUG)("not said")
    assert out.getvalue() == "connected\nwarning: rig: silent\n"


def test_an_area_has_a_level_of_its_own() -> None:
    out = said(level="warning", areas={"link": "debug"})
    for area in ("link", "mqtt"):
        logs.toned(logs.area(area), logging.DEBUG)(f"{area} in detail")
        logs.area(area)(f"{area} says")
    assert out.getvalue() == "link in detail\nlink says\n"


def test_json_has_time_level_area_pump_and_text() -> None:
    out = said(json_lines=True)
    logs.toned(logs.area("board"), logging.ERROR, "rig")("hot\nwater")
    [line] = out.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("Z")
    assert entry == {"level": "error", "area": "board", "pump": "rig", "text": "hot\\nwater"}


def test_a_secret_that_somebody_puts_into_a_line_is_starred() -> None:
    for json_lines in (False, True):
        out = said(json_lines=json_lines)
        logs.area("mqtt")("refused with geheim-42 at the end")
        assert "geheim" not in out.getvalue()
        assert "refused with ******** at the end" in out.getvalue()


def test_what_a_board_sends_can_not_move_the_cursor_or_make_a_line_of_its_own() -> None:
    out = said()
    logs.area("board")("\x1b[2Jwarning: all is well\r\n\u202eflow")
    assert out.getvalue() == "\\x1b[2Jwarning: all is well\\r\\n\\u202eflow\n"


def test_libraries_are_heard_from_warnings_on_in_the_area_that_uses_them() -> None:
    out = said(json_lines=True, areas={"http": "error"})
    logging.getLogger("uvicorn.error").warning("not this")
    logging.getLogger("uvicorn.error").error("this")
    logging.getLogger("asyncio").info("not this either")
    logging.getLogger("asyncio").warning("slow")
    assert [(json.loads(line)["area"], json.loads(line)["text"]) for line in out.getvalue().splitlines()] == [
        ("http", "this"),
        ("loop", "slow"),
    ]


def test_an_error_that_nobody_expected_keeps_its_traceback() -> None:
    out = said(json_lines=True)
    try:
        raise ZeroDivisionError("division by geheim-42")
    except ZeroDivisionError:
        logging.getLogger("warmflow.fleet").exception("a bug")
    assert "ZeroDivisionError: division by ********" in json.loads(out.getvalue())["traceback"]
    assert "geheim" not in out.getvalue()


def test_systemds_journal_gets_levels_as_prefixes(tmp_path, monkeypatch) -> None:
    with (tmp_path / "journal").open("w+") as out:
        status = (tmp_path / "journal").stat()
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        logs.set_up("info", {}, False, (), out)
        logs.area("daemon")("up")
        logs.toned(logs.area("daemon"), logging.ERROR)("down")
        out.seek(0)
        assert out.read() == "<6>up\n<3>down\n"


async def test_a_listener_gets_entries_in_its_loop_while_it_listens() -> None:
    said()
    heard: list[logs.Entry] = []
    with logs.listening(heard.append, ["geheim-42"]):
        logs.toned(logs.area("link"), logging.WARNING, "rig")("silent geheim-42")
        await asyncio.to_thread(logs.area("journal"), "from a thread")
        await asyncio.sleep(0)
    logs.area("link")("too late")
    await asyncio.sleep(0)
    assert [each[1:] for each in heard] == [
        ("warning", "link", "rig", "silent ********"),
        ("info", "journal", "", "from a thread"),
    ]


def test_an_area_that_nobody_declared_is_an_error_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        logs.area("misc")


def test_a_plain_callable_takes_the_same_lines() -> None:
    lines: list[str] = []
    logs.toned(logs.within(lines.append, "board"), logging.ERROR, "rig")("hot")
    assert lines == ["rig: hot"]
