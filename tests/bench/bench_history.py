"""A day of one pump at 10 Hz out of the journal: how long it takes to open, and to zoom to any minute of it.

864,000 readings go into a journal through its inbox; then the real daemon serves them, and the questions that the page
asks are asked over HTTP, one after another on one connection. The same in a real Chromium, to the drawn plot: in a page
that is open, and from an address on. Goals: the day 500 ms, a minute 200 ms, by HTTP 99 of 100 and in an open page half
of them; 2 s from an address on. Exit status 1 if missed. `--hours` makes a shorter log, `--no-browser` leaves Chromium
out, `--json` prints JSON.
"""

import argparse
import http.client
import json
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from command_process import Process
from dashboard_pictures import ARGUMENTS
from optional_parts import chromium
from playwright.sync_api import sync_playwright

from pumplink import messages as m
from warmflow.device.identity import Boot
from warmflow.device.updates import Reading
from warmflow.journal import Journal, WriteQueue
from warmflow.monitor import Measured
from warmflow.runtime.wall_clock import wall_clock
from warmflow.sinks.web.binary_columns import unpacked

RATE_HZ = 10
POINTS = 4000  # as plots/history.js asks
BATCH = 2000
BOOT = Boot("e661385283a14b2e", 3, 7)
DRAWN = ".plots[data-drawn]"


class Goal(NamedTuple):
    """What is asked for, and how long it may take."""

    what: str
    span_s: float
    goal_ms: float
    times: int


class Log(NamedTuple):
    """A journal that is filled: from when to when, Unix seconds."""

    path: Path
    from_s: float
    to_s: float


def fill(path: Path, hours: float) -> Log:
    """A past that ends now, as the daemon would have kept it; the broker has had all of it."""
    count = round(hours * 3600 * RATE_HZ)
    end = wall_clock()
    begin = end - timedelta(seconds=count / RATE_HZ)
    journal, noise = Journal(path), random.Random(1)
    inbox = WriteQueue(journal)
    for number in range(1, count + 1):
        inbox.on_update(_reading(number, begin + timedelta(seconds=number / RATE_HZ), noise))
        if number % BATCH == 0 or number == count:
            batch = inbox.head(BATCH)
            journal.append(batch)
            inbox.done(len(batch))
    journal.move_cursor("mqtt", journal.last())
    journal.close()
    return Log(path, begin.timestamp(), end.timestamp())


