"""What people may ask the daemon to do, whoever carries it: MQTT, HTTP, a command line. Knows none of them.

`parse` is pure: bytes in, a checked request or a refusal out. Who carries them out is a protocol here.
"""

from warmflow.api.requests.dispatch import RequestDispatcher, RequestDone
from warmflow.api.requests.errors import NotDone
from warmflow.api.requests.parse import Refused, Request, parse
from warmflow.api.requests.table import KINDS, Kind

__all__ = [
    "KINDS",
    "Kind",
    "NotDone",
    "Refused",
    "Request",
    "RequestDispatcher",
    "RequestDone",
    "near",
    "parse",
    "shown",
]
