"""A site as the daemon serves it, fed by simulated pumps: for the browser tests and the pictures. Beside the feed all
of it is the real thing: live, journal, API, alarms, headers.

`python tests/support/dashboard_site.py` serves one to look at, until Ctrl-C.
"""

import asyncio
import contextlib
import random
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import uvicorn
from fake_ports import INFO
from starlette.applications import Starlette
from wait import wait_until

from pumplink import messages as m
from pumplink.codes import Sensor, Status
from pumpmodel import Pump
from warmflow.alarms.service import AlarmService
from warmflow.api import payloads
from warmflow.api.payloads import http
from warmflow.api.requests import NotDone
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.alarms import handlers
from warmflow.daemon.handlers.annotations import handlers as annotation_handlers
from warmflow.daemon.handlers.scenarios import Scenarios
from warmflow.device.identity import Boot
from warmflow.device.link import CommandError
from warmflow.device.states import LinkState
from warmflow.device.updates import Assessed, Declaration, GroundTruth, LinkStatus, Reading, Update
from warmflow.hub import Hub
from warmflow.journal import Journal
from warmflow.monitor import DEFAULT_LIMITS, Assessment, Finding, Measured, Monitor, PumpLimits, Rig
from warmflow.monitor.rig import BODIES, FLUIDS, PLACES
from warmflow.runtime.wall_clock import wall_clock
from warmflow.sinks.web.http_api import api
from warmflow.sinks.web.latest_explanation import Latest
from warmflow.sinks.web.live_feed import LiveFeed
from warmflow.sinks.web.pages import dashboard_routes
from warmflow.sinks.web.security_headers import SafeHeaders
from warmflow.sinks.web.table_row import table_row

LABEL_NL_H = 54_167
METER_NOISE = 0.01
JUDGED_EVERY_S = 1.0  # of ours, as the daemon does it
Before = Callable[[str, float], None]  # name of a pump, seconds that are left
AVERAGE = next(each for each, name in BODIES.items() if name == "average")
DRUG = next(each for each, name in FLUIDS.items() if name == "drug")
TUB_SKIN_C, TUB_CORE_C = 41.5, 38.5


