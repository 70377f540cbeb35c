"""What a board answers in JSON. It is a stranger's word: it may be anything."""

from collections.abc import Callable
from typing import Any, TypeVar

from pumplink import messages as m
from warmflow.device.link.pump_link import CommandError
from warmflow.runtime.json_text import parse_json

T = TypeVar("T")


def json_answer(pump: str, ack: m.Ack, what: str, read: Callable[[Any], T]) -> T:
    """The answer as `read` has it, which may raise what reading a value of another shape raises. `what`: in words.

    Raises CommandError.
    """
    try:
        return read(parse_json(ack.text))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise CommandError(f"{pump}: {what} cannot be read: {error!r}") from None
