"""How many connections the web server takes, and how long each may last. One table, for all that is decided by it."""

import resource
from typing import NamedTuple

REQUEST_S = 10.0  # from the connection, or from a request's first byte, to its last byte: a stranger may not dawdle
ANSWER_S = 120.0  # from there to the end of its answer: a training board may take a minute to be prepared
TLS_HANDSHAKE_S = 5.0
HEADER_BYTES = 16_384  # of a request, its first line included
HEADERS_MAX = 100  # a browser sends 15, a proxy adds some
MESSAGE_BYTES = 16_384  # of a WebSocket message
PAGE_BYTES, PAGE_BYTES_S = (
    16_384,
    2_048,
)  # what a page may send at once, and a second: a page sends 50 bytes now and then
HTTP_MAX, WEBSOCKET_MAX = 256, 128
NO_LIMIT_FILES = 65_536  # what "unlimited" counts as


class Limits(NamedTuple):
    """Places for connections; of each kind one address holds half at most."""

    http: int
    websockets: int

    @property
    def in_flight(self) -> int:
        """Requests that are answered at a time. The other places stay for whoever asks after `/health`."""
        return max(1, self.http // 2)


def limits_for(files: int) -> Limits:
    """Of the file descriptors that the process may have, five eighths are kept for journal, ports and broker."""
    return Limits(max(2, min(HTTP_MAX, files // 4)), max(2, min(WEBSOCKET_MAX, files // 8)))


def limits_here() -> Limits:
    """For this process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limits_for(NO_LIMIT_FILES if soft == resource.RLIM_INFINITY else soft)
