"""The socket of the web server, bound before anything else starts, so that a port in use is reported at once. The
default address moves to the next free port. An address from the settings is used or refused.
"""

import errno
import ipaddress
import socket
from collections.abc import Iterator

from warmflow.errors import UserError
from warmflow.runtime.address import OFF, split_address

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8080
NEXT_PORTS = 20


class ListenError(UserError):
    """The web server cannot have its address; the text names it and what to set."""


def bound(listen: str | None) -> socket.socket | None:
    """A socket that listens; None for "off". `listen`: None for the default, whose port may move.

    Raises: ListenError.
    """
    if listen == OFF:
        return None
    if listen is not None:
        return _bound(*split_address(listen))
    for port in _default_ports():
        try:
            return _bound(DEFAULT_HOST, port)
        except ListenError as error:
            if port == 0:
                raise
            last = error
    raise last


def url(sock: socket.socket, tls: bool = False) -> str:
    """What to type into a browser."""
    host, port = sock.getsockname()[:2]
    shown = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
    return f"http{'s' * tls}://" + (f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}")


def is_loopback(sock: socket.socket) -> bool:
    """True if only this computer can come in."""
    return ipaddress.ip_address(sock.getsockname()[0]).is_loopback


def _default_ports() -> Iterator[int]:
    yield from range(DEFAULT_PORT, DEFAULT_PORT + NEXT_PORTS)
    yield 0


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise ListenError(f"http.listen: {host}: no such address ({error}); 127.0.0.1 is this computer") from None
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(128)
    except OSError as error:
        sock.close()
        remedy = {
            errno.EADDRINUSE: f"another program listens there: set another port, {OFF}, or nothing for the next free",
            errno.EACCES: "ports below 1024 are for root: set one above",
            errno.EADDRNOTAVAIL: "that is not an address of this computer; 127.0.0.1 and 0.0.0.0 always are",
        }.get(error.errno or 0, "set another address")
        raise ListenError(f"http.listen {host}:{port}: {error.strerror}; {remedy}") from None
    return sock
