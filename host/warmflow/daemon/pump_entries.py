"""The list of pumps: one entry for each link, for topics and pages. Pure and without counters."""

from collections.abc import Iterable

from pumplink.codes import Fill, Place, Platform, Sensor, spoken
from warmflow.api.payloads import PumpEntry
from warmflow.device.link import PumpLink
from warmflow.device.states import REMEDIES
from warmflow.runtime.utc import utc_text


def roster(links: Iterable[PumpLink]) -> list[PumpEntry]:
    """All pumps, as `bridge/pumps` has them."""
    return [entry(link) for link in links]


def entry(link: PumpLink) -> PumpEntry:
    """What is known of a pump. Fields that its board has not sent yet are null."""
    hello, rig = link.hello, link.rig
    state = link.session.state
    return PumpEntry(
        pump=link.name or None,
        port=link.wanted,
        board_id=hello.board_id.hex() if hello else None,
        status=state.value,
        reason=link.session.detail,
        remedy=REMEDIES[state],
        since=utc_text(link.since),
        platform=spoken(Platform, hello.platform) if hello else None,
        firmware=f"{hello.firmware_major}.{hello.firmware_minor}.{hello.firmware_patch}" if hello else None,
        protocol=f"{hello.protocol_major}.{hello.protocol_minor}" if hello else None,
        profile=rig.profile if rig else None,
        propellant=spoken(Fill, rig.fill) if rig else None,
        place=spoken(Place, rig.place) if rig else None,
        sensor=spoken(Sensor, rig.sensor) if rig else None,
        rate_hz=rig.rate_hz if rig else None,
        speed_x=rig.speed_x if rig else None,
    )
