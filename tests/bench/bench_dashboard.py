"""The dashboard under load: processor time of the daemon with a page open against the same daemon with none, share of
the page's main thread, bytes a second, and growth of the page's heap after garbage collection.

Each case is a real daemon with boards from one process, and a real Chromium at a page. It draws in software here, which
costs more than a graphics card would. `--seconds 60` is the run that counts.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import daemon_bench as d
from dashboard_pictures import ARGUMENTS, chromium
from playwright.async_api import CDPSession, async_playwright


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


async def measure(case: Case, seconds: float) -> dict[str, Any]:
    """Figures of one case."""
    listener = d.Listener()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = await stack.enter_async_context(d.listening(listener, folder))
        fleet = await stack.enter_async_context(d.boards("--boards", case.pumps, "--rate-hz", case.rate_hz))
        daemon = await stack.enter_async_context(d.daemon(fleet.ports, broker, folder))
        await d.until(lambda: len(listener.got) >= case.pumps, daemon)
        await asyncio.sleep(SETTLE_S)
        alone = await _core(daemon, seconds)
        play = await stack.enter_async_context(async_playwright())
        browser = await play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1600, "height": 900})
        received = 0

        def count(frame: Any) -> None:
            nonlocal received
            received += len(frame)

        page.on("websocket", lambda socket: socket.on("framereceived", count))
        found = re.search(r"http://127\.0\.0\.1:\d+", daemon.log.read_text())
        assert found, daemon.last_lines()
        await page.goto(found[0] + case.page.format(pump=(await fleet.report())[0]["name"]))
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await asyncio.sleep(SETTLE_S)
        heap_before = await _heap(session)
        before, received_before = await _metrics(session), received
        watched = await _core(daemon, seconds)
        after, received_after = await _metrics(session), received
        heap_after = await _heap(session)
        await browser.close()
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


async def _core(daemon: d.Daemon, seconds: float) -> float:
    first = daemon.usage()
    await asyncio.sleep(seconds)
    last = daemon.usage()
    return (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s)


async def _metrics(session: CDPSession) -> dict[str, float]:
    said = await session.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in said["metrics"]}


async def _heap(session: CDPSession) -> float:
    """Bytes of the page's heap after a garbage collection."""
    await session.send("HeapProfiler.collectGarbage")
    return (await _metrics(session))["JSHeapUsedSize"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement, with and without a page")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args()
    all_met = True
    for case in CASES:
        found = asyncio.run(measure(case, given.seconds))
        all_met &= found["met"]
        if given.json:
            print(json.dumps(found))
            continue
        for name, value in found.items():
            print(f"{name:24}{value:.3f}" if isinstance(value, float) else f"{name:24}{value}")
        print(f"goals: server {case.server_goal:.0%}, main thread {case.browser_goal:.0%} of a core\n")
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
