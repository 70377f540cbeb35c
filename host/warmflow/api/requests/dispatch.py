"""Who carries requests out: what a sink needs to know of it. The daemon's dispatcher is the one implementation."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from warmflow.device.identity import UNNAMED, PumpName, Unnamed, is_name

Answer = dict[str, Any]
OFF = "commands are off: set commands = true in [mqtt] of the settings, or WARMFLOW_MQTT_COMMANDS=true, and start again"


class RequestDone(NamedTuple):
    """A request that was more than a question was carried out or refused: an update of the hub."""

    outcome: dict[str, Any]  # request, pump or None, status, error
    at: datetime

    @property
    def pump(self) -> PumpName | Unnamed:
        """The pump that it was for, if it was called by its name: a board's id or a port is no name."""
        asked = self.outcome["pump"]
        return PumpName(asked) if isinstance(asked, str) and is_name(asked) else UNNAMED


class RequestDispatcher(Protocol):
    """Answers every request; it neither raises nor stays silent."""

    async def answer(
        self, kind: str, payload: bytes, *, allowed: bool, off: str = OFF, operators: bool = False
    ) -> Answer:
        """`{"status": "ok", "data": ...}` or `{"status": "error", "error": ...}`, with the `transaction` that came.

        allowed: whether commands may be given on this way; `off` is the error if not. operators: whether, without
        that, requests that move no pump may be carried out (alarms).
        """
        ...

    def refuse(self, kind: str, payload: bytes, error: str) -> Answer:
        """The answer to a request that came in a wrong way."""
        ...
