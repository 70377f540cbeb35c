"""The daemon's log: standard `logging`, one logger an area, the pump as a field, lines for people or JSON for programs.

Chosen over structlog: the libraries below us (asyncio, uvicorn, paho) log there already, and two fields need no second
pipeline. Everything that takes a `log` calls it with a line; `toned` gives the same log another level, or a pump. It
never shows a secret (`secret_text`), and no control character of whoever sent a text. A library says the same thing a
few times a minute at most, for strangers can make it speak. A line needs no file: it is written also where none can be
opened any more.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TextIO

from warmflow.runtime.log_areas import AREAS
from warmflow.runtime.secret_text import concealed, forget_secret, keep_secret
from warmflow.runtime.text import printable
from warmflow.runtime.utc import utc_text

Log = Callable[[str], None]

ROOT = "warmflow"
FOREIGN = {
    "uvicorn": "http", "websockets": "http", "asyncio": "loop", "paho": "mqtt", "mqtt": "mqtt", "aiomqtt": "mqtt",
}  # fmt: skip
# libraries write at "debug" what came over the wire, byte by byte, credentials among it
FOREIGN_LOWEST = logging.INFO
REPEATS_MAX, REPEATS_S, KINDS_MAX = 10, 60.0, 1000  # lines of a library that differ in their figures only
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
JOURNALD = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


@dataclass(frozen=True)
class AreaLog:
    """Call it with a line."""

    logger: logging.Logger
    level: int = logging.INFO
    pump: str = ""

    def __call__(self, line: str) -> None:
        self.logger.log(self.level, line, extra={"pump": self.pump})


class Entry(NamedTuple):
    """A log line, for a subscriber that shows it elsewhere."""

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
    """Sends everything to stderr from now on; whatever was set up before is gone. `secrets` are starred everywhere."""
    out = stream or sys.stderr
    for secret in secrets:
        keep_secret(secret)
    handler = _Stderr(out)
    handler.addFilter(_NotTooOften())
    handler.setFormatter(_Json() if json_lines else _Line(goes_to_journald(out)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(ROOT).setLevel(level.upper())
    for name in AREAS:
        chosen = areas.get(name)
        for logger in (f"{ROOT}.{name}", *(foreign for foreign, own in FOREIGN.items() if own == name)):
            ours = logger.startswith(ROOT)
            unset = logging.NOTSET if ours else logging.WARNING
            level_number = LEVELS[chosen] if chosen else unset
            logging.getLogger(logger).setLevel(level_number if ours else max(level_number, FOREIGN_LOWEST))
    logging.captureWarnings(True)


@contextmanager
def listening(take: Callable[[Entry], None], secrets: Sequence[str] = ()) -> Iterator[None]:
    """Calls `take` in this event loop with every line from "info" on that is logged during the block. Lines caused by
    `take` itself are also passed to it, so it must ignore its own area.
    """
    for secret in secrets:
        keep_secret(secret)
    handler = _Feed(take, asyncio.get_running_loop())
    handler.addFilter(_NotTooOften())
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        for secret in secrets:
            forget_secret(secret)


def goes_to_journald(out: TextIO) -> bool:
    """True if the stream leads to systemd's journal, which takes levels as a prefix. Ref: systemd.exec(5)."""
    try:
        status = os.fstat(out.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _entry(record: logging.LogRecord) -> Entry:
    top, _, rest = record.name.partition(".")
    where = rest.partition(".")[0] if top == ROOT else FOREIGN.get(top, top)
    text = printable(concealed(record.getMessage()))
    utc = datetime.fromtimestamp(record.created, UTC)
    return Entry(utc, record.levelname.lower(), where, printable(getattr(record, "pump", "")), text)


def _traceback(formatter: logging.Formatter, error: Any) -> str:
    """Its lines, each without control characters: the text of an error may be a stranger's."""
    return "\n".join(map(printable, concealed(formatter.formatException(error)).split("\n")))


class _Stderr(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Replaces logging's own message, which would show the arguments unescaped."""
        error = sys.exc_info()[1]
        with contextlib.suppress(Exception):
            self.stream.write(f"a line of the log could not be written: {type(error).__name__}\n")


class _NotTooOften(logging.Filter):
    """Lets a library's line pass REPEATS_MAX times in REPEATS_S, and says then how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._since: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in FOREIGN:
            return True
        kind = (record.name, str(record.msg)[:200])
        began_s, count = self._since.get(kind, (record.created, 0))
        if not 0 <= record.created - began_s < REPEATS_S:
            if count > REPEATS_MAX:
                record.msg, record.args = f"{record.getMessage()} ({count - REPEATS_MAX} more were left out)", ()
            began_s, count = record.created, 0
        if kind not in self._since and len(self._since) >= KINDS_MAX:
            self._since.clear()
        self._since[kind] = (began_s, count + 1)
        return count < REPEATS_MAX


class _Line(logging.Formatter):
    """`warning: rig: silent: ...`; systemd's journal has the level from a prefix of its own."""

    def __init__(self, journald: bool) -> None:
        super().__init__()
        self._journald = journald

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record)
        level = "" if self._journald or record.levelno <= logging.INFO else f"{entry.level}: "
        line = f"{level}{entry.pump}{': ' if entry.pump else ''}{entry.text}"
        if record.exc_info:
            line += "\n" + _traceback(self, record.exc_info)
        prefix = f"<{JOURNALD.get(record.levelno, 6)}>" if self._journald else ""
        return "\n".join(prefix + each for each in line.split("\n"))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        utc, level, where, pump, text = _entry(record)
        said = {"time": utc_text(utc), "level": level, "area": where}
        said |= {"pump": pump} if pump else {}
        said |= {"text": text}
        if record.exc_info:
            said["traceback"] = _traceback(self, record.exc_info)
        return json.dumps(said, ensure_ascii=False)


class _Feed(logging.Handler):
    def __init__(self, take: Callable[[Entry], None], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._take, self._loop = take, loop

    def emit(self, record: logging.LogRecord) -> None:
        entry = _entry(record)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, entry)
