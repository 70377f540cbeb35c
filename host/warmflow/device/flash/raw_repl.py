"""MicroPython's prompt on a board, through mpremote: runs small pieces of code there and returns what they print.

mpremote is made as a program, so little of it is used, here and nowhere else, and its version is bounded.
Refuses to guess what an answerless port is: it says what it saw and what to do.
"""

import ast
import io
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any

from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from pumplink.decoder import Decoder, Received
from warmflow.device.firmware.errors import NEW_PICO, FlashError
from warmflow.runtime.json_text import parse_json

ANSWER_S = 10.0
TRIES = 3  # of Ctrl-C
SLICE_BYTES = 256  # for each of which the board has the time for an answer
_RESET = "import machine\nmachine.reset()"
# What mpremote raises when a board or its cable goes away in the middle; SerialException is an OSError.
BROKEN = (TransportError, OSError, struct.error, TypeError)


class BoardError(FlashError):
    """Code on the board raised; the text is its last line."""


class Prompt:
    """A board that was broken into: made by `prompt()`."""

    def __init__(self, path: str, transport: Any, answer_s: float) -> None:
        self.path = path
        self._transport, self._answer_s = transport, answer_s

    def run(self, code: str, payload: bytes = b"", on_line: Callable[[str], None] = lambda line: None) -> list[str]:
        """The lines that `code` prints; each must come within the time for an answer.

        payload: goes to the code's standard input; it must not hold 0x03, which would interrupt the code.
        Raises: BoardError if the code raises there; BROKEN if the board does not answer any more.
        """
        lines: list[str] = []
        got = bytearray()

        def take(data: bytes) -> None:
            got.extend(data)
            if data == b"\n":
                lines.append(got.decode(errors="replace").strip())
                got.clear()
                on_line(lines[-1])

        with redirect_stdout(io.StringIO()):
            self._transport.exec_raw_no_follow(code)
            for at in range(0, len(payload), SLICE_BYTES):
                self._transport.serial.write(payload[at : at + SLICE_BYTES])
            _, raised = self._transport.follow(self._answer_s, take)
        if raised:
            raise BoardError(f"{self.path}: on the board: {raised.decode(errors='replace').strip().splitlines()[-1]}")
        return lines

    def ask(self, code: str) -> Any:
        """The JSON that `code` prints."""
        return parse_json(self.run(code)[-1])

    def reset(self) -> None:
        """Restarts the board; its port may go away at once."""
        try:
            self._transport.exec_raw_no_follow(_RESET)
        except BROKEN:  # it was stopped amid something: once more, from the start
            with suppress(*BROKEN), redirect_stdout(io.StringIO()):
                self._transport.enter_raw_repl(soft_reset=False, timeout_overall=1)
                self._transport.exec_raw_no_follow(_RESET)
        time.sleep(0.1)  # a closed port would take the last bytes with it


@contextmanager
def prompt(path: str, answer_s: float = ANSWER_S) -> Iterator[Prompt]:
    """Breaks into whatever MicroPython runs on `path`; the block ends with a restart of the board, whatever happened.

    Raises: FlashError if no MicroPython answers within `answer_s`.
    """
    try:
        transport = SerialTransport(path, exclusive=True, timeout=answer_s)
        transport.serial.write_timeout = answer_s
        transport.is_pty = False  # else it never looks at the clock while a pseudo-terminal has something to say
    except BROKEN as error:
        raise FlashError(f"{path}: cannot be opened ({error}); `warmflow ports` lists what is there") from error
    try:
        _break_in(path, transport, answer_s)
    except BaseException:
        _close(transport)
        raise
    board = Prompt(path, transport, answer_s)
    try:
        yield board
    finally:
        board.reset()
        _close(transport)


def _break_in(path: str, transport: Any, answer_s: float) -> None:
    """Twice where something answered: a program that is just reading can take the first request with it."""
    for last in (False, True):
        said = io.StringIO()
        try:
            _interrupt(transport.serial, answer_s)
            with redirect_stdout(said):  # it prints what it got instead of a prompt
                transport.enter_raw_repl(soft_reset=True, timeout_overall=answer_s)
            return
        except BROKEN as error:
            got = _printed(said.getvalue())
            if last or not got:
                raise FlashError(_no_prompt(path, got)) from error


def _interrupt(port: Any, answer_s: float) -> None:
    """Ctrl-C until the prompt shows, for half of the time at most: what follows would else go to the program. Seldom,
    for a second one would come into the program's own way of ending.
    """
    began_s, heard = time.monotonic(), b""
    for tries in range(1, TRIES + 1):
        port.write(b"\r\x03\x02")
        while not heard.endswith(b">>> ") and time.monotonic() < began_s + tries * answer_s / 2 / TRIES:
            heard = (heard + port.read(port.in_waiting))[-4:]
            time.sleep(0.01)
        if heard.endswith(b">>> "):
            return


def _close(transport: Any) -> None:
    with suppress(*BROKEN):
        transport.close()


def _printed(text: str) -> bytes:
    """The bytes that mpremote printed as Python writes them."""
    with suppress(ValueError, SyntaxError):
        return bytes(ast.literal_eval(text.strip() or "b''"))
    return b""


def _no_prompt(path: str, got: bytes) -> str:
    """What is at the other end, from the bytes that came in place of a prompt."""
    if any(isinstance(event, Received) for event in Decoder().feed(got + b"\0")):
        return (
            f"{path}: the warmflow firmware answers but cannot be interrupted. A Pico: plug it in again and run this "
            "again. A "
            "virtual Pico needs no flashing: restart `warmflow emulate`, it runs the firmware of this computer"
        )
    what = f"answers, but not as MicroPython ({got[:24]!r})" if got else "is silent: no MicroPython answers"
    return f"{path}: {what}. Wrong port (`warmflow ports` marks Picos), or {NEW_PICO}"