class SimulatedPump:
    """A pump with probe, meter and monitor."""

    def __init__(self, name: str, seed: int, speed_x: int, place: str = "water") -> None:
        self.name, self.speed_x, self._tub_until_s = name, speed_x, 0.0
        self.silent = False
        self.limits: Callable[[], PumpLimits] = lambda: DEFAULT_LIMITS  # that the site has for it
        self.said: dict[str, Any] = {}  # what its board says of itself, in place of what it is
        self._noise, self.boot = random.Random(seed), Boot(f"e661385283a14b{seed:02x}", 3, seed + 1)
        self._body, self._monitor, self._sequence, self._pump_s = Pump(place=place), Monitor(), 0, 0.0
        self._rig = Rig(
            "r11", "average", place, "drug", 0.0, 101.325, LABEL_NL_H, self._body.reservoir_nl, 0,
            self._body.reservoir.residual_nl, speed_x,
        )  # fmt: skip
        self._monitor.declare(self._rig)
        self._judged_s = 0.0

    @property
    def rig(self) -> Rig:
        """What it says that it is."""
        return self._rig

    def declaration(self, utc: datetime) -> Declaration:
        """The same as its board says it."""
        rig = self._rig
        place = next(each for each, name in PLACES.items() if name == rig.place)
        info = INFO._replace(
            rig_name=self.name, profile=rig.profile, body=int(AVERAGE), place=int(place), fluid=int(DRUG),
            glycerol_permille=0, site_pressure_pa=101_325, label_flow_nl_h=LABEL_NL_H, filled_nl=rig.filled_nl,
            metered_at_fill_nl=rig.metered_at_fill_nl, residual_nl=rig.residual_nl, speed_x=rig.speed_x,
        )  # fmt: skip
        return Declaration(self.name, self.boot, info, utc)

    def refill(self, volume_ml: float) -> None:
        """Empties the reservoir and fills it; the rig says so."""
        self._body.refill(round(volume_ml * 1e6))
        self._rig = self._rig._replace(filled_nl=self._body.reservoir_nl, metered_at_fill_nl=self._body.pumped_nl)
        self._monitor.declare(self._rig)

    def hurry(self, speed_x: int) -> None:
        """Its time goes so much faster than ours from now on; the rig says so."""
        self.speed_x, self._rig = speed_x, self._rig._replace(speed_x=speed_x)
        self._monitor.declare(self._rig)

    def bathe(self, minutes: float) -> None:
        """Goes into a hot tub of 42 degC for a time (of the pump)."""
        self._tub_until_s = self._pump_s + minutes * 60
        self._body.expose(TUB_SKIN_C, TUB_CORE_C, duration_s=minutes * 60)

    def end_bath(self) -> None:
        """Out of the tub."""
        self._tub_until_s = self._pump_s
        self._body.end_exposure()

    @property
    def tub(self) -> bool:
        """Whether it is in the tub now."""
        return self._pump_s < self._tub_until_s

    def clog(self, share: float) -> None:
        """Something holds the flow, until the end."""
        self._body.fault("occlusion", share)

    def step(self, utc: datetime, dt_s: float) -> list[Update]:
        """Reading and truth after `dt_s` of wall time; once a second what the monitor makes of it."""
        left_s = dt_s * self.speed_x
        while left_s > 0:
            self._body.step(min(1.0, left_s))
            left_s -= 1.0
        self._pump_s += dt_s * self.speed_x
        self._sequence += 1
        ms, up_ms, noise = round(self._pump_s * 1000), round(self._pump_s * 1000 / self.speed_x), self._noise.gauss
        probe_mc = round((42_000 if self.tub else 34_500) + noise(0, 30))
        flow = round(self._body.flow_nl_h * (1 + noise(0, METER_NOISE)))
        message = m.Telemetry(
            0, self._sequence, up_ms, ms, probe_mc, 100, round(101_325 + noise(0, 15)), flow, self._body.pumped_nl,
            int(Status.PROBE_EMULATED),
        )  # fmt: skip
        measured = Measured.reading(message)
        if self.limits() is not self._monitor.limits:
            self._monitor.use(self.limits())
        finding = self._monitor.read(measured)
        return [
            Reading(self.name, self.boot, message, measured, utc, False, finding, self._rig, self.speed_x),
            GroundTruth(self.name, self._truth(ms), utc),
            *self._judged(utc, dt_s, measured, finding),
        ]

    def _judged(self, utc: datetime, dt_s: float, measured: Measured, finding: Finding | None) -> list[Assessed]:
        self._judged_s += dt_s
        if self._judged_s < JUDGED_EVERY_S or not finding or not (diagnosis := self._monitor.diagnosis()):
            return []
        self._judged_s = 0.0
        return [Assessed(self.name, utc, Assessment(self._rig, measured, finding, diagnosis))]

    def _truth(self, ms: int) -> m.Truth:
        body, milli = self._body, lambda value: round(value * 1000)
        return m.Truth(
            sequence=self._sequence, uptime_ms=ms, pump_time_ms=ms, skin_mc=milli(body.skin_c),
            core_mc=milli(body.core_c), pump_mc=milli(body.pump_c),
            vapour_pa=milli(body.vapour_kpa), drive_pa=milli(body.drive_kpa),
            true_ambient_pa=milli(body.ambient_kpa), outlet_pa=milli(body.outlet_kpa),
            viscosity_npa_s=round(body.viscosity_mpa_s * 1e6), flow_nl_h=round(body.flow_nl_h),
            delivered_flow_nl_h=round(body.delivered_flow_nl_h), delivered_nl=body.delivered_nl,
            reservoir_level_nl=body.reservoir_nl, reference_flow_nl_h=round(body.reference_flow_nl_h),
            faults=0, flags=0,
        )  # fmt: skip


class _BoardLink:
    """The road to a simulated pump, as scenarios use it."""

    def __init__(self, pump: SimulatedPump, refusal: Callable[[], str]) -> None:
        self.name, self.wanted, self._pump, self._refusal = pump.name, f"/dev/tty{pump.name}", pump, refusal
        self.session = SimpleNamespace(state=LinkState.OK, detail="", boot=pump.boot)
        self.rig = SimpleNamespace(sensor=Sensor.EMULATED, site_pressure_pa=101_325)

    async def command(self, make: Callable[[int], m.Message]) -> m.Ack:
        if self._refusal():
            raise CommandError(self._refusal())
        match make(2):
            case m.SetEnvironment(_, 0):
                self._pump.end_bath()
            case m.SetEnvironment(_, duration_s):
                self._pump.bathe(duration_s / 60)
        return m.Ack(2, 0, 0, "")


