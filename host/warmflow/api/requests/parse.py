"""A request's bytes, read strictly. Pure, and it never raises: whatever a stranger sends is a request or a refusal.

`transaction` is handed back as it came, so that who asks can tell answers apart; a refusal has it too, if it could be
read at all.
"""

import difflib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

from pydantic import ValidationError

from warmflow.api.requests.board_commands import CHOICES, Ask
from warmflow.api.requests.table import KINDS

PAYLOAD_MAX_BYTES = 16_384
SHOWN_MAX = 60
TRANSACTION_MAX = 200
LIMITS = {  # pydantic's fault, in words; {x} is from its context
    "greater_than": "has to be more than {gt:g}",
    "greater_than_equal": "has to be {ge:g} or more",
    "less_than_equal": "has to be {le:g} or less",
    "int_type": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "float_type": "has to be a number",
    "finite_number": "has to be a finite number",
    "string_type": "has to be a text",
    "bool_type": "has to be true or false",
    "dict_type": "has to be an object",
    "string_too_short": "may not be empty",
    "string_too_long": "is too long",
}


class Request(NamedTuple):
    """Something to do: `ask` is of the type that KINDS names for `kind`."""

    kind: str
    ask: Ask
    transaction: str | int | float | bool | None


class Refused(NamedTuple):
    """Why not, in one line that names the field, and what is allowed."""

    error: str
    transaction: str | int | float | bool | None = None


def parse(kind: str, payload: bytes) -> Request | Refused:
    """The request in a payload; an empty one is one without fields."""
    if kind not in KINDS:
        return Refused(f"{shown(kind)}: unknown request; {near(kind, KINDS)}")
    fields = _object(payload)
    if isinstance(fields, str):
        return Refused(fields)
    transaction = fields.pop("transaction", None)
    if isinstance(transaction, (dict, list)) or (isinstance(transaction, str) and len(transaction) > TRANSACTION_MAX):
        return Refused(f"transaction: has to be a number, or a text of at most {TRANSACTION_MAX} characters")
    try:
        return Request(kind, KINDS[kind].ask.model_validate(fields), transaction)
    except (ValidationError, RecursionError, ValueError) as error:
        problems = error.errors() if isinstance(error, ValidationError) else []
        words = "; ".join(_words(problem, KINDS[kind].ask) for problem in problems[:3])
        return Refused(words or "the fields can not be read", transaction)


def near(word: str, known: Iterable[str]) -> str:
    """The hint for a word that nobody knows: the likeliest one, or all of them."""
    names = sorted(set(known))
    close = difflib.get_close_matches(word, names, 1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(names[:30])}" if names else "there are none"


def shown(value: Any) -> str:
    """A stranger's word in a line of ours: short, and nothing in it that moves a cursor."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else "?" for char in text[: SHOWN_MAX + 1])
    return f"{text[:SHOWN_MAX]}..." if len(text) > SHOWN_MAX else text


def _object(payload: bytes) -> dict[str, Any] | str:
    """The fields, or what is wrong with the payload."""
    if len(payload) > PAYLOAD_MAX_BYTES:
        return f"{len(payload)} bytes: at most {PAYLOAD_MAX_BYTES} are read"
    if not payload.strip():
        return {}
    try:
        value = json.loads(payload.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {shown(str(error))}"
    return value if isinstance(value, dict) else f"a JSON object is needed, not {shown(value)}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _words(problem: Any, ask: type[Ask]) -> str:
    key = ".".join(str(part) for part in problem["loc"][:1])
    given = problem["input"]
    match problem["type"]:
        case "missing":
            return f"{key}: missing: {ask.model_fields[key].description}"
        case "extra_forbidden":
            return f"{shown(key)}: unknown field; {near(key, [*ask.model_fields, 'transaction'])}"
        case "literal_error":
            return f"{key}: {shown(given)} is not known; {near(str(given), get_args(ask.model_fields[key].annotation))}"
        case "value_error" if key in CHOICES:
            return f"{key}: {shown(given)} is not known; {near(given, CHOICES[key])}"
        case "value_error":
            return str(problem["ctx"]["error"])
    words = LIMITS.get(problem["type"])
    said = words.format(**problem.get("ctx", {})) if words else shown(problem["msg"])
    return f"{shown(key)}: {said}, not {shown(given)}"
