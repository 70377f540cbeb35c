"""The road to the broker: TLS, users, old brokers, wrong ports. Each fault is one clear line, no loss goes unseen."""

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Any

import aiomqtt
import psutil
import pytest
from mqtt_bench import Bench, pump_entry
from own_mosquitto import Papers, mosquitto, papers, password_line
from wait import wait_until

from warmflow.api.topic_names import TopicName
from warmflow.api.topics import path
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker, running_broker
from warmflow.sinks.mqtt.broker.connect_errors import why
from warmflow.sinks.mqtt.broker.server_programs import choose_embedded
from warmflow.sinks.mqtt.client import NotThisProtocol, connection, publish
from warmflow.sinks.mqtt.news import Reply
from warmflow.sinks.mqtt.options import PublisherOptions

WORST_S = 20
pytestmark = [pytest.mark.timeout(WORST_S), pytest.mark.e2e, pytest.mark.needs("mosquitto")]
SECRET = "correct horse"


def at(port: int, **options: Any) -> Broker:
    tls = options.get("tls", False)
    options = {"keepalive_s": 10, **options}
    return Broker(f"mqtt{'s' if tls else ''}://127.0.0.1:{port}", "configured", "127.0.0.1", port, **options)


async def connects(broker: Broker) -> str:
    """ "" if a connection could be had and used, else the line that a person gets."""
    fault = None
    try:
        async with connection(broker) as client:
            await publish(client, "warmflow/x", b"1", 1, False, None)
    except aiomqtt.MqttError as error:
        fault = error
    if fault is None:
        return ""
    line = why(fault, broker)
    assert SECRET not in line + str(fault) + repr(broker)
    assert "\n" not in line
    return line


def tls_lines(own: Papers, *more: str) -> tuple[str, ...]:
    return (f"cafile {own.ca}", f"certfile {own.server_cert}", f"keyfile {own.server_key}", *more)


async def test_a_broker_with_tls_is_reached_with_its_authoritys_file_and_refused_without(tmp_path: Path) -> None:
    own, other = papers(tmp_path), papers(tmp_path, name="other")

    async with mosquitto(tmp_path, *tls_lines(own, "allow_anonymous true")) as (port, _):
        assert await connects(at(port, tls=True, ca_file=own.ca)) == ""
        assert "ca_file in [broker]" in await connects(at(port, tls=True))
        assert "ca_file in [broker]" in await connects(at(port, tls=True, ca_file=other.ca))
        assert "mqtts://" in await connects(at(port))  # no TLS on a port for TLS
        rubbish = tmp_path / "rubbish.pem"
        rubbish.write_text("nothing")
        assert "ca_file in [broker] holds no PEM" in await connects(at(port, tls=True, ca_file=rubbish))


async def test_a_certificate_for_another_host_is_refused_by_name(tmp_path: Path) -> None:
    own = papers(tmp_path, host="broker.example.org")

    async with mosquitto(tmp_path, *tls_lines(own, "allow_anonymous true")) as (port, _):
        assert "certificate that is not for 127.0.0.1" in await connects(at(port, tls=True, ca_file=own.ca))


async def test_a_broker_that_asks_for_a_client_certificate_gets_it(tmp_path: Path) -> None:
    own, other = papers(tmp_path), papers(tmp_path, name="other")
    lines = tls_lines(own, "require_certificate true", "allow_anonymous true")

    async with mosquitto(tmp_path, *lines) as (port, _):
        reach = {"tls": True, "ca_file": own.ca}
        assert await connects(at(port, **reach, cert_file=own.client_cert, key_file=own.client_key)) == ""
        assert "cert_file" in await connects(at(port, **reach))
        assert "cert_file" in await connects(at(port, **reach, cert_file=other.client_cert, key_file=other.client_key))
        assert "do not belong together" in await connects(
            at(port, **reach, cert_file=own.client_cert, key_file=other.client_key)
        )


async def test_tls_to_a_port_without_it_says_so(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, "allow_anonymous true") as (port, _):
        assert "TLS" in await connects(at(port, tls=True))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_wrong_user_or_password_is_said_to_be_that(tmp_path: Path, protocol: str) -> None:
    (tmp_path / "passwords").write_text(password_line("daemon", SECRET))
    lines = (f"password_file {tmp_path / 'passwords'}", "allow_anonymous false")

    async with mosquitto(tmp_path, *lines) as (port, _):
        right = {"username": "daemon", "password": SECRET, "protocol": protocol}
        assert await connects(at(port, **right)) == ""
        for wrong in ({"password": SECRET + "x"}, {"username": "nobody"}, {"username": None, "password": None}):
            assert "username and password_file" in await connects(at(port, **(right | wrong)))


