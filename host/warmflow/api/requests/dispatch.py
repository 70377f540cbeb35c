"""The interface through which a sink has requests carried out. The daemon's dispatcher implements it."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from warmflow.device.identity import UNNAMED, PumpName, Unnamed, is_name

Answer = dict[str, Any]
OFF = "commands are off; set commands = true in [mqtt] of the settings, or WARMFLOW_MQTT_COMMANDS=true; then restart"


class Outcome(NamedTuple):
    """What became of a request; `pump` as the request gave it."""

    request: str
    pump: str | None
    status: str  # ok or error
    error: str | None = None


class RequestDone(NamedTuple):
    """Update of the hub: a request that changes something was carried out or refused."""

    outcome: Outcome
    at: datetime

    @property
    def pump(self) -> PumpName | Unnamed:
        """The pump that the request was for, if it was addressed by name and not by board id or port."""
        asked = self.outcome.pump
        return PumpName(asked) if asked and is_name(asked) else UNNAMED


class RequestDispatcher(Protocol):
    """Answers every request and never raises."""

    async def answer(
        self, kind: str, payload: bytes, *, allowed: bool, off: str = OFF, operators: bool = False
    ) -> Answer:
        """`{"status": "ok", "data": ...}` or `{"status": "error", "error": ...}`, with the request's `transaction`.

        allowed: whether this sink may give commands; `off` is the error if not. operators: whether this sink may, even
        then, carry out requests that change no pump (alarms).
        """
        ...

    def refuse(self, kind: str, payload: bytes, error: str) -> Answer:
        """The answer to a request that arrived in an invalid way."""
        ...
