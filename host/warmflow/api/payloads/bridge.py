"""The daemon itself: `bridge/pumps`, `bridge/info`, `bridge/log` and `bridge/response`."""

from typing import Annotated, Any

from warmflow.api.payloads.links import Reason, Remedy, Since, Word
from warmflow.api.payloads.model import Payload, Time, doc
from warmflow.runtime.logs import Entry
from warmflow.runtime.utc import utc_text


class PumpEntry(Payload, frozen=True, kw_only=True):
    """What is known of a pump. Fields that its board has not sent yet are `null`."""

    pump: Annotated[str | None, doc("the rig's name; `null` until the board has sent it")]
    port: Annotated[str | None, doc("path, USB serial number or URL; `null` for a pump that is not connected")]
    board_id: Annotated[str | None, doc("the board's id; `null` until the board has sent it")]
    status: Word
    reason: Reason
    remedy: Remedy
    since: Since
    platform: Annotated[str | None, doc("platform of the firmware")]
    firmware: Annotated[str | None, doc("version of the firmware")]
    protocol: Annotated[str | None, doc("version of the wire protocol")]
    profile: Annotated[str | None, doc("the pump profile")]
    propellant: Annotated[str | None, doc("its propellant")]
    place: Annotated[str | None, doc("where the probe is")]
    sensor: Annotated[str | None, doc("type of the probe")]
    rate_hz: Annotated[int | None, doc("readings per second")]
    speed_x: Annotated[int | None, doc("pump time against board time")]


class ListedPump(PumpEntry, frozen=True, kw_only=True):
    """A pump with its device in Home Assistant."""

    discovery: Annotated[str | None, doc("topic of its Home Assistant device, `null` if there is none")]


class Pumps(Payload, frozen=True, kw_only=True):
    """All pumps."""

    pumps: Annotated[list[ListedPump], doc("a list of pumps")]


class Info(Payload, frozen=True, kw_only=True):
    """The daemon and its settings."""

    id: Annotated[str, doc("id of this run of the daemon; another id on this topic means another daemon")]
    version: Annotated[str, doc("version of warmflow")]
    protocol: Annotated[str, doc("version of the wire protocol")]
    mqtt: Annotated[str, doc("the MQTT version in use")]
    since: Annotated[str, doc("when the daemon was started")]
    commands: Annotated[bool, doc("whether commands are allowed")]
    requests: Annotated[list[str], doc("the requests that are carried out now")]
    config: Annotated[
        dict[str, Any], doc("all settings, without passwords; empty if the packet would be too large for the broker")
    ]
    config_schema: Annotated[dict[str, Any], doc("JSON schema of the settings; empty in the same case")]


class LogLine(Payload, frozen=True, kw_only=True):
    """One line of the daemon's log."""

    time: Time
    level: Annotated[str, doc("info, warning, error")]
    area: Annotated[str, doc("part of the daemon")]
    pump: Annotated[str | None, doc("the pump concerned, or `null`")]
    text: Annotated[str, doc("the line")]


class Response(Payload, frozen=True, kw_only=True):
    """The answer to a request."""

    status: Annotated[str, doc("ok or error")]
    data: Annotated[Any, doc("(ok) the result; for a command, `board` is the board's answer if there is one")] = None
    error: Annotated[str | None, doc("(error) the reason and what is allowed, or the board's error text")] = None
    transaction: Annotated[int | float | str | None, doc("(if given) unchanged from the request")] = None


def listed(entry: PumpEntry, discovery: str | None) -> ListedPump:
    return ListedPump(**{name: getattr(entry, name) for name in PumpEntry.__struct_fields__}, discovery=discovery)


def log_line(entry: Entry) -> LogLine:
    return LogLine(
        time=utc_text(entry.utc), level=entry.level, area=entry.area, pump=entry.pump or None, text=entry.text
    )
