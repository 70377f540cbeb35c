"""Where a broker is: `mqtt://host:port` or `mqtts://user:password@host`, read strictly.

It opens no connection and resolves no name.
"""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from warmflow.sinks.mqtt.broker.errors import BrokerError

DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}
ALLOWED = "mqtt://host:port, or mqtts://host:port for TLS"


@dataclass(frozen=True)
class Address:
    """A broker's address. The password stays out of `url` and of the repr: both end up in logs."""

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def tls(self) -> bool:
        return self.scheme == "mqtts"


def parse_url(url: str) -> Address:
    """Read a broker URL; the port defaults to 1883, with TLS 8883.

    Raises: BrokerError, which never repeats a password.
    """
    text = url.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        remedy = f"write mqtt://{text}" if text and "@" not in text else f"write {ALLOWED}"
        raise BrokerError(f"broker URL {_shown(text)!r} has no scheme: {remedy}")
    if scheme.lower() not in DEFAULT_PORTS:
        raise BrokerError(f"broker URL {_shown(text)!r}: scheme {scheme!r} is not known, allowed are {ALLOWED}")
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port
    except ValueError:  # its own text may quote the password
        raise BrokerError(f"broker URL {_shown(text)!r} has no valid host and port; write {ALLOWED}") from None
    if fault := _fault(rest, parts, port):
        raise BrokerError(f"broker URL {_shown(text)!r} {fault}; write {ALLOWED}")
    return Address(
        scheme=scheme.lower(),
        host=parts.hostname or "",
        port=DEFAULT_PORTS[scheme.lower()] if port is None else port,
        username=_decoded(parts.username),
        password=_decoded(parts.password),
    )


def _fault(rest: str, parts: SplitResult, port: int | None) -> str | None:
    faults = {
        "names no host": not parts.hostname,
        "has port 0": port == 0,
        # urlsplit would drop tabs and line feeds without a word
        "has a blank or a control character in it": not rest.isprintable() or " " in rest,
        "has something after the port": parts.path not in ("", "/") or bool(parts.query or parts.fragment),
    }
    return next((fault for fault, found in faults.items() if found), None)


def _decoded(part: str | None) -> str | None:
    return None if part is None else unquote(part)


def _shown(text: str) -> str:
    """The URL without credentials; an `@` in a password must not leave half of it behind."""
    scheme, separator, rest = text.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else text.rpartition("@")[2]
