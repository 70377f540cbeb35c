"""The dashboard under load: processor time of the daemon with a page open against the same daemon with none, share of
the page's main thread, bytes a second, and growth of the page's heap after garbage collection.

Each case is a real daemon with boards from one process, and a real Chromium at a page. It draws in software here, which
costs more than a graphics card would. `--seconds 60` is the run that counts. `--minutes 60` looks at the heap alone:
how it grows in an hour, by a line through what is left after each of many garbage collections.
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import daemon_bench as d
from dashboard_pictures import ARGUMENTS
from optional_parts import chromium
from playwright.async_api import CDPSession, Page, async_playwright
from wait import wait_until


class Case(NamedTuple):
    """So many pumps at such a rate, looked at on `page`; the goals are shares of a core."""

    pumps: int
    rate_hz: int
    page: str
    server_goal: float
    browser_goal: float


CASES = (
    Case(4, 10, "/pump/{pump}", 0.03, 0.20),
    Case(50, 20, "/", 0.10, 0.40),
    Case(50, 20, "/pump/{pump}", 0.10, 0.40),
)
SETTLE_S = 5.0
START_S = 20.0  # a daemon has its pumps, and has collected what its start left behind
GROWTH_GOAL_MB_H = 5.0
BINARY, BASE64 = 2, 0.75  # kind of a frame whose bytes are told in four characters for three
SAMPLES = 60  # of the heap in a run
WARM_SHARE = 0.25  # of a run is not looked at: rings and compiled code fill first


class Looked(NamedTuple):
    """A daemon with boards, and a browser's page at it."""

    daemon: d.Daemon
    page: Page
    session: CDPSession


@asynccontextmanager
async def looked_at(case: Case, alone: Callable[[d.Daemon], Awaitable[None]]) -> AsyncIterator[Looked]:
    """The case running; `alone` is called when no page is open yet."""
    listener = d.Listener()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = await stack.enter_async_context(d.listening(listener, folder))
        fleet = await stack.enter_async_context(d.boards("--boards", case.pumps, "--rate-hz", case.rate_hz))
        daemon = await stack.enter_async_context(d.daemon(fleet.ports, broker, folder))
        await wait_until(lambda: len(listener.got) >= case.pumps, 60, check=daemon.check, state=daemon.last_lines)
        await asyncio.sleep(START_S)
        await alone(daemon)
        play = await stack.enter_async_context(async_playwright())
        browser = await play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1600, "height": 900})
        found = re.search(r"http://127\.0\.0\.1:\d+", daemon.log.read_text())
        assert found, daemon.last_lines()
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await session.send("Network.enable")
        await page.goto(found[0] + case.page.format(pump=(await fleet.report())[0]["name"]))
        await asyncio.sleep(SETTLE_S)
        yield Looked(daemon, page, session)
        await browser.close()


async def measure(case: Case, seconds: float) -> dict[str, Any]:
    """Figures of one case."""
    alone = received = 0.0

    async def with_no_page(daemon: d.Daemon) -> None:
        nonlocal alone
        alone = await _core(daemon, seconds)

    def count(frame: Any) -> None:
        nonlocal received
        response = frame["response"]
        received += len(response["payloadData"]) * (BASE64 if response["opcode"] == BINARY else 1)

    async with looked_at(case, with_no_page) as (daemon, _, session):
        session.on("Network.webSocketFrameReceived", count)
        heap_before = await _heap(session)
        before, received_before = await _metrics(session), received
        watched = await _core(daemon, seconds)
        after, received_after = await _metrics(session), received
        heap_after = await _heap(session)
    taken_s = after["Timestamp"] - before["Timestamp"]
    main_thread = (after["TaskDuration"] - before["TaskDuration"]) / taken_s
    return {
        "case": f"{case.pumps} pumps x {case.rate_hz} Hz, {case.page}",
        "daemon with no page": alone,
        "server share of a core": watched - alone,
        "main thread share": main_thread,
        "of it scripts": (after["ScriptDuration"] - before["ScriptDuration"]) / taken_s,
        "kB a second": (received_after - received_before) / taken_s / 1000,
        "heap MB": heap_after / 1e6,
        "heap growth MB": (heap_after - heap_before) / 1e6,
        "load": d.load(),
        "met": watched - alone < case.server_goal and main_thread < case.browser_goal,
    }


async def growth(case: Case, minutes: float) -> dict[str, Any]:
    """The page's heap over so many minutes, after garbage collections."""

    async def at_once(daemon: d.Daemon) -> None:
        pass

    async with looked_at(case, at_once) as (_, _page, session):
        await session.send("HeapProfiler.enable")
        clock, samples = asyncio.get_running_loop().time, list[tuple[float, float]]()
        began_s = clock()
        for number in range(SAMPLES + 1):
            await asyncio.sleep(max(0.0, began_s + 60 * minutes * number / SAMPLES - clock()))
            samples.append(((clock() - began_s) / 3600, await _heap(session) / 1e6))
    settled = [each for each in samples if each[0] >= WARM_SHARE * minutes / 60]
    hours, megabytes = zip(*settled, strict=True)
    fitted = statistics.linear_regression(hours, megabytes)
    off = [at - fitted.intercept - fitted.slope * hour for hour, at in settled]
    error = statistics.stdev(off) / statistics.stdev(hours) / len(settled) ** 0.5
    return {
        "case": f"{case.pumps} pumps x {case.rate_hz} Hz, {case.page}, {minutes:g} min",
        "heap MB at first": samples[0][1],
        "heap MB at last": samples[-1][1],
        "heap MB at most": max(each[1] for each in samples),
        "heap growth MB an hour": fitted.slope,
        "give or take": 2 * error,  # two standard errors: a short run says little of an hour
        "share of the goal": fitted.slope / GROWTH_GOAL_MB_H,
        "load": d.load(),
        "met": fitted.slope < GROWTH_GOAL_MB_H,
    }


async def _core(daemon: d.Daemon, seconds: float) -> float:
    first = daemon.usage()
    await asyncio.sleep(seconds)
    last = daemon.usage()
    return (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s)


async def _metrics(session: CDPSession) -> dict[str, float]:
    said = await session.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in said["metrics"]}


async def _heap(session: CDPSession) -> float:
    """Bytes that the page holds after a garbage collection: its objects, and the columns behind its arrays."""
    await session.send("HeapProfiler.collectGarbage")
    said = await session.send("Runtime.getHeapUsage")
    return float(said["usedSize"] + said.get("backingStorageSize", 0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement, with and without a page")
    parser.add_argument("--minutes", type=float, help="look at the growth of the heap alone, for so long a case")
    parser.add_argument("--case", type=int, choices=range(1, len(CASES) + 1), help="one case alone, by its number")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args()
    all_met = True
    for case in CASES if given.case is None else CASES[given.case - 1 :][:1]:
        found = asyncio.run(growth(case, given.minutes) if given.minutes else measure(case, given.seconds))
        all_met &= found["met"]
        if given.json:
            print(json.dumps(found))
            continue
        for name, value in found.items():
            print(f"{name:24}{value:.3f}" if isinstance(value, float) else f"{name:24}{value}")
        heap = f"goal: {GROWTH_GOAL_MB_H:g} MB an hour\n"
        cores = f"goals: server {case.server_goal:.0%}, main thread {case.browser_goal:.0%} of a core\n"
        print(heap if given.minutes else cores)
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
