"""A board whose frames are good and whose fields are nonsense disturbs nobody: found by fuzzing, each pinned here."""

from types import SimpleNamespace

import pytest
from wire import golden

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from pumplink.framing import frame
from warmflow.device.host_clock import stamp
from warmflow.device.link import PumpLink
from warmflow.device.updates import Reading, Update
from warmflow.hub import Hub

GOLDEN = {type(vector.message): vector.message for vector in reversed(list(golden()))}
HELLO, READING = GOLDEN[m.Hello], GOLDEN[m.Telemetry]._replace(sequence=1, backlog=0)


class Got:
    def __init__(self) -> None:
        self.updates: list[Update] = []

    def on_update(self, update: Update) -> None:
        self.updates.append(update)


def readings(*said: m.Message) -> tuple[list[Reading], list[str]]:
    """What comes of these frames, and what was logged."""
    hub, got, log = Hub(), Got(), []
    hub.add(got)
    link = PumpLink("port", hub.publish, log.append)
    link.wire.begin(SimpleNamespace(path="port", stamp=stamp, now_s=lambda: stamp().steady_s))
    link.wire.receive(b"".join(frame(ENCODERS[type(message)](message)) for message in said))
    return [update for update in got.updates if isinstance(update, Reading)], log


def test_a_rig_that_no_model_fits_is_relayed_and_said_not_to_be_monitored() -> None:
    found, log = readings(HELLO._replace(profile="no such pump"), READING)
    assert [(reading.message, reading.finding) for reading in found] == [(READING, None)]
    assert [line for line in log if "not monitored" in line and "no such pump" in line]


@pytest.mark.parametrize("uptime_ms", [0, 1 << 62, (1 << 64) - 1])
def test_an_uptime_that_no_board_has_is_a_time_all_the_same(uptime_ms: int) -> None:
    found, _ = readings(HELLO, READING._replace(uptime_ms=uptime_ms))
    assert found[0].utc.year in range(1970, 10_000)
