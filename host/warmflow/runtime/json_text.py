"""JSON that comes from outside: a stranger, a board, a daemon, a file. The one reader; `json_bytes` writes.

It takes what the standard describes, and less where Python would take more: no NaN, no Infinity, no number that
overflows a float or 64 bits, no key twice, no half character, no nesting that ends in a RecursionError.
"""

import json
import math
from typing import Any

WHOLE_MAX = 2**64


class BadJson(ValueError):
    """The text is no JSON that is taken; the message says why, and `line` where, 0 if nobody knows."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.line = line


def parse_json(text: str | bytes, *, our_own: bool = False) -> Any:
    """The value in a text, or in its bytes as UTF-8. Raises BadJson, and nothing else.

    our_own: a file that may be damaged, but was written by `json.dumps`, which writes NaN and half characters.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()
        if our_own:
            return json.loads(text)
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a half character can only be escaped
    except RecursionError:
        raise BadJson("nested too deep") from None
    except ValueError as error:
        raise BadJson(str(error), getattr(error, "lineno", 0)) from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is out of range")
    return number


def _whole(text: str) -> int:
    number = int(text) if len(text) <= 21 else WHOLE_MAX
    if abs(number) >= WHOLE_MAX:
        raise ValueError(f"{text[:40]} is out of range")
    return number
