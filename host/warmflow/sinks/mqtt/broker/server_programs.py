"""How each broker program is found, configured and called: texts and command lines, nothing is started here.

Both listen on 127.0.0.1 only and let anybody on this computer in. The figures are measured choices, not defaults; the
reason stands beside each.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from warmflow.sinks.mqtt.broker.errors import BrokerError
from warmflow.sinks.mqtt.broker.reachability import LOOPBACK

# Debian and Homebrew install mosquitto where the PATH of an ordinary user does not look.
SBIN_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")

INSTALL = {
    "linux": "Install one: sudo apt install mosquitto, or the package manager of your system",
    "darwin": "Install one: brew install mosquitto",
    "win32": "Install one: winget install EclipseFoundation.Mosquitto",
}

Find = Callable[[], str | None]


@dataclass(frozen=True)
class Recipe:
    """One broker program, ready to be started: `argv` is to be followed by the path of the configuration file."""

    kind: Literal["mosquitto", "iotcore"]
    argv: tuple[str, ...]
    config_name: str
    write_config: Callable[[int, Path | None], str]


def find_mosquitto(search_path: str | None = None) -> str | None:
    """The mosquitto program on `search_path` (default: PATH, then the usual sbin folders), or None."""
    if search_path is None:
        search_path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SBIN_FOLDERS])
    return shutil.which("mosquitto", path=search_path)


def find_iotcore() -> str | None:
    """The Python that can run iotcore: this one, or None where the package is missing."""
    return sys.executable if importlib.util.find_spec("iotcore") else None


def choose(find_mosquitto: Find = find_mosquitto, find_iotcore: Find = find_iotcore) -> Recipe:
    """mosquitto if it is installed, because it passes all our tests, else iotcore. Raises BrokerError if neither is
    installed.
    """
    if program := find_mosquitto():
        return Recipe("mosquitto", (program, "-c"), "mosquitto.conf", mosquitto_config)
    if python := find_iotcore():
        # -P: a folder named iotcore where the user happens to be must not shadow the package. CRITICAL: below that it
        # logs every packet.
        argv = (python, "-P", "-m", "iotcore", "--log-level", "CRITICAL", "--config")
        return Recipe("iotcore", argv, "iotcore.toml", iotcore_config)
    raise BrokerError(
        "no MQTT broker: there is no mosquitto on PATH, and the Python package iotcore is not installed (it has no "
        f"wheel for every machine). {INSTALL.get(sys.platform, INSTALL['linux'])}; or name a broker that runs "
        "elsewhere: --broker mqtt://host:port"
    )


def choose_embedded() -> Recipe:
    """iotcore, even where mosquitto is installed. Raises: BrokerError when it is missing."""
    return choose(find_mosquitto=lambda: None)


def mosquitto_config(port: int, state_dir: Path | None, *, as_root: bool | None = None) -> str:
    """The configuration file. With `state_dir` retained messages and sessions outlive the broker, else nothing does.

    as_root: default: whether we are root.
    Raises: BrokerError for a folder whose name cannot stand in such a file.
    """
    lines = [
        f"listener {port} {LOOPBACK}",
        "allow_anonymous true",
        "set_tcp_nodelay true",  # without it the first messages of a connection wait 40 ms
        "max_queued_messages 0",  # no limit: the default of 1000 drops acknowledged QoS 1 messages without a word
        "log_dest stderr",
        "log_timestamp false",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
        f"persistence {'true' if state_dir else 'false'}",
    ]
    if state_dir:
        location = str(state_dir.absolute())
        if not location.isprintable() or location != location.strip():
            raise BrokerError(
                f"broker state folder {location!r}: mosquitto does not support this name; choose another folder"
            )
        lines += [f"persistence_location {location}/", "autosave_interval 300"]  # default: a power cut costs 30 minutes
    if os.geteuid() == 0 if as_root is None else as_root:
        # Started by root it would become the user `mosquitto`, who may not exist and cannot write our state folder.
        lines.append("user root")
    return "\n".join(lines) + "\n"


def iotcore_config(port: int, _state_dir: Path | None) -> str:
    """The TOML of rumqttd, which is what iotcore runs. It keeps nothing on disk, so a state folder has no use here.

    Its log of messages takes up to size x count of memory for each subscribed filter and is never trimmed before: the
    default of 1 GB looks like a leak. A subscriber that falls behind by more than that misses messages silently.
    MQTT 5 would need a listener of its own, and two listeners share a fault: clients that come and go on both get each
    other's connections closed, until one listener panics and accepts nobody (rumqttd 0.20, seen within 5 s).
    """
    return IOTCORE_TOML.format(host=LOOPBACK, port=port)


IOTCORE_TOML = """\
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 2000  # also the most retained messages that a QoS 0 subscription gets: 200 by default
max_segment_size = 2097152
max_segment_count = 4
[v4.1]
name = "v4"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 10000
max_payload_size = 1048576  # a larger message closes the connection; 20480 by default
max_inflight_count = 100
dynamic_filters = true
"""
