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
    "Golden",
    "board_codec",
    "golden",
    "messages_of",
    "quick",
    "snake",
    "sweep",
    "thorough",
    "values_of",
    "walk",
]

# the machine may be busy: no deadline; the codecs have no state, so few examples of each message are many in all
quick = settings(max_examples=20, deadline=None)
thorough = settings(max_examples=100, deadline=None)


class Golden(NamedTuple):
    """One frame that was written by hand."""

    name: str
    message: Message
    sender: str
    fields: list[list[Any]]
    payload: bytes
    crc32: bytes
    framed: bytes


def golden() -> Iterator[Golden]:
    for frame in json.loads((ROOT / "protocol/vectors/golden.json").read_text(encoding="utf-8"))["frames"]:
        values = {name: _value(value) for name, _, value, _ in frame["fields"][1:]}
        message = getattr(messages, frame["message"])(**values)
        as_bytes = (bytes.fromhex(frame[key]) for key in ("payload", "crc32", "framed"))
        yield Golden(frame["name"], message, frame["sender"], frame["fields"], *as_bytes)


def _value(value: Any) -> Any:
    return bytes.fromhex(value[4:]) if isinstance(value, str) and value.startswith("hex:") else value


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
