"""What a payload says, read strictly into typed values.

A missing field is None; a field of a wrong kind makes the whole payload bad.
Text of strangers ends up on a terminal: control characters are taken out and lengths are bounded.
"""

import json
import math
from typing import Any, NamedTuple, TypeVar

TEXT_MAX = 200
PAYLOAD_MAX_BYTES = 65_536
NUMBER = float | None


class BadPayload(ValueError):
    """A payload that is not what its topic promises; the text says what is wrong."""


class State(NamedTuple):
    """`state`: what was measured and what the daemon found. Names and units as in the payload."""

    time: str | None
    probe_c: float | None
    probe: str | None
    flow_ul_h: float | None
    flow_ml_day: float | None
    deviation_percent: float | None
    explained_by_probe_percent: float | None
    reference_flow_ul_h: float | None
    level: str | None
    cause: str | None
    reservoir_ml: float | None
    days_left: float | None
    no_flags_because: str | None
    delivered_ml: float | None
    pump_time_s: float | None
    speed_x: float | None
    boot: str | None


class Truth(NamedTuple):
    """`truth`: what the emulator computed."""

    pump_time_s: float | None
    skin_c: float | None
    core_c: float | None
    pump_c: float | None
    fault: str | None


class Alarm(NamedTuple):
    """`alarm`: the rate flag."""

    time: str | None
    level: str | None
    cause: str | None
    pump_time_s: float | None
    deviation_percent: float | None
    explained_by_probe_percent: float | None


class Standing(NamedTuple):
    """`alarm`: how any alarm stands."""

    state: str | None
    priority: str | None
    title: str | None
    text: str | None
    cause: str | None
    since: str | None
    acknowledged_by: str | None


class Answer(NamedTuple):
    """`bridge/response`: the answer to a request."""

    transaction: str | None
    status: str | None
    error: str | None


class LinkStatus(NamedTuple):
    """`status`: link and device, with the reason."""

    status: str | None
    reason: str | None
    since: str | None
    link: str | None

    @property
    def road(self) -> str | None:
        """The link alone; where the daemon does not tell it apart, what it says of both."""
        return self.link if self.link is not None else self.status

    @property
    def words(self) -> str:
        """What is meant: the link, or the device behind a link that is well."""
        of_device = self.link is not None and self.status != self.link
        return f"{'device' if of_device else 'link'} {self.status or 'unknown'}"


class BoardEvent(NamedTuple):
    """`event`: what happened on the board."""

    boot: str | None
    sequence: float | None
    time: str | None
    pump_time_ms: float | None
    event: str | None
    text: str | None


class Gap(NamedTuple):
    """`gap`: readings that will never come."""

    boot: str | None
    first_sequence: float | None
    last_sequence: float | None
    reason: str | None


Payload = TypeVar("Payload", State, Truth, Alarm, Standing, Answer, LinkStatus, BoardEvent, Gap)


def read(kind: type[Payload], payload: bytes) -> Payload:
    """A JSON object as `kind`; fields that it does not know are left alone. Raises: BadPayload."""
    value = _object(payload)
    hints = kind.__annotations__
    fields: Any = {name: (_number if hints[name] == NUMBER else _text)(value, name) for name in kind._fields}
    return kind(**fields)


def commands_of(payload: bytes) -> bool:
    """Whether the daemon says in `bridge/info` that it obeys commands over MQTT. Raises: BadPayload."""
    return _object(payload).get("commands") is True


def word(payload: bytes) -> str:
    """A payload that is one bare word, like `online`."""
    return plain(payload[:TEXT_MAX].decode(errors="replace"))


def plain(text: str) -> str:
    """One line that can not move a terminal's cursor, at most TEXT_MAX characters."""
    return "".join(char if char.isprintable() else " " for char in text[:TEXT_MAX]).strip()


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > PAYLOAD_MAX_BYTES:
        raise BadPayload(f"{len(payload)} bytes, allowed are {PAYLOAD_MAX_BYTES}")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadPayload(f"no JSON: {plain(str(error))}") from None
    if not isinstance(value, dict):
        raise BadPayload(f"a JSON {type(value).__name__}, not an object")
    return value


def _number(fields: dict[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadPayload(f"{name} is no number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadPayload(f"{name} is not finite")
    return number


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise BadPayload(f"{name} is no text")
    return None if value is None else plain(value)
