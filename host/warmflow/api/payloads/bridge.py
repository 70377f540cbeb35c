"""The daemon itself: `bridge/pumps`, `bridge/info`, `bridge/log` and `bridge/response`."""

from typing import Annotated, Any

from warmflow.api.payloads.links import Reason, Remedy, Since, Word
from warmflow.api.payloads.model import Payload, Time, doc
from warmflow.runtime.logs import Entry
from warmflow.runtime.utc import utc_text


class PumpEntry(Payload, frozen=True, kw_only=True):
    """What is known of a pump; what its board has not said yet is `null`."""

    pump: Annotated[str | None, doc("the rig's name; `null` until the board has said it")]
    port: Annotated[str | None, doc("path, USB serial number or URL; `null` for a pump that is not here")]
    board_id: Annotated[str | None, doc("the board; `null` until it has said it")]
    status: Word
    reason: Reason
    remedy: Remedy
    since: Since
    platform: Annotated[str | None, doc("what runs the firmware")]
    firmware: Annotated[str | None, doc("its version")]
    protocol: Annotated[str | None, doc("version of the wire")]
    profile: Annotated[str | None, doc("which pump it is")]
    propellant: Annotated[str | None, doc("its propellant")]
    place: Annotated[str | None, doc("what the probe touches")]
    sensor: Annotated[str | None, doc("which probe")]
    rate_hz: Annotated[int | None, doc("readings a second")]
    speed_x: Annotated[int | None, doc("pump time against board time")]


class ListedPump(PumpEntry, frozen=True, kw_only=True):
    """A pump with its device in Home Assistant."""

    discovery: Annotated[str | None, doc("topic of its Home Assistant device, `null` if there is none")]


class Pumps(Payload, frozen=True, kw_only=True):
    """All pumps."""

    pumps: Annotated[list[ListedPump], doc("a list of pumps")]


class Info(Payload, frozen=True, kw_only=True):
    """What the daemon is, with its settings."""

    id: Annotated[str, doc("of this run of the daemon; another one on this topic is another daemon")]
    version: Annotated[str, doc("of warmflow")]
    protocol: Annotated[str, doc("of the wire to the boards")]
    mqtt: Annotated[str, doc("the MQTT version in use")]
    since: Annotated[str, doc("when the daemon was started")]
    commands: Annotated[bool, doc("whether commands are obeyed")]
    requests: Annotated[list[str], doc("the requests that are answered now")]
    config: Annotated[
        dict[str, Any], doc("all settings, without passwords; empty where the broker takes no such packet")
    ]
    config_schema: Annotated[dict[str, Any], doc("JSON schema of the settings; empty in the same case")]


class LogLine(Payload, frozen=True, kw_only=True):
    """One line of the daemon's log."""

    time: Time
    level: Annotated[str, doc("info, warning, error")]
    area: Annotated[str, doc("which part of the daemon")]
    pump: Annotated[str | None, doc("about which pump, or `null`")]
    text: Annotated[str, doc("the line")]


class Response(Payload, frozen=True, kw_only=True):
    """The answer to a request."""

    status: Annotated[str, doc("ok or error")]
    data: Annotated[
        Any, doc("(ok) what was asked for; of a command `board`, the board's own answer, if it gives one")
    ] = None
    error: Annotated[str | None, doc("(error) why not, with what is allowed, or the board's own words")] = None
    transaction: Annotated[int | float | str | None, doc("(if given) as it came in the request")] = None


def listed(entry: PumpEntry, discovery: str | None) -> ListedPump:
    return ListedPump(**{name: getattr(entry, name) for name in PumpEntry.__struct_fields__}, discovery=discovery)


def log_line(entry: Entry) -> LogLine:
    return LogLine(
        time=utc_text(entry.utc), level=entry.level, area=entry.area, pump=entry.pump or None, text=entry.text
    )
