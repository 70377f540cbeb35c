"""How fast the board's flash wears: a year of one-minute records written in several ways, the worst block's erases.

In MicroPython's unix port: `.venv/bin/micropython -X heapsize=16M tests/bench/flash_wear.py [minutes] [way ...]`. The
file system is the Pico's, littlefs with its numbers, on a block device in memory that counts. 90 of its 352 blocks hold
files that never change, as firmware and a user's own files do: littlefs does not move them, so they take no part.
"""

import os
import sys

sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/micropython")

import vfs
from flash_model import BLOCK_BYTES, BLOCKS, Flash, mount

YEAR = 525600
RECORD = 69  # bytes of a minute's summary with its CRC; the totals take fewer
PER_SEGMENT, SEGMENTS = 59, 26


def write(name, data, mode="wb"):
    with open(name, mode) as file:
        file.write(data)


def record(minute, size=48):
    return minute.to_bytes(4, "little") + bytes(size - 4)


def renamed(minute):
    write("totals.new", record(minute))
    os.rename("totals.new", "totals")


def overwritten(minute):
    write("totals", record(minute))


def two_slots(minute):
    write(f"totals.{minute & 1}", record(minute))


def two_slots_apart(minute):
    write(f"kept/totals.{minute & 1}", record(minute))


def eight_slots(minute):
    write(f"totals.{minute & 7}", record(minute))


def page_in_place(minute):
    """256 bytes somewhere in a file of 8 blocks that is always there."""
    if minute == 0:
        write("totals", bytes(8 * BLOCK_BYTES))
    with open("totals", "r+b") as file:
        file.seek(minute % 128 * 256)
        file.write(record(minute, 256))


def log(minute):
    """Appended to one of two logs of 16 kB, which take turns."""
    part, at = divmod(minute, 341)
    write(f"log.{part & 1}", record(minute), "ab" if at else "wb")


def summaries(minute):
    """Appended to 26 files of a block each: 25 full ones hold 24.6 hours."""
    part, at = divmod(minute, PER_SEGMENT)
    write(f"minutes/{part % SEGMENTS}", record(minute, RECORD), "ab" if at else "wb")


def both(minute):
    two_slots(minute)
    summaries(minute)


WAYS = (overwritten, two_slots, two_slots_apart, eight_slots, renamed, page_in_place, log, summaries, both)


def measure(way, minutes):
    flash = Flash()
    mount(flash, vfs, "/flash", make=True)
    os.chdir("/flash")
    os.mkdir("kept")
    os.mkdir("minutes")
    os.mkdir("lib")
    for index in range(45):
        write(f"lib/module_{index}.mpy", bytes(2 * BLOCK_BYTES - 100))
    flash.erases = [0] * BLOCKS
    flash.pages = flash.reads = 0
    for minute in range(minutes):
        way(minute)
    os.chdir("/")
    vfs.umount("/flash")
    per_year = YEAR / minutes
    total, worst = sum(flash.erases) * per_year, max(flash.erases) * per_year
    print(
        f"{way.__name__:16} worst {worst:7.0f} a year, 10 years {worst / 100:5.1f} % of 100,000; all {total:8.0f}; "
        f"blocks in use {sum(1 for n in flash.erases if n):3d}; pages a minute {flash.pages / minutes:.2f}"
    )


def raw(minutes):
    flash = Flash(8)
    for minute in range(minutes):
        block, page = divmod(minute % 128, 16)
        if page == 0:
            flash.ioctl(6, block)
        flash.writeblocks(block, bytes(256), page * 256)
    print(f"raw, 8 sectors   worst {max(flash.erases) * YEAR / minutes:7.0f} a year")


if __name__ == "__main__":
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else YEAR
    names = sys.argv[2:]
    for way in WAYS:
        if not names or way.__name__ in names:
            measure(way, minutes)
    if not names or "raw" in names:
        raw(minutes)
