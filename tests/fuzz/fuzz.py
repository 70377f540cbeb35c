"""Fuzzes by the number: `python tests/fuzz/fuzz.py` gives a million inputs to all targets and says what broke.

`--minutes 5` runs for so long instead. `--target decoder --seed 3 --input 4711` repeats one.
`--atheris decoder --inputs 200000` lets atheris look for new ways through the code, where it is installed.
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROUND = 10_000  # inputs of all targets together, for a run that is bounded by time
ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "firmware/src")]


def guided(name: str, inputs: int) -> None:
    """Coverage-guided; atheris ends the process."""
    import atheris

    with atheris.instrument_imports(include=["pumplink", "warmflow", "pump"]):
        import fuzz_targets as targets
    asyncio.set_event_loop(asyncio.new_event_loop())
    corpus = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, seed in enumerate(targets.SEEDS[name]):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup([sys.argv[0], str(corpus), f"-runs={inputs}", "-max_len=2000", "-verbosity=0"], targets.BYTES[name])
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--target", help="this one alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input", type=int, help="this one alone, with its traceback")
    parser.add_argument("--minutes", type=float, help="so long, in rounds of 10,000 inputs, each with the next seed")
    parser.add_argument("--atheris", metavar="TARGET", help="coverage-guided, by atheris")
    given = parser.parse_args()
    if given.atheris:
        guided(given.atheris, given.inputs)
        return 0
    from fuzz_targets import TARGETS, run

    if given.input is not None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        TARGETS[given.target][0](random.Random(f"{given.target} {given.seed} {given.input}"))
        return 0
    failures, inputs, took_s = list[str](), Counter[str](), dict.fromkeys(TARGETS, 0.0)
    ends_s = time.monotonic() + 60 * (given.minutes or 0)
    for seed in itertools.count(given.seed):
        for name, (_, share) in TARGETS.items():
            if given.target not in (None, name):
                continue
            wanted = ROUND if given.minutes else given.inputs
            number = wanted if given.target else max(1, round(wanted * share))
            began_s = time.perf_counter()
            failures += run(name, seed, number)
            inputs[name] += number
            took_s[name] += time.perf_counter() - began_s
        if time.monotonic() >= ends_s:
            break
    for name, number in inputs.items():
        each_us = 1e6 * took_s[name] / number
        print(f"{name:10}{number:9} inputs {took_s[name]:7.1f} s {each_us:7.0f} us each")
    print(f"{inputs.total()} inputs:", "\n".join(failures) or "nothing was raised")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
