"""How late this machine makes a process like the daemon: `python tests/support/machine_probe.py FOLDER`.

Twice a second it uses the processor for 0.1 s, the share that a daemon under attack needs, and writes a block to disk.
For each line on its standard input it prints the longest that one such step took beyond that, in seconds, since the
last line. Nobody asks it for anything else, so what delays it is the machine.
"""

import os
import select
import sys
import time
from pathlib import Path

EVERY_S = 0.5
WORK_S = 0.1


def step(file: int) -> None:
    until_s = time.thread_time() + WORK_S
    while time.thread_time() < until_s:
        pass
    os.pwrite(file, b"x" * 4096, 0)
    os.fsync(file)


def main() -> None:
    file = os.open(Path(sys.argv[1]) / "machine-probe", os.O_RDWR | os.O_CREAT)
    longest_s, due_s = 0.0, time.monotonic()
    while True:
        due_s = max(due_s + EVERY_S, time.monotonic())
        while select.select([sys.stdin], [], [], max(0.0, due_s - time.monotonic()))[0]:
            if not sys.stdin.readline():
                return
            print(longest_s, flush=True)
            longest_s = 0.0
        step(file)
        longest_s = max(longest_s, time.monotonic() - due_s - WORK_S)


if __name__ == "__main__":
    main()
