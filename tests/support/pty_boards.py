"""Many boards from one process, each on a pseudo-terminal of its own: paper boards, fast enough to load a daemon.

They speak the whole contract (HELLO, RESEND_FROM, acknowledgements, summaries, INFO, truth) and keep what nobody has
acknowledged. A reading's uptime is the monotonic clock of this computer when it was made, so whoever gets it knows its
age. Run as a program it says its ports as a JSON line, and answers each line at stdin with its report.
"""

import argparse
import json
import os
import random
import selectors
import struct
import sys
import time
import tty
from typing import Any

from pumplink import fastcodec, framing
from pumplink import messages as m
from pumpmodel import Pump

FLOW_NL_H = round(Pump(place="water").flow_nl_h)
REST_MC = 34_000
INFO_MS, TRUTH_MS = 10_000, 500  # as the firmware does
SWING_MS = 4_000  # an alarming board's flow is high for so long, then less so: one that comes and goes would be damped
SHARE_BYTES = 4096  # of a flood, then the other boards have their turn


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Board:
    """One board. `made`: the last sequence; `acknowledged`; `held`: payloads that nobody has acknowledged yet."""

    def __init__(self, number: int, name: str, speed_x: int, alarming: bool) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)
        self.name, self.alarming, self.speed_x = name, alarming, speed_x
        self.board_id = struct.pack(">Q", 0xF1EE_7000_0000_0000 + number)
        self.boot = (1, random.Random(number).getrandbits(32))
        self.made = self.acknowledged = self.hellos = self.resends = 0
        self.held: dict[int, m.Telemetry] = {}
        self._noise = random.Random(number)
        self._began_ms = now_ms()
        self._volume_nl = 0.0
        self._cursor, self._sent_through = 1, 0
        self._urgent: list[bytes] = []
        self._out = self._line = b""
        self._told_ms = self._info_ms = self._began_ms
        self._greeted = False

    def sample(self, at_ms: int, interval_ms: int) -> None:
        """One more reading, sent at once if the port takes it."""
        if not self._greeted:  # a board records before anybody listens; here the count begins with the first listener
            return
        pump_ms = (at_ms - self._began_ms) * self.speed_x
        high = self.alarming and (at_ms - self._began_ms) // SWING_MS % 2
        flow = round(FLOW_NL_H * (1.4 if high else 1.12 if self.alarming else 1.0) * self._noise.gauss(1.0, 0.01))
        self._volume_nl += flow * interval_ms * self.speed_x / 3_600_000
        self.made += 1
        probe_mc = REST_MC + round(self._noise.gauss(0, 5))
        self.held[self.made] = m.Telemetry(
            0, self.made, at_ms, pump_ms, probe_mc, 0, None, flow, round(self._volume_nl), 32
        )
        if at_ms - self._told_ms >= TRUTH_MS:
            self._told_ms = at_ms
            self._say(self._truth(at_ms, pump_ms, flow))
        if at_ms - self._info_ms >= INFO_MS:
            self._info_ms = at_ms
            self._say(m.Info(at_ms, pump_ms, *self._declared(), 200_000, len(self.held), 0, 0, 0, 0, 0))
        self.service()

    def flood(self, readings: int) -> None:
        """A backlog of so many; the port takes it as fast as it is read."""
        began_ms = now_ms() - 10 * readings
        for sequence in range(1, readings + 1):
            flow, volume = round(FLOW_NL_H * self._noise.gauss(1.0, 0.01)), round(FLOW_NL_H * sequence / 360_000)
            at_ms = began_ms + 10 * sequence
            self.held[sequence] = m.Telemetry(
                0, sequence, at_ms, 10 * sequence, REST_MC + sequence % 7, 0, None, flow, volume, 32
            )
        self.made = readings

    def service(self) -> bool:
        """Writes what the port takes; True if something is left."""
        sent = 0
        while sent < SHARE_BYTES:
            if not self._out:
                self._out = self._next()
                if not self._out:
                    return False
            try:
                taken = os.write(self.master, self._out)
            except BlockingIOError:
                return True
            sent += taken
            self._out = self._out[taken:]
            if self._out:
                return True
        return True

    def heard(self) -> None:
        """Commands have come."""
        try:
            lines = (self._line + os.read(self.master, 65536)).split(b"\n")
        except BlockingIOError:
            return
        self._line = lines.pop()
        for text in filter(None, lines):
            payload, _ = framing.unline(text)
            if payload:
                self._obey(fastcodec.DECODERS[payload[0]](payload), payload[0])
        self.service()

    def report(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "board_id": self.board_id.hex(),
            "boot": f"{self.boot[0]}-{self.boot[1]:08x}",
            "made": self.made,
            "acknowledged": self.acknowledged,
            "hellos": self.hellos,
            "resends": self.resends,
            "began_ms": self._began_ms,
            "speed_x": self.speed_x,
            "alarming": self.alarming,
        }

    def _next(self) -> bytes:
        if self._urgent:
            return self._urgent.pop(0)
        out = []
        while self._cursor <= self.made and len(out) < 64:
            late = self._cursor <= self._sent_through or self._cursor < self.made
            reading = self.held.get(self._cursor)
            if reading:
                out.append(framing.frame(fastcodec.encode_telemetry(reading._replace(backlog=int(late)))))
            self._sent_through = max(self._sent_through, self._cursor)
            self._cursor += 1
        return b"".join(out)

    def _say(self, message: m.Message) -> None:
        self._urgent.append(framing.frame(fastcodec.ENCODERS[type(message)](message)))

    def _obey(self, command: m.Message, kind: int) -> None:
        match command:
            case m.HelloRequest():
                self._greeted = True
                self.hellos += 1
                at_ms, declared = now_ms(), self._declared()
                pump_ms = (at_ms - self._began_ms) * self.speed_x
                oldest = min(self.held, default=self.made + 1)
                ids = (self.board_id, *self.boot)
                self._say(
                    m.Hello(2, 0, 0, 1, 0, 3, *ids, at_ms, pump_ms, 65536, oldest, self.made + 1, *declared, m.LAYOUT)
                )
            case m.AckThrough(_, count, number, sequence) if (count, number) == self.boot:
                for each in range(self.acknowledged + 1, sequence + 1):
                    self.held.pop(each, None)
                self.acknowledged = max(self.acknowledged, sequence)
            case m.ResendFrom(_, count, number, sequence) if (count, number) == self.boot:
                self.resends += 1
                self._cursor = max(1, sequence)
            case _ if getattr(command, "request_id", 0):
                self._say(m.Ack(command.request_id, kind, now_ms(), ""))

    def _declared(self) -> tuple[Any, ...]:
        flows = (54_167, 30_000_000, 1_000_000, 10_000, 101_325, 101_325)
        return (self.name, "r11", 1, *flows, 1, 0, 2, 1, 1, 0, 30_000_000, 0, 10, self.speed_x)

    def _truth(self, at_ms: int, pump_ms: int, flow: int) -> m.Truth:
        values = dict.fromkeys(m.Truth._fields, 1000) | {"faults": 0, "flags": 0, "flow_nl_h": flow}
        return m.Truth(**values | {"sequence": self.made, "uptime_ms": at_ms, "pump_time_ms": pump_ms})


