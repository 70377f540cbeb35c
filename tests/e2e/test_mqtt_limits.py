"""Brokers with limits and access lists: what cannot go is left out by name, once, and holds up nothing else."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mqtt_bench import NOW, Bench, bench
from own_mosquitto import mosquitto
from wait import wait_until

from pumplink import messages as m
from warmflow.alarms import Alarm, AlarmChange
from warmflow.alarms.updates import AlarmChanged
from warmflow.daemon.bridge_info import info
from warmflow.daemon.config import Settings
from warmflow.device.identity import Boot
from warmflow.device.states import LinkState
from warmflow.device.updates import BoardEvent, LinkStatus
from warmflow.runtime.tasks import end
from warmflow.sinks import held_back
from warmflow.sinks.mqtt import left_out, publisher
from warmflow.sinks.mqtt.broker import Broker, running_broker
from warmflow.sinks.mqtt.broker.server_programs import choose_embedded
from warmflow.sinks.mqtt.client import Protocol
from warmflow.sinks.mqtt.options import PublisherOptions

pytestmark = [pytest.mark.timeout(60), pytest.mark.e2e, pytest.mark.needs("mosquitto")]
READINGS = 600
ALARMS = ("rate", "dose", "near-empty", "probe", "link", "drift", "instrument", "telemetry")
OPTIONS = PublisherOptions(info=lambda protocol: info(Settings(), protocol, "2026-11-21T12:00:00.000Z", "a"))


def at(port: int, protocol: Protocol = "5") -> Broker:
    return Broker(f"mqtt://127.0.0.1:{port}", "configured", "127.0.0.1", port, protocol=protocol)


@asynccontextmanager
async def limited(folder: Path, *lines: str, protocol: Protocol = "5", acl: str = "") -> AsyncIterator[Bench]:
    """A sink at a mosquitto with these lines, and a subscriber that may read everything."""
    if acl:
        (folder / "acl").write_text(acl)
        lines = (*lines, f"acl_file {folder / 'acl'}")
    async with (
        mosquitto(folder, "allow_anonymous true", *lines) as (port, _),
        bench(at(port, protocol), folder / "bench", OPTIONS) as b,
    ):
        yield b


def everything(b: Bench) -> None:
    """A pump with all its retained topics, an event, and readings of two minutes."""
    b.hub.publish(LinkStatus("rig", LinkState.OK, "", NOW, "/dev/ttyACM0"))
    for name in ALARMS:
        b.hub.publish(AlarmChanged(AlarmChange(Alarm("rig", name), "normal", NOW)))
    b.publish(1, READINGS)
    boot = Boot("0011223344556677", 4, 0xABCD)
    b.hub.publish(BoardEvent("rig", boot, m.Event(0, READINGS + 1, 0, 0, 4, 0, "x"), NOW, False))


def lines_about(b: Bench, *words: str) -> list[str]:
    return [line for line in b.log if all(word in line for word in words)]


def sequences(b: Bench) -> list[int]:
    batches = b.topics.get("warmflow/rig/telemetry", [])
    return [each["sequence"] for batch in batches for each in batch["readings"]]


async def gets_through(b: Bench, seconds: float = 20) -> None:
    await wait_until(lambda: len(set(sequences(b))) == READINGS, seconds, state=lambda: (len(set(sequences(b))), b.log))


LIMITS = {  # lines of mosquitto, and what the log names
    "nothing": ((), ()),
    "packets of 8192 bytes": (("max_packet_size 8192",), ("bridge/info", "0x95")),
    "packets of 2000 bytes": (("max_packet_size 2000",), ("bridge/info", "0x95")),
    "payloads of 1500 bytes": (("message_size_limit 1500",), ("bridge/info", "0x95")),
    "no retained messages": (("retain_available false",), ("0x9A",)),
    "QoS 0": (("max_qos 0",), ("0x9B",)),
    "three in flight": (("max_inflight_messages 3",), ()),
    "no topic aliases": (("max_topic_alias 0",), ()),
    "all of them": (("max_packet_size 3000", "retain_available false", "max_qos 0"), ("bridge/info", "0x95")),
}


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_broker_with_limits_gets_all_readings_and_the_limit_is_said_once(tmp_path: Path, limit: str) -> None:
    lines, words = LIMITS[limit]
    async with limited(tmp_path, *lines) as b:
        everything(b)
        await gets_through(b)
        await wait_until(lambda: len(b.topics.get("warmflow/rig/event", [])) == 1)
        await wait_until(lambda: b.sink.records.lag == 0 or "payloads" in limit, state=lambda: b.log)
        assert len(lines_about(b, *words)) == 1 or not words, b.log
        assert (
            b.sink.counts["disconnects"] <= 2
        )  # a will that is refused costs an attempt: for its retain flag, and for its QoS
        assert b.sink.counts["connects"] == 1
        assert len(sequences(b)) == READINGS
        await wait_until(lambda: b.last("warmflow/rig/alarm/rate") is not None)


@pytest.mark.parametrize(
    "lines",
    [
        ("max_packet_size 8192",),
        ("max_packet_size 2000",),
        ("message_size_limit 1500",),
        ("retain_available false",),
        ("max_qos 0",),
    ],
)
async def test_a_broker_of_the_older_protocol_that_hangs_up_is_learned_from(
    tmp_path: Path, lines: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MQTT 3.1.1 says no limit, and has no reason for hanging up."""
    monkeypatch.setattr(publisher, "BACKOFF_S", (0.01, 0.1))
    async with limited(tmp_path, *lines, protocol="3.1.1") as b:
        everything(b)
        if lines[0].startswith("message_size"):  # it acknowledges what it throws away: nobody can know
            await wait_until(lambda: b.sink.records.lag == 0, state=lambda: b.log)
            return
        await gets_through(b, 40)
        await wait_until(lambda: b.sink.records.lag == 0, state=lambda: b.log)
        seen = b.sink.counts["disconnects"]
        b.publish(READINGS + 2, READINGS + 50)
        await wait_until(lambda: len(set(sequences(b))) == READINGS + 49)
        assert b.sink.counts["disconnects"] == seen  # it knows now


