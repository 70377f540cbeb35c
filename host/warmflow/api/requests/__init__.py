"""What people may ask the daemon to do, whoever carries it: MQTT, HTTP, a command line. Knows none of them.

`parse` is pure: bytes in, a checked request or a refusal out. `Answers` carries requests out and always has an answer.
"""

from warmflow.api.requests.parse import Refused, Request, near, parse, shown
from warmflow.api.requests.table import KINDS, Kind
from warmflow.daemon.dispatcher import Answers, NotDone

__all__ = ["KINDS", "Answers", "Kind", "NotDone", "Refused", "Request", "near", "parse", "shown"]
