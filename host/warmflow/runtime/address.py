"""Parses the address of a listening socket."""

OFF = "off"  # in place of an address: no socket


def split_address(text: str) -> tuple[str, int]:
    """Host and port. An IPv6 address is written in brackets. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError(f"{text!r}: write address:port, as 127.0.0.1:8080 or [::1]:8080, or off")
    return host, int(port)
