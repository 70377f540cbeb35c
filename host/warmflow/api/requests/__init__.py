"""The requests to the daemon, independent of the sink that brings them (MQTT, HTTP, the command line).

`parse` is pure: bytes in, a checked request or a refusal out. `RequestDispatcher` is the interface to carry
them out.
"""

from warmflow.api.requests.dispatch import Outcome, RequestDispatcher, RequestDone
from warmflow.api.requests.errors import NotDone
from warmflow.api.requests.parse import Refused, Request, parse
from warmflow.api.requests.table import KINDS, Kind

__all__ = [
    "KINDS",
    "Kind",
    "NotDone",
    "Outcome",
    "Refused",
    "Request",
    "RequestDispatcher",
    "RequestDone",
    "parse",
]