class Fleet:
    """All boards and their clock."""

    def __init__(self, boards: int, rate_hz: float, alarming: int, speed_x: int, flood: int) -> None:
        self.boards = [Board(n, f"p{n:03}", speed_x if n < alarming else 1, n < alarming) for n in range(boards)]
        self.sampling = not flood
        self._interval_ms = round(1000 / rate_hz)
        self._due_ms = [now_ms() + n * self._interval_ms // boards for n in range(boards)]
        self._selector = selectors.DefaultSelector()
        for board in self.boards:
            if flood:
                board.flood(flood)
            self._selector.register(board.master, selectors.EVENT_READ, board)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._wants: set[Board] = set()

    def run(self) -> None:
        """Until stdin ends."""
        say({"ports": [board.path for board in self.boards]})
        while True:
            wait_ms = max(0, min(self._due_ms) - now_ms()) if self.sampling else 20
            for key, mask in self._selector.select(wait_ms / 1000):
                if key.data is None:
                    if not self._asked(sys.stdin.readline()):
                        return
                    continue
                if mask & selectors.EVENT_READ:
                    key.data.heard()
                self._watch(key.data, key.data.service())
            if self.sampling:
                self._sample()

    def _sample(self) -> None:
        for n, board in enumerate(self.boards):
            at_ms = now_ms()
            if self._due_ms[n] <= at_ms:
                self._due_ms[n] += self._interval_ms
                board.sample(at_ms, self._interval_ms)
                self._watch(board, board.service())

    def _watch(self, board: Board, writing: bool) -> None:
        if writing != (board in self._wants):
            (self._wants.add if writing else self._wants.discard)(board)
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
            self._selector.modify(board.master, events, board)

    def _asked(self, word: str) -> bool:
        if word.strip() == "stop":
            self.sampling = False
        say({"boards": [board.report() for board in self.boards]})
        return bool(word)


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", type=int, default=100)
    parser.add_argument("--rate-hz", type=float, default=10.0)
    parser.add_argument("--alarming", type=int, default=0, help="so many boards swing between 12 and 40 %% high")
    parser.add_argument("--speed", type=int, default=60, help="pump time of the alarming boards")
    parser.add_argument("--flood", type=int, default=0, help="so many readings of each board, as fast as it is read")
    given = parser.parse_args()
    Fleet(given.boards, given.rate_hz, given.alarming, given.speed, given.flood).run()


if __name__ == "__main__":
    main()
