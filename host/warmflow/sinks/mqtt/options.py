"""What the MQTT sink is told by the rest of the daemon: options, who the pumps are, and who answers requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from warmflow.api.payloads import Payload, PumpEntry
from warmflow.api.requests import RequestDispatcher
from warmflow.runtime.wall_clock import Clock, wall_clock


def _nobody() -> list[PumpEntry]:
    return []


def _nothing(protocol: str) -> Payload:
    return Payload()


@dataclass(frozen=True)
class PublisherOptions:
    """The defaults are a sink that publishes records and hears nobody."""

    version: str = ""
    daemon_id: str = ""  # told apart from other daemons by it
    prefix: str = "homeassistant"
    home_assistant: bool = False
    commands: bool = False
    pumps: Callable[[], list[PumpEntry]] = _nobody  # the roster's entries
    info: Callable[[str], Payload] = _nothing  # of `bridge/info`, by MQTT version
    answers: RequestDispatcher | None = None
    requests: Sequence[str] = ()  # their names, for a broker without wildcards
    clock: Clock = wall_clock