def _reading(number: int, utc: datetime, noise: random.Random) -> Reading:
    ms, flow = number * 1000 // RATE_HZ, round(48_880 + noise.gauss(0, 500))
    probe_mc, ambient_pa = round(34_500 + noise.gauss(0, 30)), round(101_325 + noise.gauss(0, 15))
    message = m.Telemetry(0, number, ms, ms, probe_mc, 100, ambient_pa, flow, number * 48_880 // 36_000, 32)
    return Reading("rig", BOOT, message, Measured.reading(message), utc, False, None, None, 1)


class Asked:
    """Questions to the daemon on one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, from_s: float, to_s: float) -> tuple[float, int]:
        """Milliseconds to the last byte, and the rows that came."""
        query = {"pump": "rig", "from": _iso(from_s), "to": _iso(to_s), "points": POINTS, "format": "columns"}
        began = time.perf_counter()
        self._connection.request("GET", f"/api/readings?{urlencode(query)}")
        answer = self._connection.getresponse()
        body = answer.read()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:200]!r}")
        return took_ms, unpacked(body)[1][0].n


def over_http(log: Log, port: int, goals: tuple[Goal, ...]) -> list[dict[str, Any]]:
    """Each question `times` times, at places of the log that chance picks."""
    asked, chance, found = Asked(port), random.Random(2), []
    for goal in goals:
        took_ms, rows = [], 0
        for _ in range(goal.times):
            from_s = chance.uniform(log.from_s, max(log.from_s, log.to_s - goal.span_s))
            each_ms, rows = asked.ask(from_s, min(log.to_s, from_s + goal.span_s))
            took_ms.append(each_ms)
        found.append(figures(goal, took_ms) | {"rows": rows, "first ms": took_ms[0]})
    return found


# Goes to another address in the open document, as a link does; milliseconds until the plot of it is drawn.
GO = """async (address) => {
  const began = performance.now();
  history.pushState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
  while (!document.querySelector(".plots[data-drawn]")) await new Promise((next) => setTimeout(next, 1));
  return performance.now() - began;
}"""


def in_browser(log: Log, port: int, opened: tuple[Goal, ...], addressed: tuple[Goal, ...]) -> list[dict[str, Any]]:
    """To the first drawn plot: in a page that is open, and in a new one from its address on."""
    chance, found = random.Random(3), []

    def address(goal: Goal) -> str:
        from_s = chance.uniform(log.from_s, max(log.from_s, log.to_s - goal.span_s - 1))
        return f"/pump/rig?from={from_s:.1f}&to={from_s + goal.span_s - 1:.1f}"

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}{address(opened[0])}")
        page.wait_for_selector(DRAWN, timeout=60_000)
        for goal in opened:
            found.append(figures(goal, [page.evaluate(GO, address(goal)) for _ in range(goal.times)]))
        page.close()
        for goal in addressed:
            took_ms = []
            for _ in range(goal.times):
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}{address(goal)}")
                page.wait_for_selector(DRAWN, timeout=60_000)
                took_ms.append(page.evaluate("performance.getEntriesByName('first plot')[0].startTime"))
                page.close()
            found.append(figures(goal, took_ms))
        browser.close()
    return found


def figures(goal: Goal, took_ms: list[float]) -> dict[str, Any]:
    """min, median and the 99th of 100, and that one as a share of the goal."""
    p99_ms = statistics.quantiles(took_ms, n=100, method="inclusive")[98] if len(took_ms) > 1 else took_ms[0]
    return {
        "what": goal.what, "n": len(took_ms), "min ms": min(took_ms), "p50 ms": statistics.median(took_ms),
        "p99 ms": p99_ms, "goal ms": goal.goal_ms, "p50 of the goal": statistics.median(took_ms) / goal.goal_ms,
        "p99 of the goal": p99_ms / goal.goal_ms,
    }  # fmt: skip


def measure(hours: float, times: int, browser: bool, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Figures of one log."""
    day_s, some = hours * 3600, max(2, times // 10)
    asked = (
        Goal("the whole log", day_s, 500, times),
        Goal("a minute, anywhere", 60, 200, times),
        Goal("an hour, anywhere", min(day_s, 3600), 200, times),
    )
    opened = (Goal("the whole log, open page", day_s, 500, some), Goal("a minute, open page", 60, 200, some))
    addressed = (Goal("the whole log, by address", day_s, 2000, some), Goal("a minute, by address", 60, 2000, some))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        log = fill(folder / "journal.sqlite", hours)
        filled_s = time.perf_counter() - began
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        daemon = Process(
            folder, "run", "--broker", "embedded", "--journal", str(log.path), "--listen", f"127.0.0.1:{port}"
        )
        try:
            daemon.says(rf"(http://127\.0\.0\.1:{port})")
            found = over_http(log, port, asked)
            pages = in_browser(log, port, opened, addressed) if browser else []
        finally:
            daemon.stop()
        size_mb = log.path.stat().st_size / 1e6
    met = all(each["p99 of the goal"] < 1 for each in found[:2]) and all(each["p50 of the goal"] < 1 for each in pages)
    records = round(hours * 3600 * RATE_HZ)
    return {"readings": records, "MB": size_mb, "filled in s": filled_s, "http": found, "browser": pages, "met": met}


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    given = parser.parse_args()
    found = measure(given.hours, given.times, browser=not given.no_browser and Path(chromium()).exists())
    if given.json:
        print(json.dumps(found))
        return 0 if found["met"] else 1
    print(f"{found['readings']} readings, {found['MB']:.0f} MB, filled in {found['filled in s']:.0f} s")
    for each in [*found["http"], *found["browser"]]:
        print(
            f"{each['what']:28} n {each['n']:3}  min {each['min ms']:6.0f}  p50 {each['p50 ms']:6.0f}  "
            f"p99 {each['p99 ms']:6.0f} ms   goal {each['goal ms']:.0f} ms: "
            f"p50 is {each['p50 of the goal']:.2f} of it, p99 {each['p99 of the goal']:.2f}"
        )
    return 0 if found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
