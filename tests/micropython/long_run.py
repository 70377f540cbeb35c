"""The firmware for days of pump time, with a clock that does not wait: prints what of the heap was free, and when.

Usage: MICROPYTHON long_run.py FIRMWARE_FOLDER CONFIG_JSON DAYS. A host acknowledges once a second of board time; it is
away for ten minutes of every six hours. Prints one JSON list: pump hours, readings, bytes free after a collection.
"""

import gc
import json
import sys
from struct import pack

sys.path[:] = [sys.argv[1], ".frozen"]

from board.virtual import Board  # noqa: E402
from pump.app import App  # noqa: E402
from pumplink.framing import line  # noqa: E402

ACK_THROUGH = 0x82
ACK_EVERY_MS = 1000
AWAY_MS, EACH_MS = 600_000, 6 * 3_600_000
WRAP = 1 << 30


class Unhurried(Board):
    """Its time passes only while the program sleeps, its port takes and gives everything."""

    reset_cause, reset_words = 1, "power on"

    def __init__(self, config):
        self.board_id = bytes(8)
        self.files, self.sizes = {"config.json": config}, {}
        self.now_ms = WRAP - 60_000  # the ticks wrap within the first minute
        self.incoming = b""
        self.sent = 0

    def ticks_ms(self):
        return self.now_ms % WRAP

    def ticks_diff(self, later, earlier):
        return (later - earlier + WRAP // 2) % WRAP - WRAP // 2

    def load(self, name):
        return self.files.get(name)

    def save(self, name, data):
        self.sizes[name] = len(data)
        if "/" not in name:  # what stands in the flash is no matter of the heap
            self.files[name] = bytes(data)

    def append(self, name, data):
        self.sizes[name] += len(data)

    def size(self, name):
        return self.sizes.get(name, 0)

    def read_at(self, name, offset, size):
        return b""

    def read(self):
        data, self.incoming = self.incoming, b""
        return data

    def write(self, data):
        self.sent += len(data)
        return len(data)

    def wait(self, ms, to_write):
        self.now_ms += max(1, ms)


def run(board, days):
    app = App(board)
    next_ack_ms = hour = 0
    while app.pump_time_ms < days * 86_400_000:
        app.turn()
        now_ms = app.uptime_ms()
        if now_ms >= next_ack_ms and now_ms % EACH_MS > AWAY_MS:
            next_ack_ms = now_ms + ACK_EVERY_MS
            board.incoming = line(pack("<BHIII", ACK_THROUGH, 0, app.boot[0], app.boot[1], app.link.ring.next - 1))
        if app.pump_time_ms >= hour * 3_600_000:
            gc.collect()
            free = gc.mem_free()
            print(json.dumps([hour, app.link.ring.next - 1, free]))
            hour += max(1, days)
    print(json.dumps([app.uptime_ms() // 1000, app.guard.failures, app.link.ring.size]))


run(Unhurried(sys.argv[2].encode()), int(sys.argv[3]))
