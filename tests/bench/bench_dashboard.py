"""What the dashboard costs a browser: share of the page's main thread, bytes a second, growth of its heap after garbage
collection. Pumps are simulated in this process; the server's processor time is the matter of another bench.

`python tests/bench/bench_dashboard.py [--seconds 60]`
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from dashboard_pictures import ARGUMENTS, chromium
from dashboard_site import SimulatedPump, Site
from playwright.sync_api import Browser, sync_playwright

MAX_SHARE = {"4 x 10 Hz": 0.20, "50 x 20 Hz": 0.40}


class Case(NamedTuple):
    name: str
    pumps: int
    rate_hz: int
    path: str


CASES = (
    Case("4 x 10 Hz", 4, 10, "/"),
    Case("4 x 10 Hz", 4, 10, "/pump/p00?span=60"),
    Case("4 x 10 Hz", 4, 10, "/pump/p00?span=300"),
    Case("50 x 20 Hz", 50, 20, "/"),
    Case("50 x 20 Hz", 50, 20, "/pump/p00?span=300"),
)


def measured(browser: Browser, site: Site, case: Case, seconds: float) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    got: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: got.append(len(frame))))
    page.goto(site.url + case.path)
    page.wait_for_selector("tr[data-pump], .plots[data-drawn]")
    page.wait_for_timeout(8000)  # sparklines and holes are filled
    tool = page.context.new_cdp_session(page)
    tool.send("Performance.enable")

    def now() -> dict[str, float]:
        tool.send("HeapProfiler.collectGarbage")
        found = {each["name"]: each["value"] for each in tool.send("Performance.getMetrics")["metrics"]}
        return found | {"at": time.monotonic(), "bytes": float(sum(got))}

    before = now()
    middle = tool.send("Performance.getMetrics")["metrics"]
    start = {each["name"]: each["value"] for each in middle}
    began = time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    end = {each["name"]: each["value"] for each in tool.send("Performance.getMetrics")["metrics"]}
    took_s = time.monotonic() - began
    after = now()
    page.close()
    return {
        "main thread %": 100 * (end["TaskDuration"] - start["TaskDuration"]) / took_s,
        "of it script %": 100 * (end["ScriptDuration"] - start["ScriptDuration"]) / took_s,
        "kB/s": (after["bytes"] - before["bytes"]) / took_s / 1000,
        "heap MB": after["JSHeapUsedSize"] / 1e6,
        "heap growth kB": (after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    worst: dict[str, float] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for case in CASES:
            with tempfile.TemporaryDirectory() as folder:
                site = Site(
                    Path(folder),
                    {f"p{at:02d}": SimulatedPump(f"p{at:02d}", at, 1) for at in range(case.pumps)},
                    case.rate_hz,
                )
                site.start()
                try:
                    found = measured(browser, site, case, seconds)
                finally:
                    site.close()
            worst[case.name] = max(worst.get(case.name, 0), found["main thread %"] / 100)
            print(
                f"{case.name:11} {case.path:22}",
                ", ".join(f"{name} {value:.1f}" for name, value in found.items()),
                flush=True,
            )
        browser.close()
    for name, most in MAX_SHARE.items():
        outcome = "met" if worst[name] <= most else "MISSED"
        print(f"{name}: main thread {100 * worst[name]:.0f} %, goal {100 * most:.0f} %: {outcome}")


if __name__ == "__main__":
    main()
