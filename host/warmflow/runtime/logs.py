"""The daemon's log: standard `logging`, one logger an area, the pump as a field, lines for people or JSON for programs.

Chosen over structlog: the libraries below us (asyncio, uvicorn, paho) log there already, and two fields need no second
pipeline. Everything that takes a `log` calls it with a line; `toned` gives the same log another level, or a pump. It
never shows a secret that it was told, and no control character of whoever sent a text.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

from warmflow.runtime.log_areas import AREAS
from warmflow.runtime.text import printable
from warmflow.runtime.utc import utc_text

Log = Callable[[str], None]

ROOT = "warmflow"
FOREIGN = {"uvicorn": "http", "asyncio": "loop", "paho": "mqtt", "mqtt": "mqtt", "aiomqtt": "mqtt"}
JOURNALD = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
STARS = "********"
SHORTEST_SECRET = 4  # starring out a shorter one would garble every line, and tell which letters are in it


@dataclass(frozen=True)
class AreaLog:
    """Call it with a line."""

    logger: logging.Logger
    level: int = logging.INFO
    pump: str = ""

    def __call__(self, line: str) -> None:
        self.logger.log(self.level, line, extra={"pump": self.pump})


class Entry(NamedTuple):
    """What was said, for somebody who shows it elsewhere."""

    utc: datetime
    level: str
    area: str
    pump: str
    text: str


def area(name: str) -> AreaLog:
    """The log of an area. Raises KeyError for one that AREAS does not have."""
    AREAS[name]
    return AreaLog(logging.getLogger(f"{ROOT}.{name}"))


def toned(log: Log, level: int | None = None, pump: str | None = None) -> Log:
    """The same log at another level, or about a pump; a plain callable stays one, and gets the pump in front."""
    if isinstance(log, AreaLog):
        return replace(log, level=log.level if level is None else level, pump=log.pump if pump is None else pump)
    return (lambda line: log(f"{pump}: {line}")) if pump else log


def within(log: Log, name: str) -> Log:
    """The log of another area; a plain callable stays as it is. Raises KeyError for an unknown area."""
    return replace(area(name), pump=log.pump) if isinstance(log, AreaLog) else log


def set_up(
    level: str,
    areas: Mapping[str, str],
    json_lines: bool,
    secrets: Sequence[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Sends everything to stderr from now on; whatever was set up before is gone."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_Json(secrets) if json_lines else _Line(secrets, goes_to_journald(out)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(ROOT).setLevel(level.upper())
    for name in AREAS:
        chosen = areas.get(name)
        for logger in (f"{ROOT}.{name}", *(foreign for foreign, own in FOREIGN.items() if own == name)):
            unset = logging.NOTSET if logger.startswith(ROOT) else logging.WARNING
            logging.getLogger(logger).setLevel(chosen.upper() if chosen else unset)
    logging.captureWarnings(True)


@contextmanager
def listening(take: Callable[[Entry], None], secrets: Sequence[str] = ()) -> Iterator[None]:
    """Calls `take` in this event loop with everything that is said while the block lasts, from "info" on.

    What `take` itself makes somebody say comes back to it: it has to leave its own area out.
    """
    handler = _Feed(take, secrets, asyncio.get_running_loop())
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def goes_to_journald(out: TextIO) -> bool:
    """True if the stream leads to systemd's journal, which takes levels as a prefix. Ref: systemd.exec(5)."""
    try:
        status = os.fstat(out.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def starred(text: str, secrets: Sequence[str]) -> str:
    """The text with stars where a secret stood."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, STARS)
    return text


def _entry(record: logging.LogRecord, secrets: Sequence[str]) -> Entry:
    top, _, rest = record.name.partition(".")
    where = rest.partition(".")[0] if top == ROOT else FOREIGN.get(top, top)
    text = starred(printable(record.getMessage()), secrets)
    utc = datetime.fromtimestamp(record.created, UTC)
    return Entry(utc, record.levelname.lower(), where, printable(getattr(record, "pump", "")), text)


def _traceback(text: str, secrets: Sequence[str]) -> str:
    """An exception may quote what a board or a broker sent."""
    return "\n".join(starred(printable(line), secrets) for line in text.split("\n"))


class _Line(logging.Formatter):
    """`warning: rig: silent: ...`; systemd's journal has the level from a prefix of its own."""

    def __init__(self, secrets: Sequence[str], journald: bool) -> None:
        super().__init__()
        self._secrets, self._journald = secrets, journald

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record, self._secrets)
        level = "" if self._journald or record.levelno <= logging.INFO else f"{entry.level}: "
        line = f"{level}{entry.pump}{': ' if entry.pump else ''}{entry.text}"
        if record.exc_info:
            line += "\n" + _traceback(self.formatException(record.exc_info), self._secrets)
        prefix = f"<{JOURNALD.get(record.levelno, 6)}>" if self._journald else ""
        return "\n".join(prefix + each for each in line.split("\n"))


class _Json(logging.Formatter):
    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        utc, level, where, pump, text = _entry(record, self._secrets)
        said = {"time": utc_text(utc), "level": level, "area": where}
        said |= {"pump": pump} if pump else {}
        said |= {"text": text}
        if record.exc_info:
            said["traceback"] = _traceback(self.formatException(record.exc_info), self._secrets)
        return json.dumps(said, ensure_ascii=False)


class _Feed(logging.Handler):
    def __init__(self, take: Callable[[Entry], None], secrets: Sequence[str], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._take, self._secrets, self._loop = take, secrets, loop

    def emit(self, record: logging.LogRecord) -> None:
        entry = _entry(record, self._secrets)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, entry)
