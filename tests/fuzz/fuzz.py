"""Fuzzes by the number: `python tests/fuzz/fuzz.py` gives a million inputs to all targets and says what broke.

`--target decoder --seed 3 --input 4711` repeats one. `--atheris decoder --inputs 200000` lets atheris look for new ways
through the code, where it is installed.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

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
    failures = []
    for name, (_, share) in TARGETS.items():
        if given.target in (None, name):
            inputs = given.inputs if given.target else round(given.inputs * share)
            began = time.perf_counter()
            found = run(name, given.seed, inputs)
            took_s = time.perf_counter() - began
            each_us = 1e6 * took_s / inputs
            print(f"{name:10}{inputs:9} inputs {took_s:7.1f} s {each_us:7.0f} us each, {len(found)} failures")
            failures += found
    print("\n".join(failures) or "nothing was raised")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