async def test_what_an_access_list_refuses_is_not_taken_for_delivered(tmp_path: Path) -> None:
    """MQTT 5 says it in the PUBACK, and the client library takes any PUBACK for a yes."""
    (tmp_path / "acl").write_text("topic read #\n")

    lines = (f"acl_file {tmp_path / 'acl'}", "allow_anonymous true")
    async with mosquitto(tmp_path, *lines) as (port, _):
        assert "may not do this" in await connects(at(port))
        bench = Bench(at(port), tmp_path)
        keeping, running = asyncio.create_task(bench.async_journal.run()), asyncio.create_task(bench.sink.run())
        bench.publish(1, 10)
        await wait_until(lambda: len(bench.sink.records.held) == 1)
        assert bench.sink.records.acknowledged == 0
        assert bench.sink.records.lag == 10
        assert "warmflow/rig/telemetry: Not authorized (0x87): see its ACL" in bench.sink.sender.left_out.shown(9)
        assert bench.sink.counts["disconnects"] == 0
        await end(running, keeping)
        await bench.async_journal.close()


async def test_an_answer_that_an_access_list_refuses_is_said_once_and_costs_no_connection(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic readwrite warmflow/#\ntopic readwrite homeassistant/#\n")

    async with mosquitto(tmp_path, f"acl_file {tmp_path / 'acl'}", "allow_anonymous true") as (port, _):
        bench = Bench(at(port), tmp_path)
        keeping, running = asyncio.create_task(bench.async_journal.run()), asyncio.create_task(bench.sink.run())
        for number in range(3):
            bench.sink.answers.enqueue(Reply(TopicName("elsewhere/answers"), {"number": number}))
        bench.sink.answers.enqueue(Reply(path("response", "warmflow", name="ping"), {"number": 3}))
        bench.publish(1, 10)
        await wait_until(lambda: bench.sink.counts["records"] == 10 and not len(bench.sink.answers))
        assert sum("elsewhere/answers" in line for line in bench.log) == 1
        assert bench.sink.counts["disconnects"] == 0
        assert bench.sink.counts["connects"] == 1
        await end(running, keeping)
        await bench.async_journal.close()


async def test_a_port_where_nobody_listens_is_said_with_host_and_port() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        assert f"nothing listens on 127.0.0.1 port {port}" in await connects(at(port))


async def test_a_host_that_does_not_exist_is_said_by_name() -> None:
    broker = Broker("mqtt://nowhere.invalid:1883", "configured", "nowhere.invalid", 1883)
    assert "nowhere.invalid" in await connects(broker)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"])
async def test_a_port_of_something_else_is_noticed_at_once(answer: bytes) -> None:
    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(stranger, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with asyncio.timeout(8):
            assert f"is port {port} an MQTT port" in await connects(at(port))


async def test_an_old_broker_is_spoken_to_in_its_own_version_with_one_line_in_the_log(tmp_path: Path) -> None:
    async with running_broker(None, choose=choose_embedded) as broker:
        assert broker.protocol == "3.1.1"
        stranger = at(broker.port)  # the same one, and nobody has said what it speaks
        with pytest.raises(NotThisProtocol):
            async with connection(stranger):
                pass
        bench = Bench(stranger, tmp_path)
        keeping, running = asyncio.create_task(bench.async_journal.run()), asyncio.create_task(bench.sink.run())
        bench.publish(1, 10)
        await wait_until(lambda: bench.sink.counts["records"] == 10)
        assert bench.sink.protocol == "3.1.1"
        assert len([line for line in bench.log if "3.1.1" in line]) == 1
        assert bench.sink.counts["disconnects"] == 0
        await bench.sink.stop()
        await running
        await end(keeping)
        await bench.async_journal.close()


async def test_a_broker_that_is_away_does_not_make_the_daemon_fall_back_to_the_older_protocol(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        bench = Bench(at(port), tmp_path)
        running = asyncio.create_task(bench.sink.run())
        await wait_until(lambda: bench.sink.counts["disconnects"] >= 2)
    async with mosquitto(tmp_path, "allow_anonymous true", port=port):
        await wait_until(bench.sink.connected.is_set)
        assert bench.sink.protocol == "5"
        await end(running)
    await bench.async_journal.close()


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "publishing"])
async def test_a_frozen_broker_is_noticed_within_the_keepalive(tmp_path: Path, busy: bool) -> None:
    """Complaint 3: the loss is noticed at the next publish only, and that message is lost."""

    async with mosquitto(tmp_path, "allow_anonymous true") as (port, process):
        bench = Bench(at(port, keepalive_s=4), tmp_path)
        keeping, running = asyncio.create_task(bench.async_journal.run()), asyncio.create_task(bench.sink.run())
        await wait_until(bench.sink.connected.is_set)
        bench.hub.publish(LinkStatus("rig", LinkState.OK, "", bench_now()))
        bench.publish(1, 5)
        await wait_until(lambda: bench.sink.counts["records"] == 5)
        loop = asyncio.get_running_loop()
        os.kill(process, signal.SIGSTOP)
        try:
            frozen_s = loop.time()
            if busy:
                bench.publish(6, 9)
            await wait_until(lambda: not bench.sink.connected.is_set(), 12)
            noticed_s = loop.time() - frozen_s
        finally:
            os.kill(process, signal.SIGCONT)
        assert noticed_s < 4 + 1.5  # a busy machine may be late
        await wait_until(bench.sink.connected.is_set, WORST_S)
        if busy:
            await wait_until(lambda: bench.sink.counts["records"] >= 9)
        await end(running, keeping)
        await bench.async_journal.close()


def bench_now() -> Any:
    from mqtt_bench import NOW

    return NOW


async def test_attempts_that_fail_leave_no_socket_behind(tmp_path: Path) -> None:
    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(stranger, "127.0.0.1", 0)
    broker = at(server.sockets[0].getsockname()[1])
    async with server:
        await connects(broker)
        before = psutil.Process().num_fds()
        for _ in range(10):
            assert await connects(broker)
        with contextlib.suppress(TimeoutError):
            await wait_until(lambda: psutil.Process().num_fds() <= before + 2, 5)
        assert psutil.Process().num_fds() <= before + 2


def test_what_nobody_has_foreseen_is_shown_as_it_is() -> None:
    assert why(aiomqtt.MqttError("something new"), at(1883)) == "something new"
    assert why(ValueError(), at(1883)) == "ValueError"


async def test_a_broker_that_refuses_home_assistants_topics_gets_the_pumps_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic readwrite warmflow/#\ntopic read homeassistant/status\n")
    entry = pump_entry(pump="rig", board_id="00112233", status="ok", profile="r11", firmware="0", platform="unix")

    async with mosquitto(tmp_path, f"acl_file {tmp_path / 'acl'}", "allow_anonymous true") as (port, _):
        bench = Bench(at(port), tmp_path, PublisherOptions(home_assistant=True, pumps=lambda: [entry]))
        keeping, running = asyncio.create_task(bench.async_journal.run()), asyncio.create_task(bench.sink.run())
        bench.publish(1, 10)
        await wait_until(lambda: bench.sink.counts["records"] == 10)
        await wait_until(lambda: any("homeassistant/device" in line for line in bench.log))
        assert bench.sink.counts["disconnects"] == 0
        await end(running, keeping)
        await bench.async_journal.close()


async def test_a_broker_that_takes_few_messages_at_once_gets_no_more_and_takes_them_all(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, "allow_anonymous true", "max_inflight_messages 3") as (port, _):
        async with connection(at(port)) as client:
            assert client._client.max_inflight_messages == 3
            await asyncio.gather(*(publish(client, f"warmflow/{n}", b"1", 1, False, None) for n in range(50)))
        async with connection(at(port), protocol="3.1.1") as client:  # which cannot say so
            await asyncio.gather(*(publish(client, f"warmflow/{n}", b"1", 1, False, None) for n in range(50)))


async def test_a_publish_after_the_broker_has_gone_is_an_mqtt_error_and_nothing_else(tmp_path: Path) -> None:
    async def publishes_too_late(port: int) -> None:
        async with connection(at(port)) as client:
            psutil.Process(next(p.pid for p in psutil.net_connections("tcp4") if listens(p, port))).kill()
            await wait_until(lambda: not client._client.is_connected())
            await publish(client, "warmflow/x", b"1", 1, False, None)

    async with mosquitto(tmp_path, "allow_anonymous true") as (port, _):
        with pytest.raises(aiomqtt.MqttError):
            await publishes_too_late(port)


def listens(one: Any, port: int) -> bool:
    return one.status == psutil.CONN_LISTEN and one.laddr.port == port
