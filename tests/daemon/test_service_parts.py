"""Word to the service manager, the pulse of the loop, the socket of the web server, and what it shows."""

import asyncio
import json
import os
import socket
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from records import START
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from wait import wait_until

from pumplink.decoder import Decoder
from warmflow.api.topic_names import TopicName
from warmflow.daemon.health import Health
from warmflow.daemon.loop_lag import LIMITS_S, LoopLag
from warmflow.daemon.metrics import KINDS
from warmflow.daemon.systemd import notifier, watchdog_s
from warmflow.device.link.wire_stats import WireCount
from warmflow.hub import UpdateQueue
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.left_out import LeftOut
from warmflow.sinks.mqtt.neighbours import Neighbours
from warmflow.sinks.mqtt.publisher import MqttSink
from warmflow.sinks.web.application import site
from warmflow.sinks.web.health_route import health_route
from warmflow.sinks.web.listen import DEFAULT_PORT, ListenError, bound, is_loopback, url
from warmflow.sinks.web.metrics_route import Histogram, Sample, exposition

pytestmark = pytest.mark.time

BROKER = Broker("mqtt://bench", "configured", "bench", 1883)


async def asked(application: ASGIApp, path: str, host: str) -> tuple[int, str]:
    """Status and text of a GET."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", host.encode())], "query_string": b""}
    await application({**scope, "http_version": "1.1", "scheme": "http"}, receive, send)  # type: ignore[arg-type]
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


def heard(name: str, words: str) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if name.startswith("@") else name)
        manager.settimeout(5)
        notifier({"NOTIFY_SOCKET": name})(words)
        return manager.recv(1000)


def test_the_manager_hears_what_is_said_at_a_path_and_at_an_abstract_name() -> None:
    with tempfile.TemporaryDirectory() as folder:  # short: such a path has 107 bytes at most
        assert heard(f"{folder}/n", "READY=1") == b"READY=1"
    if os.uname().sysname == "Linux":
        assert heard(f"@warmflow-{os.getpid()}", "STATUS=well") == b"STATUS=well"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nobody/there"}, {"NOTIFY_SOCKET": "vsock:2:1"}])
def test_without_a_manager_nothing_is_said_and_nothing_breaks(environment: dict[str, str]) -> None:
    notifier(environment)("READY=1")


def test_a_manager_that_does_not_read_never_stops_the_loop(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{folder}/n")
        notify = notifier({"NOTIFY_SOCKET": f"{folder}/n"})
        began = time.monotonic()
        for _ in range(1000):
            notify("WATCHDOG=1" * 100)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("environment", "every_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_is_told_three_times_in_its_span(environment: dict[str, str], every_s: float | None) -> None:
    assert watchdog_s(environment, pid=7) == every_s


async def test_a_loop_that_hangs_gives_no_sign_and_is_counted_as_late() -> None:
    signs: list[float] = []
    pulse = LoopLag(lambda: signs.append(time.monotonic()), 0.02)
    task = asyncio.create_task(pulse.run())
    await wait_until(lambda: len(signs) >= 3, 10)
    before = len(signs)
    time.sleep(0.3)  # noqa: ASYNC251 - the fault that is looked for
    during = len(signs) - before
    await wait_until(lambda: len(signs) != before, 10)
    task.cancel()
    assert before >= 3
    assert during == 0
    assert sum(pulse.counts[LIMITS_S.index(0.25) :]) >= 1


def test_the_default_port_moves_on_and_a_chosen_one_does_not() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", DEFAULT_PORT))
            other.listen()
        except OSError:
            pass  # somebody else has it: as good
        mine = bound(None)
        assert mine
        with mine:
            port = mine.getsockname()[1]
            assert port != DEFAULT_PORT
            assert url(mine) == f"http://127.0.0.1:{port}"
            with pytest.raises(
                ListenError, match=rf"127.0.0.1:{port}.*another program listens there.*set another port"
            ):
                bound(f"127.0.0.1:{port}")
    assert bound("off") is None


def test_a_socket_on_loopback_is_known_as_such() -> None:
    for listen, expected in (("127.0.0.1:0", True), ("0.0.0.0:0", False)):
        sock = bound(listen)
        assert sock
        with sock:
            assert is_loopback(sock) is expected


async def test_requests_to_another_name_are_refused_on_loopback() -> None:
    hello = [Route("/hello", lambda request: PlainTextResponse("hello"))]
    guarded = site(hello, loopback_only=True)
    for host in ("127.0.0.1:8080", "localhost", "[::1]:8080"):
        assert await asked(guarded, "/hello", host) == (200, "hello")
    assert (await asked(guarded, "/hello", "evil.example"))[0] == 400
    assert (await asked(site(hello, loopback_only=False), "/hello", "bench.example"))[0] == 200


async def test_a_page_that_is_not_there_names_those_that_are() -> None:
    answer = await asked(site([health_route(lambda: {"status": "ok"})], True), "/nope", "localhost")
    assert (answer[0], json.loads(answer[1])["detail"]) == (404, "nothing here; there is: /health")


@pytest.mark.parametrize(("status", "code"), [("ok", 200), ("degraded", 200), ("failing", 503)])
async def test_health_is_503_only_if_the_daemon_does_not_do_its_work(status: str, code: int) -> None:
    found = await asked(site([health_route(lambda: {"status": status})], True), "/health", "localhost")
    assert found == (code, f'{{"status":"{status}"}}')


async def test_health_says_states_and_no_names_to_whoever_has_not_logged_in() -> None:
    found = {
        "status": "failing", "version": "1.2", "since": "2026-11-21T12:00:00Z",
        "reasons": [
            {"failing": True, "part": "broker", "text": "mqtt://bench.example:1883 does not answer"},
            {"failing": False, "part": "pump victim", "text": "silent: /dev/ttyACM7"},
        ],
        "pumps": {"victim": "silent", "other": "ok", "third": "ok"},
    }  # fmt: skip
    code, text = await asked(
        site([health_route(lambda: found)], False, lambda: "a-token-that-is-long-enough"), "/health", "bench.example"
    )
    assert (code, json.loads(text)) == (
        503,
        {
            "status": "failing",
            "reasons": [{"part": "broker", "failing": True}, {"part": "pump", "failing": False}],
            "pumps": {"ok": 2, "silent": 1},
        },
    )
    assert json.loads((await asked(site([health_route(lambda: found)], True), "/health", "localhost"))[1]) == found


@pytest.mark.parametrize(
    ("connected", "away_s", "status"), [(True, 99, "ok"), (False, 29, "ok"), (False, 31, "failing")]
)
def test_a_broker_is_missed_from_the_moment_it_went_whenever_somebody_asks(
    connected: bool, away_s: float, status: str
) -> None:
    sink = MqttSink(BROKER, UpdateQueue(1), SimpleNamespace(), print)  # type: ignore[arg-type]
    sink.left_s, sink.trouble = time.monotonic() - away_s, "refused"
    if connected:
        sink.connected.set()
    async_journal = SimpleNamespace(trouble="", remade=(False, ""), bad_rows={}, clock_stepped="")
    found = Health(list, async_journal, [sink], LoopLag(lambda: None, None), START).now()  # type: ignore[arg-type]
    assert found["status"] == status
    assert [reason["part"] for reason in found["reasons"]] == ["broker"] * (status == "failing")
    assert all(f"{BROKER.url}: refused, for 31 s" in reason["text"] for reason in found["reasons"])


def test_what_is_wrong_at_a_broker_although_records_get_through_degrades_and_fails_nothing() -> None:
    sink = MqttSink(BROKER, UpdateQueue(1), SimpleNamespace(), print)  # type: ignore[arg-type]
    sink.connected.set()
    topic = TopicName("warmflow/rig/alarm/rate")
    sink.sender.left_out.add(topic, LeftOut("Not authorized (0x87)"), 0.0)
    sink.incoming.neighbours = Neighbours("a")
    sink.incoming.neighbours.on_info(b'{"id": "b", "since": "x"}', time.monotonic())
    async_journal = SimpleNamespace(trouble="", remade=(False, ""), bad_rows={}, clock_stepped="")
    found = Health(list, async_journal, [sink], LoopLag(lambda: None, None), START).now()  # type: ignore[arg-type]
    assert found["status"] == "degraded"
    neighbour, left_out = (reason["text"] for reason in found["reasons"])
    assert "another daemon also publishes under warmflow/: b" in neighbour
    assert f"{topic}: Not authorized (0x87)" in left_out


def test_a_step_of_the_clock_is_on_the_health_page_and_fails_nothing() -> None:
    async_journal = SimpleNamespace(
        trouble="", remade=(False, ""), bad_rows={}, clock_stepped="this computer's date jumped forward by 400.0 days"
    )
    found = Health(list, async_journal, [], LoopLag(lambda: None, None), START).now()  # type: ignore[arg-type]
    assert found["status"] == "degraded"
    assert found["reasons"] == [{"failing": False, "part": "clock", "text": async_journal.clock_stepped}]


def test_samples_become_prometheus_text() -> None:
    text = exposition(
        KINDS,
        [
            Sample("warmflow_frames", 3, ("/dev/a", 'ri"g\n')),
            Sample("warmflow_frames", 4, ("/dev/b", "left")),
            Histogram("warmflow_loop_delay_seconds", "late", (0.1, 1.0), (2, 1, 1), 5.5),
        ],
    ).decode()
    assert r'warmflow_frames_total{port="/dev/a",pump="ri\"g\n"} 3.0' in text
    assert 'warmflow_frames_total{port="/dev/b",pump="left"} 4.0' in text
    assert text.count("# TYPE warmflow_frames_total counter") == 1
    assert 'warmflow_loop_delay_seconds_bucket{le="1.0"} 3.0' in text
    assert 'warmflow_loop_delay_seconds_bucket{le="+Inf"} 4.0' in text


def test_a_sample_that_the_table_lacks_is_an_error_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        exposition(KINDS, [Sample("warmflow_misc", 1)])


def test_counts_of_a_wire_go_on_when_its_port_is_opened_again() -> None:
    wire = WireCount()
    for _ in range(2):
        decoder: Decoder = wire.fresh()
        decoder.feed(b"\0noise that is no frame\0")
    assert sum(wire.rejected.values()) == 2
    assert sum(wire.dropped_bytes.values()) == 2 * len("noise that is no frame")
