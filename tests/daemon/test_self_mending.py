"""What breaks inside the daemon is mended or told: a port, its writer, the list of ports, a task, an update."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mqtt_bench import NOW, Bench
from wait import wait_until

from warmflow.daemon import metrics
from warmflow.daemon.config import BrokerSettings, HttpSettings, JournalSettings, Settings
from warmflow.daemon.loop_lag import LoopLag
from warmflow.daemon.service import service
from warmflow.device.host_clock import stamp
from warmflow.device.link import PumpLink, fleet, port_supervisor
from warmflow.device.session import NoMemory
from warmflow.device.states import LinkState
from warmflow.device.transport.serial_port import PortError
from warmflow.device.updates import LinkStatus
from warmflow.hub import Hub
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.web.live_feed import LiveFeed

NOBODY = Broker("mqtt://127.0.0.1:1", "configured", "127.0.0.1", 1)


class Port:
    """One that opens, and then does what `opened` and `written` make of it."""

    ended, mark, path = False, "", "/dev/x"
    stamp, now_s = staticmethod(stamp), staticmethod(lambda: 0.0)

    def __init__(self, opened: Callable[[Callable[[str], None]], None] = lambda lost: None) -> None:
        self.openings = 0
        self._opened = opened

    async def open(self, on_bytes: object, on_lost: Callable[[str], None]) -> "Port":
        self.openings += 1
        self._opened(on_lost)
        return self

    async def write(self, data: bytes) -> None:
        raise RuntimeError("a bug")

    async def close(self) -> None:
        pass


def fails(on_lost: Callable[[str], None]) -> None:
    asyncio.get_running_loop().call_soon(on_lost, "hung up")


def refuses(on_lost: Callable[[str], None]) -> None:
    raise PortError(LinkState.BUSY, "taken")


async def attempts(port: Port, monkeypatch: pytest.MonkeyPatch, number: int = 5) -> list[int]:
    """Numbers of the attempts after which a link paused."""
    counted: list[int] = []
    monkeypatch.setattr(port_supervisor, "TICK_S", 0.01)
    monkeypatch.setattr(port_supervisor, "pause_s", lambda attempt, *limits: counted.append(attempt) or 0.0)

    pump = PumpLink("/dev/x", Hub().publish, lambda line: None)
    pump.wire.source = port  # type: ignore[assignment]
    running = asyncio.create_task(pump.run())
    await wait_until(lambda: len(counted) >= number)
    await end(running)
    return counted[:number]


@pytest.mark.parametrize("opened", [fails, refuses])
async def test_pauses_grow_for_a_port_that_fails_at_once_whether_or_not_it_opens(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await attempts(Port(opened), monkeypatch) == [1, 2, 3, 4, 5]


async def test_after_a_long_life_a_port_is_opened_again_without_a_growing_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(port_supervisor, "STEADY_S", 0.0)
    assert await attempts(Port(fails), monkeypatch) == [0] * 5


async def test_a_port_whose_writer_breaks_is_lost_with_the_reason_and_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(port_supervisor, "TICK_S", 0.01)
    said: list[str] = []

    pump, port = PumpLink("/dev/x", Hub().publish, said.append), Port()
    pump.wire.source = port  # type: ignore[assignment]
    running = asyncio.create_task(pump.run())
    await wait_until(lambda: port.openings >= 1)
    pump.wire.post(b"x")  # the link asks for a HELLO as well: whichever comes first
    await wait_until(lambda: port.openings >= 2)
    await end(running)
    assert any("port lost: writing to it failed: RuntimeError('a bug')" in line for line in said)


async def test_ports_that_can_not_be_listed_are_said_once_and_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, said = itertools.count(), list[str]()

    def picos() -> list[str]:
        if next(looks) < 3:
            raise OSError(24, "Too many open files")
        return ["E6614C311B7A"]

    monkeypatch.setattr(fleet, "LOOK_S", 0.01)
    monkeypatch.setattr(fleet, "picos", picos)

    pumps = fleet.Fleet([], Hub().publish, said.append, NoMemory())
    running = asyncio.create_task(pumps.run())
    await wait_until(lambda: "E6614C311B7A" in pumps.links)
    assert not running.done()
    await end(running)
    assert sum("cannot be listed" in line for line in said) == 1
    assert sum("can be listed again" in line for line in said) == 1


async def test_an_update_that_can_not_be_published_is_said_once_and_keeps_no_other_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(NOBODY, tmp_path)
    running = asyncio.create_task(bench.sink.run())
    try:
        with monkeypatch.context() as broken:
            broken.setattr(bench.sink.outbox, "happened", lambda payload: 1 / 0)
            for _ in range(3):
                bench.hub.publish(LinkStatus("rig", LinkState.OK, "", NOW, "/dev/x"))
            await wait_until(lambda: not bench.sink._subscriber.waiting)
        bench.hub.publish(LinkStatus("rig", LinkState.PORT_LOST, "pulled", NOW, "/dev/x"))
        await wait_until(lambda: bench.sink.outbox.retained.get(("availability", "rig")) == b"offline")
    finally:
        await end(running)
        await bench.async_journal.close()
    assert sum("ZeroDivisionError" in line for line in bench.log) == 1


async def test_dropped_news_are_a_metric(tmp_path: Path) -> None:
    bench = Bench(NOBODY, tmp_path)
    bench.sink.outbox.news.dropped = 7
    running: Any = SimpleNamespace(sinks=[bench.sink], async_journal=bench.async_journal, hub=bench.hub)
    samples = {each.name: each.value for each in metrics._sinks(running)}
    assert samples["warmflow_mqtt_news_dropped"] == 7
    assert metrics.KINDS["warmflow_mqtt_news_dropped"].type == "counter"
    await bench.async_journal.close()


@pytest.mark.parametrize("part", [LoopLag, LiveFeed])
async def test_a_part_of_the_service_that_breaks_ends_the_daemon(
    part: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(self: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(part, "run", breaks)
    settings = Settings(
        port=(str(tmp_path / "not-there"),),
        state_dir=tmp_path,
        broker=BrokerSettings(url=NOBODY.url),
        journal=JournalSettings(file=tmp_path / "journal.sqlite"),
        http=HttpSettings(listen="127.0.0.1:0"),
    )

    async with service(settings, lambda line: None) as running, asyncio.timeout(10):
        with pytest.raises(RuntimeError, match="a bug"):
            await running.failed
