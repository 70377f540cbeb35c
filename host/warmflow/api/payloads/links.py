"""Links and devices: `status`, `bridge/link` and `availability`, and their changes on `bridge/event`."""

from datetime import datetime
from typing import Annotated, Any

from warmflow.alarms.engine import AlarmChange
from warmflow.api.payloads.model import Payload, composed, doc
from warmflow.api.requests.dispatch import Outcome
from warmflow.device.states import DEVICE_OK, REMEDIES, DeviceState, LinkState
from warmflow.device.updates import ClockChanged, Reading
from warmflow.device.updates import LinkStatus as LinkUpdate
from warmflow.runtime.utc import utc_text

Word = Annotated[str, doc("the state, see the tables of states")]
Reason = Annotated[str, doc("the reason, as far as it is known")]
Remedy = Annotated[str, doc("what to do")]
Since = Annotated[str, doc("start of this state, UTC")]
Port = Annotated[str | None, doc("path, USB serial number or URL")]
RigName = Annotated[str | None, doc("the rig's name; `null` if no pump is concerned")]
Kind = Annotated[str, doc("link, device, request, connected, clock or alarm_gap")]
When = Annotated[str, doc("when")]


class Status(Payload, frozen=True, kw_only=True):
    """The states of link and device, and the one that matters: the link's, or the device's if the link is ok."""

    status: Word
    reason: Reason
    remedy: Remedy
    since: Since
    link: Annotated[str, doc("state of the link alone")]
    link_since: Annotated[str, doc("start of that state, UTC")]
    device: Annotated[str | None, doc("state of the device alone; `null` if it is unknown")]
    device_since: Annotated[str | None, doc("start of that state, UTC")]
    port: Port


class LinkStatus(Payload, frozen=True, kw_only=True):
    """Status of a port whose board is not identified yet."""

    port: Port
    status: Word
    reason: Reason
    remedy: Remedy
    since: Since


LinkEvent = composed("LinkEvent", "A link or a device has changed.", ("event", Kind), ("pump", RigName), LinkStatus)


class RequestEvent(Payload, frozen=True, kw_only=True):
    """A request was carried out, or was not."""

    event: Kind
    time: When
    request: Annotated[str, doc("its kind")]
    pump: RigName
    status: Annotated[str, doc("ok or error")]
    error: Annotated[str | None, doc("(error) why it was not carried out")] = None


class ConnectedEvent(Payload, frozen=True, kw_only=True):
    """The daemon has connected to the broker."""

    event: Kind
    time: When
    connects: Annotated[int, doc("connections since the daemon was started")]
    mqtt: Annotated[str, doc("the MQTT version in use")]


class ClockEvent(Payload, frozen=True, kw_only=True):
    """The date of the daemon's computer was changed, and the times of earlier records were corrected."""

    event: Kind
    time: When
    change: Annotated[str, doc("stepped or slewed")]
    moved_s: Annotated[float, doc("by how many seconds; above 0: forward")]


class LimitEvent(Payload, frozen=True, kw_only=True):
    """A limit of a pump, or of all pumps, was changed."""

    event: Kind
    time: When
    pump: Annotated[str, doc("the pump, or `all pumps`")]
    text: Annotated[str, doc("which limit, from what to what")]
    by: Annotated[str | None, doc("who changed it")]


class AlarmGapEvent(Payload, frozen=True, kw_only=True):
    """Events of a pump's alarms were not published: too many waited for the broker."""

    event: Kind
    time: When
    pump: RigName
    left_out: Annotated[int, doc("so many; the request `alarm_history` has them")]
    last: Annotated[str, doc("when the last of them happened, UTC; `time` is that of the first")]


def status(link: LinkUpdate, device: DeviceState, device_since: datetime | None, known: bool) -> Status:
    """`known`: whether the device's state is known from readings."""
    link_first = link.state is not LinkState.OK or device is DEVICE_OK or device_since is None
    return Status(
        status=link.state.value if link_first else device.word,
        reason=link.detail if link_first else device.reason,
        remedy=REMEDIES[link.state] if link_first else device.remedy,
        since=utc_text(link.since if link_first or device_since is None else device_since),
        link=link.state.value,
        link_since=utc_text(link.since),
        device=device.word if known else None,
        device_since=utc_text(device_since) if device_since else None,
        port=link.port or None,
    )


def link_status(link: LinkUpdate) -> LinkStatus:
    return LinkStatus(**_of_link(link))


def absent(now: datetime) -> Status:
    """Status of a pump that the broker knows from an earlier run and that has no board here."""
    link = LinkUpdate(
        "", LinkState.NOT_FOUND, "no board with this name has been connected since the daemon was started", now
    )
    return status(link, DEVICE_OK, None, False)


def link_event(link: LinkUpdate) -> Payload:
    """A `LinkEvent`."""
    return LinkEvent(event="link", pump=link.pump or None, **_of_link(link))


def device_event(reading: Reading, state: DeviceState) -> Payload:
    """A `LinkEvent`, of the device."""
    return LinkEvent(
        event="device",
        pump=reading.pump,
        port=None,
        status=state.word,
        reason=state.reason,
        remedy=state.remedy,
        since=utc_text(reading.utc),
    )


def connected_event(connects: int, protocol: str, at: datetime) -> ConnectedEvent:
    return ConnectedEvent(event="connected", time=utc_text(at), connects=connects, mqtt=protocol)


def clock_event(update: ClockChanged) -> ClockEvent:
    return ClockEvent(event="clock", time=utc_text(update.utc), change=update.kind, moved_s=round(update.by_s, 3))


def limit_event(change: AlarmChange) -> LimitEvent:
    held = change.held
    return LimitEvent(event="limit", time=utc_text(change.at), pump=held.pump, text=held.condition.text, by=change.by)


def alarm_gap_event(pump: str, left_out: int, first: datetime, last: datetime) -> AlarmGapEvent:
    return AlarmGapEvent(event="alarm_gap", time=utc_text(first), pump=pump, left_out=left_out, last=utc_text(last))


def request_event(outcome: Outcome, at: datetime) -> RequestEvent:
    return RequestEvent(event="request", time=utc_text(at), **outcome._asdict())


def availability(state: LinkState) -> bytes:
    return b"online" if state in (LinkState.OK, LinkState.CRC_STORM) else b"offline"


def _of_link(link: LinkUpdate) -> dict[str, Any]:
    return {
        "port": link.port or None,
        "status": link.state.value,
        "reason": link.detail,
        "remedy": REMEDIES[link.state],
        "since": utc_text(link.since),
    }
