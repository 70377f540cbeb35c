"""`bridge/info`: version, requests and settings of the daemon. It holds no secret: passwords are left out."""

from typing import Any

from pumplink.schema import PROTOCOL_MAJOR, PROTOCOL_MINOR
from warmflow.api import payloads
from warmflow.api.requests import KINDS as REQUESTS
from warmflow.daemon.config import Settings
from warmflow.daemon.config.keys import KEYS
from warmflow.version import version


def info(settings: Settings, protocol: str, started: str, daemon_id: str = "") -> payloads.Info:
    """The payload of `bridge/info`."""
    return payloads.Info(
        id=daemon_id,
        version=version(),
        protocol=f"{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
        mqtt=protocol,
        since=started,
        commands=settings.mqtt.commands,
        requests=[name for name, kind in REQUESTS.items() if kind.always or settings.mqtt.commands],
        config=public(settings),
        config_schema=type(settings).model_json_schema(),
    )


def public(settings: Settings) -> dict[str, Any]:
    """All settings without what is secret."""
    out: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    for key in KEYS.values():
        if key.secret:
            (out[key.section] if key.section else out).pop(key.name, None)
    return out
