"""Payloads for the terminal: read into the daemon's own models, then made safe to print.

Text of strangers ends up on a terminal: control characters are taken out and lengths are bounded.
"""

from typing import Any, TypeVar

import msgspec

from warmflow.api import payloads
from warmflow.api.payloads import Alarm, BadPayload, Event, Gap, Info, Response, State, Status, SummaryGap, Truth

__all__ = [
    "Alarm", "BadPayload", "Event", "Gap", "Info", "Response", "State", "Status", "SummaryGap", "Truth", "plain",
    "read", "word",
]  # fmt: skip

TEXT_MAX = 200
Model = TypeVar("Model", bound=msgspec.Struct)


def read(model: type[Model], payload: bytes) -> Model:
    """A JSON object as a model whose texts can be printed. Raises: BadPayload."""
    try:
        read_back: Model = _printable(payloads.read(model, payload))
    except BadPayload as error:
        raise BadPayload(plain(str(error))) from None
    return read_back


def word(payload: bytes) -> str:
    """A payload that is one bare word, like `online`."""
    return plain(payload[:TEXT_MAX].decode(errors="replace"))


def plain(text: str) -> str:
    """One line that cannot move a terminal's cursor, at most TEXT_MAX characters."""
    return "".join(char if char.isprintable() else " " for char in text[:TEXT_MAX]).strip()


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, msgspec.Struct):
        texts = {name: _printable(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **texts)
    return value
