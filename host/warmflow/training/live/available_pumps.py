"""Which pumps can play a lesson, and how: a board, a virtual Pico, or a person with the probe of either."""

from collections.abc import Iterable

from pumplink.codes import Platform, Sensor
from warmflow.device.link import PumpLink
from warmflow.device.states import LinkState
from warmflow.training.live import FIRST

REAL = (Platform.RP2040, Platform.RP2350)
VIRTUAL = (Platform.UNIX, Platform.CPYTHON)
PROBES = (Sensor.DS18B20, Sensor.TMP117, Sensor.NTC)  # the die's own is too coarse, and in nobody's hand


def possible(links: Iterable[PumpLink]) -> dict[str, list[PumpLink]]:
    """The pumps that are there and answer, by the way in which they can play; the best first."""
    there = [link for link in links if link.session.state is LinkState.OK and link.hello and link.rig]
    there.sort(key=lambda link: (link.name != FIRST, link.name))
    return {
        "probe": [link for link in there if link.rig and link.rig.sensor in PROBES],
        "board": [link for link in there if link.hello and link.hello.platform in REAL],
        "virtual": [link for link in there if link.hello and link.hello.platform in VIRTUAL],
    }
