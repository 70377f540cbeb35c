"""The firmware on CPython with a board of paper: its clock stands still until a test moves it, its port is two
buffers.
"""

from pump.app import App
from pumplink import fastcodec, framing
from pumplink.decoder import Decoder, Received
from pumplink.messages import Message


class PaperBoard:
    """`port_takes`: bytes that the port takes before it is full; None: all."""

    platform = 4
    board_id = bytes(range(8))
    reset_cause = 1
    reset_words = "power on"
    powered_on = True
    unattended = True
    ring_percent = 25

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = {} if files is None else files
        self.now_ms = 0
        self.incoming = b""
        self.sent = bytearray()
        self.port_takes: int | None = None
        self.resets = 0
        self.die_c: float | None = None
        self.heap = 240_000
        self.lamp = False
        self.wired: dict[str, object] = {}  # what a test wires to it: one_wire, i2c, adc, or an output by its name

    def ticks_ms(self) -> int:
        return self.now_ms

    def ticks_diff(self, later: int, earlier: int) -> int:
        return later - earlier

    def random_u32(self) -> int:
        return 0xC0FFEE

    def read(self) -> bytes:
        data, self.incoming = self.incoming, b""
        return data

    def write(self, data: bytes) -> int:
        taken = len(data) if self.port_takes is None else min(len(data), self.port_takes)
        if self.port_takes is not None:
            self.port_takes -= taken
        self.sent += data[:taken]
        return taken

    def wait(self, ms: int, to_write: bool) -> None:
        self.now_ms += max(1, ms)

    def free_heap(self) -> int:
        return self.heap

    def load(self, name: str) -> bytes | None:
        return self.files.get(name)

    def save(self, name: str, data: bytes) -> None:
        self.files[name] = data

    def append(self, name: str, data: bytes) -> None:
        self.save(name, self.files.get(name, b"") + data)

    def read_at(self, name: str, offset: int, size: int) -> bytes:
        return self.files.get(name, b"")[offset : offset + size]

    def size(self, name: str) -> int:
        return len(self.files.get(name, b""))

    def held(self) -> bool:
        return False

    def watch(self) -> None:
        pass

    def feed(self) -> None:
        pass

    def unwatch(self) -> None:
        pass

    def die_temp_c(self) -> float | None:
        return self.die_c

    def led(self, on: bool) -> None:
        self.lamp = on

    def use_pins(self, given: dict[str, int]) -> None:
        pass

    def one_wire(self) -> object:
        return self.wired.get("one_wire")

    def i2c(self) -> object:
        return self.wired.get("i2c")

    def adc(self) -> object:
        return self.wired.get("adc")

    def switch(self, name: str) -> object:
        return self.wired.get(name)

    def pwm(self, name: str) -> object:
        return self.wired.get(name)

    def pulse(self, step: str, direction: str) -> object:
        return self.wired.get(step)

    def reset(self) -> None:
        self.resets += 1


class Rig:
    """An app on a paper board, and the host's end of its port."""

    def __init__(self, board: PaperBoard) -> None:
        self.board = board
        self.app = App(board)
        self._decoder = Decoder()

    def run_ms(self, ms: int) -> list[Message]:
        """Lets board time pass; what the board said meanwhile."""
        end = self.board.now_ms + ms
        while self.board.now_ms < end:
            self.app.turn()
        return self.said()

    def said(self) -> list[Message]:
        self.app.link.service()
        events = self._decoder.feed(bytes(self.board.sent))
        self.board.sent.clear()
        assert all(isinstance(event, Received) for event in events), events
        return [event.message for event in events if isinstance(event, Received)]

    def send_blind(self, *commands: Message) -> None:
        """Commands wait at the port for the next turn."""
        for command in commands:
            self.board.incoming += framing.line(fastcodec.ENCODERS[type(command)](command))

    def send(self, *commands: Message) -> list[Message]:
        self.send_blind(*commands)
        self.app.turn()
        return self.said()
