"""A backlog gets its times from a clock that is known. A host that has just started reads the first answers late, and
by as much it would take its backlog for younger than it is: that was a hole in the plot after a restart.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pumplink import messages as m
from pumplink.fastcodec import DECODERS, ENCODERS
from pumplink.framing import frame, unline
from warmflow.device.host_clock import Stamp
from warmflow.device.link import PumpLink
from warmflow.device.updates import Reading, Update
from warmflow.hub import Hub

pytestmark = pytest.mark.time

WALL_S = 1_790_000_000.0  # of the host, when its steady clock says 0
BOOTED_S = 51.0  # of the steady clock, when the board's uptime was 0


class Bench:
    """A link whose port and clock are in the test's hands."""

    path = "nowhere"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_is_s = 100.0
        self.got: list[Update] = []
        hub = Hub()
        hub.add(self)  # type: ignore[arg-type]
        self.link = PumpLink("nowhere", hub.publish, lambda line: None, now=self.stamp)
        self.lines: list[bytes] = []
        monkeypatch.setattr(self.link.wire, "post", self.lines.append)
        self.link.wire.begin(self)  # type: ignore[arg-type]

    def on_update(self, update: Update) -> None:
        self.got.append(update)

    def stamp(self) -> Stamp:
        return Stamp(self.now_is_s, WALL_S + self.now_is_s)

    def now_s(self) -> float:
        return self.now_is_s

    def hears(self, message: m.Message) -> None:
        self.link.wire.receive(frame(ENCODERS[type(message)](message)))

    def ticks(self) -> None:
        self.link.wire.look()

    def said(self) -> Iterator[m.Message]:
        lines, self.lines[:] = self.lines[:], []
        for line in lines:
            payload, _ = unline(line.strip(b"\n"))
            assert payload
            yield DECODERS[payload[0]](payload)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def hello(uptime_ms: int) -> m.Hello:
    return m.Hello(
        *(
            m.PROTOCOL_MAJOR,
            0,
            0,
            1,
            0,
            1,
            b"\x01" * 8,
            3,
            7,
            uptime_ms,
            uptime_ms,
            100_000,
            1,
            4,
            "rig",
            "r11",
            0,
            48_880,
            30_000_000,
        ),
        *(300_000, 0, 12_400, 101_325, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, None),
    )


def backlog(sequence: int, uptime_ms: int) -> m.Telemetry:
    return m.Telemetry(1, sequence, uptime_ms, uptime_ms, 34_000, 0, None, 48_880, 5, 0)


def kinds(messages: Iterator[m.Message]) -> list[str]:
    return [type(each).__name__ for each in messages]


def test_the_backlog_is_asked_for_when_the_clock_is_known_and_gets_its_own_times(bench: Bench) -> None:
    bench.now_is_s = 103.0
    bench.hears(hello(50_000))  # sent at 101.0, and read two seconds late
    said = list(bench.said())
    assert kinds(iter(said)) == ["HelloRequest", "Ping"]
    bench.now_is_s = 103.02
    bench.hears(m.Ack(said[-1].request_id, 0, 52_010, ""))  # type: ignore[union-attr]
    assert kinds(bench.said()) == ["ResendFrom", "RequestSummaries"]
    bench.now_is_s = 104.0
    bench.hears(backlog(1, 48_000))
    [record] = [each for each in bench.got if isinstance(each, Reading)]
    true = datetime.fromtimestamp(WALL_S + BOOTED_S + 48, UTC)
    assert abs((record.utc - true).total_seconds()) < 0.02


def test_an_answer_that_was_read_late_is_asked_for_again_first(bench: Bench) -> None:
    bench.now_is_s = 103.0
    bench.hears(hello(50_000))
    [question] = [each for each in bench.said() if isinstance(each, m.Ping)]
    bench.now_is_s = 103.7
    bench.hears(m.Ack(question.request_id, 0, 52_010, ""))
    assert kinds(bench.said()) == []  # 0.35 s: not good enough
    bench.ticks()
    [question] = [each for each in bench.said() if isinstance(each, m.Ping)]
    bench.now_is_s = 103.71
    bench.hears(m.Ack(question.request_id, 0, 52_705, ""))
    assert kinds(bench.said()) == ["ResendFrom", "RequestSummaries"]


def test_a_board_that_never_tells_the_time_is_asked_for_its_backlog_all_the_same(bench: Bench) -> None:
    bench.hears(hello(50_000))
    assert "ResendFrom" not in kinds(bench.said())
    bench.now_is_s += 2.1
    bench.ticks()
    assert "ResendFrom" in kinds(bench.said())
