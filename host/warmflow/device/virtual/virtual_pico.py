"""The virtual Pico itself: chooses an engine, keeps its process and its port, resets it, says when it died.

It holds the board's flash (the state folder) for itself, and when the context ends nothing of it runs any more.
It reads no byte of what the board says; whoever wants that opens `port`.
"""

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from warmflow.device.firmware.files import assemble
from warmflow.device.virtual.cpython import CPYTHON
from warmflow.device.virtual.engine import RESET_STATUS, Board, Engine, EngineError
from warmflow.device.virtual.pty_port import PtyPort
from warmflow.device.virtual.rp2040 import RP2040
from warmflow.device.virtual.unix import UNIX
from warmflow.runtime.child_process import Child
from warmflow.runtime.private_files import open_private, private_folder
from warmflow.runtime.text import did_you_mean

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (UNIX, CPYTHON, RP2040)}
AUTO = ("unix", "cpython")

# A board that resets itself in a loop must not take the computer with it.
REBOOT_S = 0.2

_log = logging.getLogger(__name__)


class VirtualPico:
    """A running virtual board, made by `virtual_pico()`. `port` stays the same over resets; `died` is set when the
    board's process ended by itself, and cleared by `reset()`."""

    def __init__(self, engine: Engine, board: Board, port: PtyPort, on_line: Callable[[str], None] | None) -> None:
        self.died = asyncio.Event()
        self.boots = 0
        self._engine, self._board, self._pty, self._on_line = engine, board, port, on_line
        self._one_at_a_time = asyncio.Lock()
        self._child: Child | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def port(self) -> str:
        return self._pty.path

    @property
    def engine(self) -> str:
        return self._engine.name

    @property
    def state_dir(self) -> Path:
        return self._board.state_dir

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def tail(self) -> list[str]:
        """The last lines the board's process wrote to stderr: a traceback, when the firmware crashed."""
        return self._child.tail() if self._child else []

    def describe(self) -> str:
        """One line: engine, port and state."""
        state = f"pid {self.pid}"
        if self.died.is_set() and self._child:
            state = f"ended with status {self._child.returncode}"
        return f"virtual Pico, {self._engine.what}, on {self.port}, {state}, flash in {self.state_dir}"

    async def reset(self) -> None:
        """Hard reset: end the board's process and start it again on the same port, with the same flash."""
        async with self._one_at_a_time:
            await self._end()
            self._pty.drop_unread()
            await self._boot()

    async def close(self) -> None:
        """Power off. For `virtual_pico()`."""
        async with self._one_at_a_time:
            watcher = self._watcher
            await self._end()
        if watcher:
            await asyncio.wait([watcher])

    async def _boot(self) -> None:
        fd = self._pty.board_fd
        self._child = await Child.start(
            self._engine.command(self._board),
            name=f"virtual Pico ({self.engine})",
            cwd=self.state_dir,
            stdin=fd,
            stdout=fd,
            on_line=self._on_line,
        )
        self.boots += 1
        self.died.clear()
        self._watcher = asyncio.create_task(self._watch(self._child))

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            await child.stop()

    async def _watch(self, child: Child) -> None:
        status = await child.wait()
        if child is not self._child:
            return  # we ended it ourselves
        if status != RESET_STATUS:
            self.died.set()
            return
        await asyncio.sleep(REBOOT_S)
        async with self._one_at_a_time:
            if child is self._child:
                await self._boot()


def choose_engine(name: str = "auto", engines: Mapping[str, Engine] = ENGINES) -> Engine:
    """The engine of that name; "auto" is the first of AUTO that can run, with a warning when it is not the best.

    Raises: EngineError naming what is missing.
    """
    if name == "auto":
        reasons: list[str] = []
        for engine in (engines[each] for each in AUTO):
            if (reason := engine.missing()) is None:
                if reasons:
                    _log.warning("%s; until then the firmware runs on %s", reasons[0], engine.what)
                return engine
            reasons.append(reason)
        raise EngineError("; ".join(reasons))
    if name not in engines:
        raise EngineError(f"no engine {name!r}; {did_you_mean(name, ['auto', *engines])}")
    if reason := engines[name].missing():
        raise EngineError(reason)
    return engines[name]


@asynccontextmanager
async def virtual_pico(
    engine: str = "auto",
    *,
    state_dir: Path,
    config: Mapping[str, Any] | None = None,
    firmware: Path | None = None,
    uf2: Path | None = None,
    board_speed: float = 1.0,
    parts: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> AsyncIterator[VirtualPico]:
    """Run the firmware on a virtual board for the length of the context.

    state_dir: the board's flash, kept; config: written there as config.json, None leaves what is there.
    firmware: an assembled firmware folder; None assembles the project's own into state_dir/.firmware.
    uf2: MicroPython's image for the rp2040 engine. board_speed: board seconds per second, rp2040 only.
    parts: a module that wires parts to the emulated chip (see rp2040_parts.py), rp2040 only.
    on_line: takes each line of the board's stderr.

    Raises: EngineError, FirmwareFilesError, ChildError.
    """
    chosen = choose_engine(engine)
    state_dir = state_dir.absolute()
    async with AsyncExitStack() as stack:
        stack.enter_context(_held(state_dir))
        folder = firmware.absolute() if firmware else await asyncio.to_thread(assemble, state_dir / ".firmware")
        if not (folder / "main.py").is_file():
            raise EngineError(f"{folder} has no main.py: name a folder with an assembled firmware")
        board = Board(folder, state_dir, config, uf2, board_speed, parts)
        chosen.command(board)  # what it refuses, it refuses before anything is written
        await asyncio.to_thread(chosen.prepare, board)
        pico = VirtualPico(chosen, board, stack.enter_context(closing(PtyPort())), on_line)
        stack.push_async_callback(pico.close)
        await pico.reset()
        yield pico


@contextmanager
def _held(state_dir: Path) -> Iterator[None]:
    """Only one virtual Pico at a time may have a flash. The lock ends with this process, however it ends."""
    private_folder(state_dir)
    with open_private(state_dir / ".lock", 0) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise EngineError(
                f"{state_dir} is the flash of another virtual Pico that runs: name another folder with --state"
            ) from error
        yield
