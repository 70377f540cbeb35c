"""What a run in closed forms costs against the stepped model, in the same run. `--json` prints JSON.

14 days of one pump at 1 s with a hot tub in them, and a sweep of 1,000 pumps. Rounds alternate and the fastest of each
counts, so that a busy machine slows both alike. The goal: at least 50 times faster; exit status 1 if it is missed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pumpmodel import Pump
from warmflow.simulation import vectorised
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import Scenario, load
from warmflow.simulation.sweep import sweep

GOAL = 50.0
ROUNDS = 5
DAYS = 14
PUMPS = 1000
TUB_AT_MIN = 60.0


class Figures(NamedTuple):
    """Seconds, and the totals that prove that both did the same."""

    rest_stepped_s: float
    rest_vectorised_s: float
    tub_stepped_s: float
    tub_vectorised_s: float
    sweep_s: float
    pumps: int
    stepped_nl: int
    vectorised_nl: float

    @property
    def ratio(self) -> float:
        """What the goal is about: the worse of both."""
        return min(self.rest_stepped_s / self.rest_vectorised_s, self.tub_stepped_s / self.tub_vectorised_s)


def stepped(days: float, tub: bool) -> int:
    """Nothing but steps of 1 s: no rows are kept."""
    pump = Pump()
    step = pump.step
    first_s = round(TUB_AT_MIN * 60) if tub else 0
    for _ in range(first_s):
        step(1.0)
    if tub:
        pump.expose(41.5, 38.5, duration_s=1800)
    for _ in range(round(days * 86400) - first_s):
        step(1.0)
    return pump.pumped_nl


def scenario(days: float, tub: bool) -> Scenario:
    """The same as a scenario."""
    base = load("hot-tub-42" if tub else "rest")
    events = tuple(event.model_copy(update={"at_min": TUB_AT_MIN}) for event in base.event)
    busy_min = max((event.end_min for event in events), default=0.0)
    update = {"rest_before_min": 0.0, "rest_after_min": days * 1440 - busy_min, "event": events}
    return base.model_copy(update=update)


def measure(days: float = DAYS, pumps: int = PUMPS, rounds: int = ROUNDS) -> Figures:
    """Runs all of it."""
    rest, tub = scenario(days, False), scenario(days, True)
    contestants: dict[str, Callable[[], object]] = {
        "rest stepped": lambda: stepped(days, False),
        "rest": lambda: vectorised.run(rest, Rig()),
        "tub stepped": lambda: stepped(days, True),
        "tub": lambda: vectorised.run(tub, Rig()),
        "sweep": lambda: sweep(load("hot-tub-42"), Rig(), "skin", np.linspace(34.0, 44.0, pumps)),
    }
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(rounds):
        for name, call in contestants.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    total_nl = float(vectorised.run(tub, Rig()).trace.pumped_nl[-1])
    return Figures(*best.values(), pumps, stepped(days, True), total_nl)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    as_json = parser.parse_args().json
    found = measure()
    if as_json:
        print(json.dumps({**found._asdict(), "ratio": found.ratio, "goal": GOAL}, indent=2))
    else:
        for name, slow_s, fast_s in (
            ("at rest", found.rest_stepped_s, found.rest_vectorised_s),
            ("with a hot tub", found.tub_stepped_s, found.tub_vectorised_s),
        ):
            times = f"stepped {slow_s:.2f} s, closed forms {1000 * fast_s:.2f} ms: x{slow_s / fast_s:.0f}"
            print(f"{DAYS} days at 1 s {name:15} {times}")
        each_ms = 1000 * found.sweep_s / found.pumps
        print(f"{found.pumps} pumps through a hot tub at 10 s: {found.sweep_s:.2f} s, {each_ms:.2f} ms a pump")
        print(f"totals {found.stepped_nl} and {found.vectorised_nl:.1f} nL")
        print(f"closed forms / stepped: x{found.ratio:.0f}, goal at least x{GOAL:.0f}")
    return 0 if found.ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
