"""Power cuts on a Pico's file system, in MicroPython's unix port: `power_cuts.py SOURCES CUTS SEED`.

Life of a board, as the firmware's own store, shelf and files see it: boot, then minutes, until the power fails at a
random change of the flash, torn. The next boot mounts what is left; it never formats. Prints one line of JSON.
"""

import json
import os
import random
import sys

sys.path.insert(0, sys.argv[1])
sys.path.append(sys.argv[2])  # framing

import vfs
from flash_model import Flash, mount

from board.files import Files
from pump import codec, shelf, store

FLOW_NL = 800  # a minute


class World:
    """What an observer outside knows: nothing of it is on the flash."""

    def __init__(self):
        self.saved_nl = 0  # metered when a save had last returned
        self.boots = 0  # of the last boot that got so far as to say hello
        self.kept = 0  # number of the last summary whose put had returned
        self.counts = {"boots": 0, "cuts in boot": 0, "summaries read": 0}


def boot(board, world):
    """As App does it; the totals and the shelf."""
    totals = store.load(board)
    assert totals["metered_nl"] >= world.saved_nl, f"totals went back: {totals}, {world.saved_nl}"
    assert totals["metered_nl"] - world.saved_nl <= FLOW_NL, "more than was ever metered"
    assert totals["boots"] >= world.boots, "a boot count comes twice"
    totals["boots"] += 1
    store.save(board, totals)
    kept = shelf.Shelf(board, totals["minute"], totals["acknowledged"])
    assert kept.next > world.kept, f"summaries {kept.next} to {world.kept} are gone"
    # from here on the host sees this boot
    world.saved_nl, world.boots = totals["metered_nl"], totals["boots"]
    world.kept = kept.next - 1
    world.counts["boots"] += 1
    return totals, kept


def live(board, world, totals, kept, summaries):
    """Minutes with nobody at the port, until the power fails. Now and then a host comes and takes all."""
    while True:
        metered_nl = totals["metered_nl"] + FLOW_NL
        number = kept.next
        summaries[number] = codec.encode_minute_summary(
            totals["boots"], 7, number, 60000, 60000, 600, None, None, None, 1, 2, 3, metered_nl, 0
        )
        kept.put(summaries[number])
        world.kept = number
        totals["metered_nl"] = metered_nl
        totals["minute"] = kept.next
        if random.randrange(300) == 0:
            read_all(world, kept, summaries)
            kept.release(number)
            totals["acknowledged"] = number
        store.save(board, totals)
        world.saved_nl = metered_nl


def read_all(world, kept, summaries):
    """All that is held is what was put there; a cut may cost none that was written whole."""
    kept.seek(0)
    while kept.waiting():
        number = max(kept._cursor, kept.oldest)
        assert kept.take() == summaries[number], f"summary {number}"
        world.counts["summaries read"] += 1
    for number in [number for number in summaries if number < kept.oldest]:
        del summaries[number]


def main():
    cuts, seed = int(sys.argv[3]), int(sys.argv[4])
    random.seed(seed)
    flash, board, world, summaries = Flash(), Files(), World(), {}
    mount(flash, vfs, "/flash", make=True)
    vfs.umount("/flash")
    for _ in range(cuts):
        flash = flash.successor()
        mount(flash, vfs, "/flash")  # raises if it cannot: then a Pico would format its flash
        os.chdir("/flash")
        flash.cut_after = random.randrange(random.choice((4, 40, 400)))
        booted = False
        try:
            totals, kept = boot(board, world)
            booted = True
            live(board, world, totals, kept, summaries)
        except OSError:
            assert flash.dead
        world.counts["cuts in boot"] += not booted
        os.chdir("/")
        vfs.umount("/flash")
    flash = flash.successor()
    mount(flash, vfs, "/flash")
    os.chdir("/flash")
    totals, kept = boot(board, world)
    read_all(world, kept, summaries)
    print(json.dumps(dict(world.counts, cuts=cuts, minutes=totals["minute"] - 1, metered_nl=totals["metered_nl"])))


main()
