"""Messages to the service manager: `READY=1`, `WATCHDOG=1`, `STATUS=...` to the socket given by systemd.

No package is used: the protocol is one datagram, and the packages for it are unmaintained. Without systemd nothing is
sent, and a failure here never affects the daemon. Ref: sd_notify(3), sd_watchdog_enabled(3).
"""

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

Notify = Callable[[str], None]


def notifier(environment: Mapping[str, str]) -> Notify:
    """Sends `NAME=value` lines to NOTIFY_SOCKET; does nothing where there is none."""
    path = environment.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return lambda words: None
    address = "\0" + path[1:] if path.startswith("@") else path

    def notify(words: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)  # a manager that does not read must not stop the loop
            out.sendto(words.encode(), address)

    return notify


def watchdog_s(environment: Mapping[str, str], pid: int | None = None) -> float | None:
    """How often to send WATCHDOG=1: a third of what the manager allows; None if the manager does not expect it."""
    try:
        allowed_us = int(environment.get("WATCHDOG_USEC", "0"))
        watched = int(environment.get("WATCHDOG_PID", "0"))
    except ValueError:
        return None
    if allowed_us <= 0 or watched not in (0, pid or os.getpid()):
        return None
    return allowed_us / 3e6