class _Desk:
    """Keeps what happened to alarms at once; for a test the disk is quick enough."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return self.journal.write(work)

    async def keep_alarms(self, rows: list[Any]) -> bool:
        self.journal.keep_alarms(rows)
        return True

    async def forget_alarms(self, pump: str) -> None:
        self.journal.forget_alarms(pump)


class HurriedClock:
    """Ours at first, and from then on so many times as fast."""

    def __init__(self, times: float) -> None:
        self._times, self._began = times, wall_clock()

    def __call__(self) -> datetime:
        return self._began + (wall_clock() - self._began) * self._times


class Site:
    """Pumps, and a web server that can be stopped and started again while they go on.

    alarms_x: so many times as fast as ours the time of the alarms goes, by which a condition has to stand for a while.
    """

    def __init__(self, folder: Path, pumps: dict[str, SimulatedPump], rate_hz: int = 10, alarms_x: float = 1) -> None:
        self._alarms_now = HurriedClock(alarms_x)
        self.pumps, self.rate_hz, self.asked = pumps, rate_hz, list[tuple[str, Any]]()
        self.refusal = ""  # what boards answer, in place of doing what they are told
        self._journal, self._hub = Journal(folder / "journal.sqlite"), Hub()
        self._links = {name: LinkStatus(name, LinkState.OK, "", wall_clock(), f"/dev/tty{name}") for name in pumps}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._server: uvicorn.Server | None = None
        self._ready = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prefill(self, wall_s: float, rate_hz: float, before: Before = lambda name, left_s: None) -> None:
        """A past for the journal; `before(name, seconds left)` may change a pump on its way. Before `start`."""
        now_s, count = wall_clock().timestamp(), round(wall_s * rate_hz)
        for name, pump in self.pumps.items():
            readings: list[Any] = [pump.declaration(datetime.fromtimestamp(now_s - wall_s, UTC))]
            for at in range(count):
                left_s = (count - at) / rate_hz
                before(name, left_s)
                updates = pump.step(datetime.fromtimestamp(now_s - left_s, UTC), 1 / rate_hz)
                readings.append(updates[0])
            for first in range(0, count + 1, 2000):
                self._journal.append(readings[first : first + 2000])

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(20)

    def call(self, work: Callable[[], Any]) -> Any:
        """Runs in the site's loop."""

        async def now() -> Any:
            done = work()
            return await done if asyncio.iscoroutine(done) else done

        return asyncio.run_coroutine_threadsafe(now(), self._loop).result(20)

    def link(self, name: str, state: LinkState, reason: str = "") -> None:
        """The state of a pump's link; where it is not ok the pump is silent."""
        self.pumps[name].silent = state is not LinkState.OK
        self.call(lambda: self._hub.publish(LinkStatus(name, state, reason, wall_clock(), self._links[name].port)))

    def notes(self, pump: str) -> list[Any]:
        """What people wrote about this pump."""
        said = self.call(
            lambda: self._notes["annotations"](SimpleNamespace(pump=pump, since=None, until=None, limit=9))
        )
        return list(said["annotations"])

    def stop_server(self) -> None:
        """As a daemon that is stopped: pumps and journal go on."""
        self.call(self._stop)

    def start_server(self) -> None:
        self.call(self._serve)

    def close(self) -> None:
        self.call(self._stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._journal.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._begin())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.close()

    async def _begin(self) -> None:
        self._alarms = AlarmService(_Desk(self._journal), self._hub.publish, lambda text: None, self._alarms_now)
        self._hub.add(self._alarms)
        for pump in self.pumps.values():
            pump.limits = partial(self._alarms.limits.of, pump.name)
        links: Any = [_BoardLink(pump, lambda: self.refusal) for pump in self.pumps.values()]
        self._scenarios = Scenarios(lambda: links, self._hub.publish, lambda text: None)
        self._hub.add(self._scenarios)
        more = lambda: {"alarms": self._alarms.active(), "scenarios": self._scenarios.states()}  # noqa: E731
        latest = Latest()
        card = lambda reading: payloads.card(reading, latest.of(reading.pump), latest.found(reading.pump))  # noqa: E731
        row = table_row(latest.found, self._alarms.of_pump, self._entry, self._alarms.limits.of)
        self._live = LiveFeed(card, self._link, wall_clock, more, row)
        self._hub.add(latest)
        self._hub.add(self._live)
        for link in self._links.values():
            self._hub.publish(link)
        self._tasks = [asyncio.create_task(work) for work in (self._alarms.run(), self._live.run(), self._feed())]
        await self._serve()

    def _link(self, link: LinkStatus) -> dict[str, Any]:
        said = payloads.link_status(link)
        return msgspec.structs.asdict(said) | {"link": said.status}

    def _entry(self, name: str) -> payloads.PumpEntry:
        pump, link = self.pumps[name], self._links[name]
        entry = payloads.PumpEntry(
            pump=name, port=link.port, board_id=pump.boot.board_id, status="ok", reason="", remedy="", since="",
            platform="unix", firmware="1.0.0", protocol="1.0", profile=pump.rig.profile, propellant="R-11",
            place=pump.rig.place, sensor="emulated", rate_hz=self.rate_hz, speed_x=pump.speed_x,
        )  # fmt: skip
        return msgspec.structs.replace(entry, **pump.said)

    def _pumps_page(self) -> http.PumpsPage:
        return http.PumpsPage(pumps=[], last=self._live.last(), scenarios={}, note=payloads.NOTICE)

    async def _serve(self) -> None:
        own = {"identify": self._identify, "speed": self._speed}
        self._notes = annotation_handlers(_Desk(self._journal), self.pumps.keys, wall_clock)
        answers = Dispatcher(lambda: [], handlers(self._alarms) | self._notes | self._scenarios.handlers() | own)

        async def answer(kind: str, payload: bytes) -> dict[str, Any]:
            self.asked.append((kind, payload))
            return await answers.answer(kind, payload, allowed=True)

        routes = dashboard_routes(
            self._live, api(self._pumps_page, lambda: self._journal.reader, answer, True, wall_clock)
        )
        app = SafeHeaders(Starlette(routes=routes))
        config = uvicorn.Config(
            app, "127.0.0.1", self.port, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = _Quiet(config)
        self._serving = asyncio.create_task(self._server.serve())
        await wait_until(lambda: self._server.started)

    async def _stop(self) -> None:
        if self._server:
            self._server.should_exit = True
            await self._serving
            self._server = None

    def _identify(self, ask: Any) -> dict[str, Any]:
        return {"board": "it blinks"}

    def _speed(self, ask: Any) -> dict[str, Any]:
        raise NotDone(f"speed: a board with this probe goes at 1x only, not {ask.speed_x}x")

    async def _feed(self) -> None:
        """Readings at their rate; to the journal four times a second, as the desk does."""
        waiting: list[Any] = []
        declared: dict[str, Rig] = {}
        last_s = began_s = wall_clock().timestamp()
        for tick in range(sys.maxsize):
            await asyncio.sleep(max(0.0, began_s + tick / self.rate_hz - wall_clock().timestamp()))
            now_s = wall_clock().timestamp()
            for pump in self.pumps.values():
                if pump.rig != declared.get(pump.name):
                    declared[pump.name] = pump.rig
                    waiting.append(pump.declaration(datetime.fromtimestamp(now_s, UTC)))
                if not pump.silent:
                    for update in pump.step(datetime.fromtimestamp(now_s, UTC), now_s - last_s):
                        self._hub.publish(update)
                        waiting += [update] if isinstance(update, Reading) else []
            last_s = now_s
            if tick % max(1, self.rate_hz // 4) == 0 and waiting:
                self._journal.append(waiting)
                waiting = []


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def site(folder: Path, names: list[str], rate_hz: int = 10, speed_x: int = 60) -> Iterator[Site]:
    """A site that serves while the block lasts, with no past."""
    made = Site(folder, {name: SimulatedPump(name, seed, speed_x) for seed, name in enumerate(names)}, rate_hz)
    made.start()
    try:
        yield made
    finally:
        made.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), ["rig-a", "rig-b", "rig-c", "rig-d"]) as shown:
        shown.pumps["rig-a"].bathe(600)
        print(shown.url)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
