"""Which broker is used, that it is really there, and that it is gone afterwards. On both real brokers."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import aiomqtt
import psutil
import pytest
from wait import wait_until, wait_until_sync

from warmflow.sinks.mqtt.broker import BrokerError, running_broker, supervised
from warmflow.sinks.mqtt.broker.server_programs import Recipe, choose, find_mosquitto, iotcore_config, mosquitto_config
from warmflow.sinks.mqtt.broker.start import start_broker

DEADLINE_S = 30
pytestmark = pytest.mark.timeout(DEADLINE_S)


def no_mosquitto():
    return None


def iotcore():
    return choose(find_mosquitto=no_mosquitto)


def mosquitto():
    recipe = choose()
    assert recipe.kind == "mosquitto"
    return recipe


BOTH = pytest.mark.parametrize("program", [pytest.param(mosquitto, marks=pytest.mark.needs("mosquitto")), iotcore])


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def taken_port():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener, listener.getsockname()[1]


async def refusal(**options):
    with pytest.raises(BrokerError) as caught:
        async with running_broker(None, **options):
            pass
    return str(caught.value)


# --- the choice ---


async def test_a_configured_broker_starts_nothing_and_is_not_contacted():
    listener, port = taken_port()
    listener.close()  # nobody is there

    before = psutil.Process().children()
    async with running_broker(f"mqtts://nurse:secret@127.0.0.1:{port}") as broker:
        assert psutil.Process().children() == before
    assert (broker.kind, broker.host, broker.port, broker.tls, broker.pid) == (
        "configured",
        "127.0.0.1",
        port,
        True,
        None,
    )
    assert (broker.username, broker.password) == ("nurse", "secret")
    assert "secret" not in f"{broker} {broker.describe()}"


async def test_a_bad_url_is_refused_before_anything_starts():
    with pytest.raises(BrokerError, match="scheme 'amqp' is not known, allowed are mqtt://"):
        async with running_broker("amqp://bench"):
            pass


@pytest.mark.needs("POSIX")
def test_mosquitto_is_chosen_where_it_is_found_and_else_iotcore(tmp_path):
    assert choose(lambda: find_mosquitto(str(tmp_path))).kind == "iotcore"
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    recipe = choose(lambda: find_mosquitto(str(tmp_path)))
    assert (recipe.kind, recipe.argv[0]) == ("mosquitto", str(program))


@pytest.mark.parametrize("program", [pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto"))])
def test_a_path_without_sbin_still_finds_a_mosquitto_there(program, monkeypatch):
    monkeypatch.setenv("PATH", "/no/such/folder")
    assert Path(find_mosquitto()).name == program


async def test_no_program_at_all_is_refused_with_the_remedies():
    said = await refusal(choose=lambda: choose(no_mosquitto, lambda: None))
    assert "no mosquitto on PATH" in said
    assert "iotcore is not installed" in said
    assert "mqtt://host:port" in said


# --- the configuration ---


def test_mosquitto_is_told_to_stay_local_and_to_drop_nothing(tmp_path):
    lines = mosquitto_config(1999, None, as_root=False).splitlines()
    assert {"listener 1999 127.0.0.1", "set_tcp_nodelay true", "max_queued_messages 0", "persistence false"} <= {*lines}
    assert not [line for line in lines if line.startswith(("user", "persistence_location"))]
    assert "user root" in mosquitto_config(1999, None, as_root=True).splitlines()
    kept = mosquitto_config(1999, tmp_path, as_root=False).splitlines()
    assert {"persistence true", f"persistence_location {tmp_path}/"} <= {*kept}


def test_a_folder_name_that_would_add_lines_to_the_configuration_is_refused():
    with pytest.raises(BrokerError, match="does not support this name"):
        mosquitto_config(1999, Path("/tmp/x\nuser root"))


def test_iotcore_listens_on_the_loopback_only_and_only_once():
    listeners = [line for line in iotcore_config(1999, None).splitlines() if line.startswith("listen")]
    assert listeners == ['listen = "127.0.0.1:1999"']


# --- start and stop ---


@BOTH
async def test_it_answers_when_it_is_given_and_is_gone_afterwards(program):
    before = psutil.Process().children(recursive=True)
    async with running_broker(None, choose=program) as broker:
        assert broker.url == f"mqtt://127.0.0.1:{broker.port}"
        addresses = {each.laddr[:2] for each in psutil.Process(broker.pid).net_connections() if each.status == "LISTEN"}
        assert addresses == {("127.0.0.1", broker.port)}
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.publish("bench/state", "ready", qos=1)
        assert str(broker.pid) in broker.describe()
    assert not alive(broker.pid)
    assert psutil.Process().children(recursive=True) == before
    assert not broker.died.is_set()  # it was stopped
    assert "DIED" not in broker.describe()


async def test_iotcore_says_what_it_lacks():
    async with running_broker(None, choose=iotcore) as broker:
        said = broker.describe()
    assert "\n" not in said
    for lack in ("embedded", "no MQTT 5, only 3.1.1", "loses its state at a restart"):
        assert lack in said


@BOTH
async def test_the_asked_port_is_used_and_a_taken_one_is_refused_by_number(program):
    listener, port = taken_port()
    with listener:
        said = await refusal(port=port, choose=program)
    assert f"port {port} on 127.0.0.1 is taken" in said

    async with running_broker(None, port=port, choose=program) as broker:
        assert broker.port == port


@pytest.mark.parametrize("port", [0, -1, 65536])
async def test_an_impossible_port_is_refused(port):
    assert f"broker port {port} is out of range" in await refusal(port=port, choose=iotcore)


@BOTH
async def test_a_port_lost_to_a_faster_program_is_replaced_by_another(program):
    listener, port = taken_port()
    recipe, asked, said = program(), [], []

    def write_config(free_port, state_dir):
        asked.append(free_port)
        return recipe.write_config(port if len(asked) == 1 else free_port, state_dir)

    with listener:
        async with running_broker(
            None, log=said.append, choose=lambda: replace(recipe, write_config=write_config)
        ) as broker:
            assert broker.port == asked[1]
    assert any("trying again" in line for line in said)


def script(text):
    return lambda: Recipe("mosquitto", ("sh", "-c", text), "mosquitto.conf", mosquitto_config)


async def test_a_program_that_dies_at_the_start_is_quoted():
    said = await refusal(choose=script("echo 'Error: Unknown configuration variable' >&2; exit 3"))
    assert "mosquitto did not start on 127.0.0.1:" in said
    assert "exit code 3, last lines: Error: Unknown configuration variable" in said


async def test_a_program_that_never_answers_is_stopped_and_quoted():
    before = psutil.Process().children(recursive=True)
    said = await refusal(choose=script("echo thinking; sleep 60"), timeout_s=0.5)
    assert psutil.Process().children(recursive=True) == before
    assert "mosquitto accepts no MQTT connection on 127.0.0.1:" in said
    assert "after 0.5 s: still running, last lines: thinking" in said


async def test_a_program_that_cannot_be_run_is_named():
    broken = Recipe("mosquitto", ("/no/such/mosquitto", "-c"), "mosquitto.conf", mosquitto_config)
    assert "cannot start mosquitto: /no/such/mosquitto" in await refusal(choose=lambda: broken)


async def test_a_state_folder_that_cannot_be_made_is_named(tmp_path):
    blocked = tmp_path / "file" / "state"
    blocked.parent.write_text("")
    assert f"broker state folder {blocked}" in await refusal(choose=script("true"), state_dir=blocked)


async def test_no_configuration_file_is_left_while_it_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async with running_broker(None, choose=iotcore):
        assert list(tmp_path.iterdir()) == []


# --- the end that nobody asked for ---


@BOTH
async def test_a_broker_that_dies_is_told(program):
    said = []

    async with running_broker(None, choose=program, log=said.append) as broker:
        os.kill(broker.pid, signal.SIGKILL)
        await broker.died.wait()
        described = broker.describe()
    assert "it DIED: signal 9" in described
    assert f"broker died: {described}" in said


@BOTH
async def test_a_broker_that_dies_is_started_again_on_its_port_each_time(program, monkeypatch):
    monkeypatch.setattr(supervised, "AGAIN_S", (0.05, 1.0))
    said = []

    async with running_broker(None, choose=program, log=said.append) as broker:
        pids = [broker.pid]
        for _ in range(2):
            os.kill(broker.pid, signal.SIGKILL)
            await broker.died.wait()
            await wait_until(lambda: not broker.died.is_set())
            pids.append(broker.pid)
            async with aiomqtt.Client("127.0.0.1", broker.port):
                assert "DIED" not in broker.describe()
    assert len(set(pids)) == 3
    assert not any(alive(pid) for pid in pids)
    assert sum(line.startswith("broker is back") for line in said) == 2


async def test_pauses_before_a_broker_is_started_again_grow_while_it_does_not_start(monkeypatch):
    attempts, said, starts = [], [], []

    def pause(attempt, *limits):
        attempts.append(attempt)
        return 0

    async def fails_thrice(recipe, port, *rest):
        starts.append(port)
        if 2 <= len(starts) <= 4:
            raise BrokerError("the port is taken")
        return await start_broker(recipe, port, *rest)

    monkeypatch.setattr(supervised, "pause_s", pause)
    monkeypatch.setattr(supervised, "start_broker", fails_thrice)

    async with running_broker(None, choose=iotcore, log=said.append) as broker:
        os.kill(broker.pid, signal.SIGKILL)
        await broker.died.wait()
        await wait_until(lambda: not broker.died.is_set())
        port = broker.port
    assert attempts == [0, 1, 2, 3]
    assert starts[2:] == [port] * 3
    assert said.count("broker did not start: the port is taken") == 3


PARENT = """
import asyncio, sys
from warmflow.sinks.mqtt.broker import running_broker
from warmflow.sinks.mqtt.broker.server_programs import choose

async def main():
    program = (lambda: choose(find_mosquitto=lambda: None)) if sys.argv[1] == "iotcore" else choose
    async with running_broker(None, choose=program) as broker:
        print(broker.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@BOTH
def test_kill_9_of_the_daemon_leaves_no_broker(program):
    argv = [sys.executable, "-c", PARENT, program.__name__]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(parent.stdout.readline()), *(each.pid for each in psutil.Process(parent.pid).children())]
        assert len(set(pids)) == 2  # the broker and its guard
        parent.kill()
    wait_until_sync(lambda: not any(alive(pid) for pid in pids), DEADLINE_S)
