"""Alarms as people meet them: over a real broker, and by the command line at a real daemon that is started again."""

import asyncio
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import command_line
from mqtt_bench import Bench, bench, reading
from wait import wait_until

from pumplink.codes import Status
from warmflow.daemon.app import Daemon
from warmflow.daemon.config import BrokerSettings, HttpSettings, JournalSettings, Settings
from warmflow.daemon.handlers.alarms import handlers
from warmflow.daemon.service import service
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus
from warmflow.device.virtual import virtual_pico
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import running_broker
from warmflow.sinks.mqtt.client import connection
from warmflow.sinks.mqtt.options import PublisherOptions

pytestmark = [
    pytest.mark.needs("mosquitto"),
]
RATE = "warmflow/rig/alarm/rate"


async def asked(client: Any, kind: str, **fields: Any) -> Any:
    await client.publish(f"warmflow/bridge/request/{kind}", json.dumps(fields), qos=1)
    async with asyncio.timeout(20):
        return json.loads((await anext(client.messages)).payload)


async def test_an_alarm_is_acknowledged_over_a_real_broker(tmp_path: Path) -> None:
    async with running_broker(None) as broker, connection(broker) as client:
        await client.subscribe("warmflow/bridge/response/#", qos=1)
        async with bench(broker, tmp_path, PublisherOptions(commands=True), lambda b: handlers(b.alarms)) as b:
            keeping = asyncio.create_task(b.alarms.run())
            for sequence in range(1, 30):
                b.hub.publish(reading(sequence, b.monitor, flow_nl_h=48_880 if sequence < 5 else 70_000))
            await wait_until(lambda: (b.last(RATE) or {}).get("state") == "unacknowledged")
            done = await asked(client, "acknowledge", pump="rig", id="rate", by="Kim", text="seen")
            assert done["status"] == "ok"
            assert done["data"]["kept"] is True
            await wait_until(lambda: b.last(RATE)["state"] == "acknowledged")
            assert b.last(RATE)["acknowledged_by"] == "Kim"
            events = b.topics["warmflow/rig/alarm_event"]
            await wait_until(lambda: events[-1]["event"] == "acknowledged")
            assert (events[-1]["by"], events[-1]["said"]) == ("Kim", "seen")
            assert "already" in (await asked(client, "acknowledge", pump="rig", id="rate", by="Lee"))["error"]
            [kept] = [row for row in b.journal.alarms() if row["id"] == "rate"]
            assert kept["acknowledged_by"] == "Kim"
            assert await _kept_by(broker, RATE) == b.last(RATE)
            await end(keeping)


async def _kept_by(broker: Any, topic: str) -> Any:
    async with connection(broker) as client:
        await client.subscribe(topic, qos=1)
        async for message in client.messages:
            assert message.retain
            return json.loads(message.payload)


async def test_without_commands_nobody_acknowledges_over_mqtt_and_everybody_may_look(tmp_path: Path) -> None:
    async with running_broker(None) as broker, connection(broker) as client:
        await client.subscribe("warmflow/bridge/response/#", qos=1)
        async with bench(broker, tmp_path, PublisherOptions(), lambda b: handlers(b.alarms)) as b:
            b.hub.publish(reading(1, b.monitor, status=32 | Status.PROBE_FAULT))
            refused = await asked(client, "acknowledge", pump="rig", id="probe", by="Kim")
            assert "commands = true in [mqtt]" in refused["error"]
            assert {each["id"] for each in (await asked(client, "alarms"))["data"]["alarms"]} >= {"rate", "probe"}


async def test_a_link_that_is_lost_becomes_an_alarm_by_time_alone(tmp_path: Path) -> None:
    async with running_broker(None) as broker, bench(broker, tmp_path) as b:
        _lose(b, b.alarms.clock() - timedelta(seconds=4))
        ticking = asyncio.create_task(b.alarms.run())
        await wait_until(lambda: (b.last("warmflow/rig/alarm/link") or {}).get("state") == "unacknowledged")
        assert b.last("warmflow/rig/alarm/link")["priority"] == "medium"
        await end(ticking)


def _lose(b: Bench, since: datetime) -> None:
    b.hub.publish(LinkStatus("rig", LinkState.PORT_LOST, "cable pulled", since, "/dev/x"))


class Cli:
    """The command line, in a thread beside the daemon that it asks."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def __call__(self, *words: str, ok: bool = True) -> str:
        done = await asyncio.to_thread(command_line, *words)
        assert (done.status == 0) is ok, done
        return done.out + done.err

    async def at(self, *words: str, ok: bool = True) -> str:
        return await self(*words, "--url", self.url, ok=ok)


def _url(lines: list[str]) -> str:
    return next(found[1] for found in (re.search(r"dashboard: (\S+)", line) for line in lines) if found)


def _settings(port: str, broker: str, folder: Path) -> Settings:
    return Settings(
        port=(port,),
        broker=BrokerSettings(url=broker),
        journal=JournalSettings(file=folder / "journal.sqlite"),
        http=HttpSettings(listen="127.0.0.1:0"),
    )


async def _judged(running: Daemon) -> None:
    await wait_until(lambda: any(each["id"] == "dose" for each in running.alarms.all("rig")), 60)


@pytest.mark.e2e
@pytest.mark.timeout(180)
async def test_the_command_line_explains_and_acknowledges_at_a_daemon_that_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    config = {"rig_name": "rig", "sensor": "emulated", "place": "water"}
    async with running_broker(None) as broker:
        async with virtual_pico("cpython", state_dir=tmp_path / "board", config=config) as pico:
            port, lines = pico.port, list[str]()
            async with service(_settings(port, broker.url, tmp_path), lines.append) as running:
                await _judged(running)
                cli = Cli(_url(lines))
                said = await cli.at("explain", "rig")
                assert re.search(r"The meter shows \d+\.\d µL/h \(measured\)", said)
                assert "no medical device" in said
                parts = json.loads(await cli.at("explain", "--json"))
                assert {share["name"] for share in parts["shares"]} >= {"propellant", "unexplained"}
                assert (await cli.at("alarm", "list")).strip() == "no alarms"
                assert "rate" in await cli.at("alarm", "list", "rig", "--all")
                await cli.at("alarm", "shelve", "rig", "rate", "--minutes", "30", "--by", "Kim", "-m", "Übung")
                refused = await cli.at("alarm", "ack", "rig", "rate", "--by", "Kim", ok=False)
                assert "warmflow: rig rate: it is shelved" in refused
            at = running.clock().isoformat(timespec="milliseconds")
        lines.clear()
        async with service(_settings(port, broker.url, tmp_path), lines.append):
            cli = Cli(_url(lines))
            shelved = await cli.at("alarm", "list")
            assert re.search(r"rig +rate +shelved .* shelved until", shelved)
            assert "Kim: Übung" in shelved
            await cli.at("alarm", "unshelve", "rig", "rate", "--by", "Lee")
            assert "unshelved by Lee" in await cli.at("alarm", "history")
            gone = await cli("alarm", "list", "--url", "http://127.0.0.1:9", ok=False)
            assert "no daemon answers at http://127.0.0.1:9" in gone
            assert "start one with `warmflow run`" in gone
        past = await cli("explain", "rig", "--at", at, "--journal", str(tmp_path / "journal.sqlite"))
        assert re.search(r"The meter shows \d+\.\d µL/h \(measured\)", past)
        missing = await cli("explain", "--at", "2020-01-01", "--journal", str(tmp_path / "journal.sqlite"), ok=False)
        assert "was never declared before 2020-01-01" in missing
