"""Strict parser of requests. Pure, and never raises: any payload gives a request or a refusal.

`transaction` is returned unchanged, so that clients can match answers to requests. A refusal has it as well if it could
be read.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from warmflow.api.requests.board_commands import CHOICES, Ask
from warmflow.api.requests.table import KINDS
from warmflow.runtime.json_text import BadJson, parse_json
from warmflow.runtime.text import did_you_mean, printable, printable_value
from warmflow.runtime.validation_text import fault_words

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PAYLOAD_MAX_BYTES = 16_384
SHOWN_MAX = 60
TRANSACTION_MAX = 200


class Request(NamedTuple):
    """A valid request: `ask` has the type that KINDS gives for `kind`."""

    kind: str
    ask: Ask
    transaction: str | int | float | bool | None


class Refused(NamedTuple):
    """The error in one line, with the field and what is allowed."""

    error: str
    transaction: str | int | float | bool | None = None


def parse(kind: str, payload: bytes) -> Request | Refused:
    """The request in a payload; an empty payload is a request without fields."""
    if kind not in KINDS:
        return Refused(f"{printable(kind, SHOWN_MAX)}: unknown request; {did_you_mean(kind, sorted(KINDS))}")
    fields = _object(payload)
    if isinstance(fields, str):
        return Refused(fields)
    transaction = fields.pop("transaction", None)
    if isinstance(transaction, (dict, list)) or (isinstance(transaction, str) and len(transaction) > TRANSACTION_MAX):
        return Refused(f"transaction: must be a number or a text of at most {TRANSACTION_MAX} characters")
    try:
        return Request(kind, KINDS[kind].ask.model_validate(fields), transaction)
    except (ValidationError, RecursionError, ValueError) as error:
        problems = error.errors() if isinstance(error, ValidationError) else []
        words = "; ".join(_words(problem, KINDS[kind].ask) for problem in problems[:3])
        return Refused(words or "the fields cannot be read", transaction)


def _object(payload: bytes) -> dict[str, Any] | str:
    """The fields, or the error in the payload."""
    if len(payload) > PAYLOAD_MAX_BYTES:
        return f"{len(payload)} bytes; at most {PAYLOAD_MAX_BYTES} are allowed"
    if not payload.strip():
        return {}
    try:
        value = parse_json(payload)
    except BadJson as error:
        return f"not valid JSON: {printable(str(error), SHOWN_MAX)}"
    return value if isinstance(value, dict) else f"needs a JSON object, not {printable_value(value)}"


def _words(problem: "ErrorDetails", ask: type[Ask]) -> str:
    key = str(problem["loc"][0]) if problem["loc"] else ""
    if problem["type"] == "value_error" and key not in CHOICES:
        return str(problem["ctx"]["error"])  # the message already names its fields
    if problem["type"] == "value_error":
        given = problem["input"]
        return f"{key}: {printable_value(given)} is not known; {did_you_mean(given, CHOICES[key])}"
    words = fault_words(problem, sorted({*ask.model_fields, "transaction"}), noun="field")
    if problem["type"] == "missing":
        words += f": {ask.model_fields[key].description}"
    return f"{printable(key, SHOWN_MAX)}: {words}"
