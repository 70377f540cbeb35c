"""What the tests of the wire share: golden frames, the generated sweep, the board's codec, random messages."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from pumplink import messages
from pumplink.messages import Message

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "protocol.md"
GENERATOR = ROOT / "protocol" / "gen"
if str(GENERATOR) not in sys.path:  # a folder of scripts, not a package
    sys.path.append(str(GENERATOR))

import sweep  # noqa: E402
import walk  # noqa: E402
from pumplink.schema import MESSAGES, MessageSpec  # noqa: E402

__all__ = [
    "MESSAGES",
    "PAGE",
    "ROOT",
    "Dropped",
    "Golden",
    "Tolerated",
    "board_codec",
    "dropped",
    "golden",
    "messages_of",
    "quick",
    "snake",
    "sweep",
    "thorough",
    "tolerated",
    "values_of",
    "walk",
]

# the machine may be busy: no deadline; the codecs have no state, so few examples of each message are many in all
quick = settings(max_examples=20, deadline=None)
thorough = settings(max_examples=100, deadline=None)


class Tolerated(NamedTuple):
    """A frame with more, or fewer, fields than a reader knows."""

    name: str
    message: Message
    sender: str
    payload: bytes
    framed: bytes


class Dropped(NamedTuple):
    """A frame that a reader drops."""

    name: str
    cause: str
    sender: str
    framed: bytes


class Golden(NamedTuple):
    """One frame that was written by hand."""

    name: str
    message: Message
    sender: str
    fields: list[list[Any]]
    payload: bytes
    crc32: bytes
    framed: bytes


def _vectors(part: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / "protocol/vectors/golden.json").read_text(encoding="utf-8"))[part]
    return found


def golden() -> Iterator[Golden]:
    for frame in _vectors("frames"):
        message = _message(frame["message"], {name: value for name, _, value, _ in frame["fields"][1:]})
        as_bytes = (bytes.fromhex(frame[key]) for key in ("payload", "crc32", "framed"))
        yield Golden(frame["name"], message, frame["sender"], frame["fields"], *as_bytes)


def tolerated() -> Iterator[Tolerated]:
    for frame in _vectors("tolerated"):
        message = _message(frame["message"], frame["values"])
        as_bytes = (bytes.fromhex(frame[key]) for key in ("payload", "framed"))
        yield Tolerated(frame["name"], message, frame["sender"], *as_bytes)


def dropped() -> Iterator[Dropped]:
    for frame in _vectors("dropped"):
        yield Dropped(frame["name"], frame["cause"], frame["sender"], bytes.fromhex(frame["framed"]))


def _message(name: str, values: dict[str, Any]) -> Message:
    kinds = {row.name: row.kind for spec in MESSAGES if spec.name == name for row in walk.rows(spec)}
    message: Message = getattr(messages, name)(**{field: _value(kinds[field], values[field]) for field in values})
    return message


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind.startswith("bytes"):
        return bytes.fromhex(value.removeprefix("hex:"))
    return int(value) if kind == "u64" else value


def board_codec() -> ModuleType:
    """The firmware's generated codec, run by this CPython."""
    spec = importlib.util.spec_from_file_location("board_codec", ROOT / "firmware/src/pump/codec.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def snake(message: Message) -> str:
    return walk.snake(type(message).__name__)


def values_of(message: Message) -> dict[str, Any]:
    return message._asdict()


def messages_of(spec: MessageSpec) -> st.SearchStrategy[Message]:
    """Any message of one kind, every field anywhere in its range."""
    fields = walk.rows(spec)
    kind = getattr(messages, spec.name)
    return st.builds(kind, **{row.name: _field(row, walk.text_limit(fields)) for row in fields})


def _field(row: walk.Row, limit: int) -> st.SearchStrategy[Any]:
    if row.text:
        fits = st.text(max_size=40).filter(lambda text: len(text.encode()) <= (row.size or limit))
        # zeros at the end of a fixed text are its filling
        return fits.map(lambda text: text.rstrip("\0")) if row.size else fits
    if row.kind.startswith("bytes"):
        return st.binary(min_size=row.size, max_size=row.size)
    numbers = st.integers(row.low, row.high)
    return numbers if row.sentinel is None else st.none() | numbers