ACLS = {
    "alarms": "topic deny warmflow/+/alarm/#\n",
    "bridge": "topic deny warmflow/bridge/#\n",
    "events": "topic deny warmflow/+/event\n",
    "availability": "topic deny warmflow/+/availability\n",
}


@pytest.mark.parametrize("denied", ACLS)
async def test_what_an_access_list_refuses_delays_no_reading(tmp_path: Path, denied: str) -> None:
    acl = "topic read #\n" + ACLS[denied] + "topic readwrite #\n"
    (tmp_path / "acl").write_text(acl)
    async with mosquitto(tmp_path, "allow_anonymous true", f"acl_file {tmp_path / 'acl'}") as (port, _):
        b = Bench(at(port), tmp_path / "bench", OPTIONS)
        keeping, running = asyncio.create_task(b.async_journal.run()), asyncio.create_task(b.sink.run())
        try:
            await wait_until(b.sink.connected.is_set)
            everything(b)
            began_s = asyncio.get_running_loop().time()
            await wait_until(lambda: b.sink.counts["records"] >= READINGS)
            assert asyncio.get_running_loop().time() - began_s < 5
            assert b.sink.counts["disconnects"] == 0
            await wait_until(lambda: len(b.sink.sender.left_out) >= 1)
            for topic, (why, _) in b.sink.sender.left_out._topics.items():
                assert "0x87" in why.why
                assert len(lines_about(b, f"{topic} is left out")) == 1, b.log
            assert any("refuses" in line for line in b.sink.warnings())
        finally:
            await b.sink.stop()
            await asyncio.wait({running}, timeout=3)
            await end(running, keeping)
            await b.async_journal.close()


async def test_an_event_that_is_refused_is_sent_when_it_is_allowed_and_held_up_no_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_out, "AGAIN_S", 0.1)
    monkeypatch.setattr(held_back, "PAUSES_S", (0.1,))
    (tmp_path / "acl").write_text("topic deny warmflow/+/event\ntopic readwrite #\n")
    async with (
        mosquitto(tmp_path, "allow_anonymous true", f"acl_file {tmp_path / 'acl'}") as (port, pid),
        bench(at(port), tmp_path / "bench", OPTIONS) as b,
    ):
        everything(b)
        await gets_through(b)
        await wait_until(lambda: len(b.sink.records.held) == 1)
        assert b.sink.records.lag >= 1
        b.publish(READINGS + 2, READINGS + 20)
        await wait_until(lambda: len(set(sequences(b))) == READINGS + 19)
        assert b.sink.records.acknowledged < b.journal.last()
        (tmp_path / "acl").write_text("topic readwrite #\n")
        os.kill(pid, signal.SIGHUP)  # it reads the list again
        await wait_until(lambda: len(b.topics.get("warmflow/rig/event", [])) == 1)
        await wait_until(lambda: b.sink.records.lag == 0, state=lambda: b.log)
        assert len(sequences(b)) == READINGS + 19  # none twice
        assert lines_about(b, "takes warmflow/rig/event again")


async def test_health_follows_the_oldest_record_that_does_not_get_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "GRACE_S", 0.3)
    async with limited(tmp_path, acl="topic deny warmflow/+/telemetry\ntopic readwrite #\n") as b:
        assert b.sink.failure() == ""
        b.publish(1, 10)
        await wait_until(lambda: b.sink.failure() != "")
        failure = b.sink.failure()
        assert b.sink.connected.is_set()
        assert "the oldest of 10 records" in failure
        assert "warmflow/rig/telemetry: Not authorized (0x87)" in failure


async def test_the_embedded_broker_gets_everything(tmp_path: Path) -> None:
    async with (
        running_broker(None, choose=choose_embedded) as broker,
        bench(broker, tmp_path / "bench", OPTIONS) as b,
    ):
        everything(b)
        await gets_through(b)
        await wait_until(lambda: b.last("warmflow/rig/alarm/rate") is not None)
        assert b.sink.counts["disconnects"] == 0
