"""The demonstration without hardware: broker, virtual Pico, daemon and a hot tub, played once, then checked.

The check is independent of the daemon: it subscribes to the broker, asks the board for the number of its records, and
counts.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pumplink import messages as m
from warmflow.cli.demo_lesson import lesson_lines
from warmflow.daemon.app import Daemon, daemon
from warmflow.daemon.config import Settings, load
from warmflow.device.link import PumpLink
from warmflow.device.link.scenario_run import ReadingTime, ScenarioRun
from warmflow.device.states import LinkState
from warmflow.device.virtual import virtual_pico
from warmflow.errors import UserError
from warmflow.notice import SHORT
from warmflow.runtime.address import OFF
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.progress_bar import ProgressBar
from warmflow.runtime.tasks import end
from warmflow.simulation.scenario import Scenario
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.client import connection

WITNESSED = ("telemetry", "event", "gap", "summary_gap", "alarm/rate", "state")
CATCH_UP_S = 15.0
START_S = 20.0
FASTEST_X = 300  # readings are then 30 s apart in pump time; from 480 on the cause of the flag is no longer found
STALL_S = 20.0  # without a reading: the demo would not end
STOPPED = 130  # exit status of a demo that was stopped: nothing was verified


class DemoError(UserError):
    """The demo cannot continue; the text says what it waited for."""


@dataclass
class Witness:
    """What a subscriber saw."""

    records: set[tuple[str, int]] = field(default_factory=set)
    repeated: int = 0
    gaps: int = 0
    peak_percent: float = 0.0
    peak_at_s: float = 0.0
    pump_time_s: float = 0.0
    flags: list[dict[str, Any]] = field(default_factory=list)

    def see(self, kind: str, payload: dict[str, Any]) -> None:
        match kind:
            case "telemetry":
                for reading in payload["readings"]:
                    self._record(payload["boot"], reading["sequence"])
                    self.pump_time_s = reading["pump_time_ms"] / 1000
            case "event":
                self._record(payload["boot"], payload["sequence"])
            case "gap" | "summary_gap":
                self.gaps += 1
            case "alarm/rate":
                last = self.flags[-1] if self.flags else {}
                if all(last.get(key) == payload[key] for key in ("level", "cause")):
                    del self.flags[-1]  # the same, with a diagnosis, or acknowledged
                self.flags.append(payload)
            case "state" if abs(payload.get("deviation_percent", 0)) > abs(self.peak_percent):
                self.peak_percent, self.peak_at_s = payload["deviation_percent"], payload["pump_time_s"]

    def _record(self, boot: str, sequence: int) -> None:
        self.repeated += (boot, sequence) in self.records
        self.records.add((boot, sequence))


async def demo(
    scenario: Scenario, engine: str, broker: str | None, speed_x: int, live: bool, say: Callable[[str], None]
) -> int:
    """Plays the scenario; 0 if nothing was lost and the flag rose and cleared, else 1.

    Raises: DemoError for a speed at which the monitor gets too few readings to judge, and for a demo that stalls.
    """
    if speed_x > FASTEST_X:
        raise DemoError(
            f"--speed {speed_x}: at most {FASTEST_X}; faster, readings are too far apart to find the cause of a flag"
        )
    with tempfile.TemporaryDirectory(prefix="warmflow-demo-") as folder:
        config = {"rig_name": "demo", "speed_x": speed_x, "sensor": "emulated"}
        quiet: Callable[[str], None] = (lambda line: None) if live else say
        async with (
            virtual_pico(engine, state_dir=Path(folder), config=config) as pico,
            daemon(_settings(pico.port, broker, Path(folder)), quiet) as running,
        ):
            quiet(pico.describe())
            hint = f"mosquitto_sub -h {running.broker.host} -p {running.broker.port} -t 'warmflow/#' -v"
            quiet(f"to watch it yourself: {hint}")
            witness = Witness()
            watching = asyncio.create_task(_witness(running.broker, witness))
            try:
                made = await _play(running, scenario, witness, live, hint, say)
            finally:
                await end(watching)
            if made is None:
                say("stopped before the end; nothing was checked")
                return STOPPED
            return _verdict(scenario, running, witness, made, say)


async def _play(
    running: Daemon, scenario: Scenario, witness: Witness, live: bool, hint: str, say: Callable[[str], None]
) -> int | None:
    """Runs the scenario to its end; how many records the board made, or None if the viewer left before."""
    for sink in running.sinks:
        await _soon(sink.ready(), f"{running.broker.describe()}: no connection within {START_S:g} s")
    await _link(running).greeted(START_S)
    playing = asyncio.create_task(_expose(running, scenario, witness, None if live else say))
    try:
        if live:
            from warmflow.cli.watch.app import WatchApp

            view = WatchApp(running.broker.host, running.broker.port, subtitle=scenario.title, hint=hint)
            showing = asyncio.create_task(view.run_async(mouse=False))
            ends: set[asyncio.Future[Any]] = {playing, showing, running.failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if showing.done():
                return None  # the user pressed q
            view.exit()
            await showing
        either: set[asyncio.Future[Any]] = {playing, running.failed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if running.failed.done():
            running.failed.result()
        return await playing
    finally:
        await end(playing)


async def _expose(running: Daemon, scenario: Scenario, witness: Witness, say: Callable[[str], None] | None) -> int:
    end_s = scenario.length_min * 60

    link = _link(running)
    time = ReadingTime(link)
    running.hub.add(time)
    run = ScenarioRun(scenario.title, scenario, link, time)
    run.begin(scenario.rest_before_min * 60)
    sending = asyncio.create_task(run.play(), name="demo's events")
    try:
        with ProgressBar("pump time") as bar:

            def progress() -> None:
                if say:
                    bar(witness.pump_time_s / end_s, f"{witness.pump_time_s / 60:.0f} of {end_s / 60:.0f} min")

            await _until(running, run, witness, end_s, progress)
    finally:
        await end(sending)
    hello = await _fresh_hello(running)
    made = hello.next_sequence - 1
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CATCH_UP_S):
            while sum(sequence <= made for _, sequence in witness.records) < made:
                await asyncio.sleep(0.05)
    return made


def _settings(port: str, broker: str | None, folder: Path) -> Settings:
    """Raises ConfigError for a broker that cannot be."""
    flags = {"port": (port,), "broker.url": broker, "journal.file": folder / "journal.sqlite", "http.listen": OFF}
    return load(None, {}, flags).settings


def _link(running: Daemon) -> PumpLink:
    """The one pump of the demo."""
    (link,) = running.fleet.links.values()
    return link


async def _soon(waiting: Coroutine[Any, Any, Any], otherwise: str) -> None:
    """Raises DemoError with these words if it takes too long."""
    try:
        async with asyncio.timeout(START_S):
            await waiting
    except TimeoutError:
        raise DemoError(otherwise) from None


async def _until(
    running: Daemon, run: ScenarioRun, witness: Witness, pump_time_s: float, progress: Callable[[], None]
) -> None:
    """Until the subscriber has seen this pump time. Raises DemoError when readings stop, or the scenario fails."""
    seen_s, since = -1.0, 0.0
    while witness.pump_time_s < pump_time_s:
        if run.state == "failed":
            raise DemoError(run.reason)
        now = asyncio.get_running_loop().time()
        if witness.pump_time_s != seen_s:
            seen_s, since = witness.pump_time_s, now
        elif now - since > STALL_S:
            link = _link(running).session
            raise DemoError(
                f"no reading for {STALL_S:g} s; link: {link.state.value} {link.detail}; {running.broker.describe()}"
            )
        progress()
        await asyncio.sleep(0.05)


async def _fresh_hello(running: Daemon) -> m.Hello:
    link = _link(running)
    before = link.hello
    await link.command(lambda number: m.HelloRequest(number, None))

    async def fresh() -> None:
        while link.hello is before:
            await asyncio.sleep(0.01)

    await _soon(fresh(), "the board no longer answers")
    assert link.hello is not None
    return link.hello


async def _witness(broker: Broker, witness: Witness) -> None:
    async with connection(broker) as client:
        await client.subscribe("warmflow/demo/#", qos=1)
        async for message in client.messages:
            kind = message.topic.value.split("/", 2)[2]
            if kind in WITNESSED and isinstance(message.payload, bytes):
                witness.see(kind, parse_json(bytes(message.payload)))


def _verdict(scenario: Scenario, running: Daemon, witness: Witness, made: int, say: Callable[[str], None]) -> int:
    received = sum(sequence <= made for _, sequence in witness.records)
    checks = {
        "nothing lost": received == made and witness.gaps == 0,
        **_expectations(scenario, witness),
        "link ok to the end": _link(running).session.state is LinkState.OK,
    }
    say("")
    say(f"{scenario.title}, {_link(running).speed_x}x, {running.broker.kind} broker: {SHORT}")
    say(f"  records sent {made}, received over MQTT {received}, lost {made - received}, repeated {witness.repeated}")
    say(f"  peak deviation {witness.peak_percent:+.1f} % at {_clock(witness.peak_at_s)} of pump time")
    for flag in witness.flags:
        say(f"  {_clock(flag['pump_time_s'])}  {flag['level']:7} {flag['cause']:12} {flag['text']}")
    for name, met in checks.items():
        say(f"  {'ok  ' if met else 'FAIL'} {name}")
    for line in lesson_lines(scenario, witness.peak_percent):
        say(line)
    return 0 if all(checks.values()) else 1


def _expectations(scenario: Scenario, witness: Witness) -> dict[str, bool]:
    """The first expected outcome of the scenario; values that it does not give are not checked."""
    outcome, (low, high), level, cause = scenario.outcome[0], *scenario.expected
    raised = [flag for flag in witness.flags if flag["active"]]
    checks: dict[str, bool] = {}
    if outcome.peak_percent:
        checks[f"peak within {low:+.0f} to {high:+.0f} %"] = low <= witness.peak_percent <= high
    if outcome.level == "normal":
        checks["no flag rose"] = not raised
    elif outcome.level:
        wanted = any(flag["level"] == level and flag["cause"] == cause for flag in raised)
        checks[f"flag rose to {level} with cause {cause}"] = wanted
        checks["flag cleared"] = bool(raised) and not witness.flags[-1]["active"]
    return checks


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
