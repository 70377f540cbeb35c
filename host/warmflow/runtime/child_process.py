"""One child process: started, its last lines kept, stopped in order, never left behind.

Beside every child runs a small `sh`, the guard, in the child's process group. It reads a pipe that only we hold; when
we are gone, even by `kill -9`, the pipe ends and the guard ends the group: SIGTERM, two seconds, SIGKILL. That needs
nothing but POSIX. Rejected: PR_SET_PDEATHSIG, which is Linux only, fires when the *thread* that forked ends and is
cleared by a program that changes its user (mosquitto does); and a wrapper in between, which hides the child's pid.
It restarts nothing, and a grandchild that leaves the process group is out of its reach.
"""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process, SubprocessStreamProtocol
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from warmflow.errors import UserError

LineTaker = Callable[[str], None]

TAIL_LINES = 40
SHOWN_LINES = 4
LINE_MAX_BYTES = 4096
STREAM_LIMIT_BYTES = 2**16
# How long after the child's end its output may stay open, in the hands of a grandchild that left the group.
OUTPUT_GRACE_S = 1.0

# The guard ignores what ends its group, so that it lives to send the SIGKILL.
GUARD = ("/bin/sh", "-c", 'trap "" TERM INT HUP; read -r _; kill -TERM 0; sleep 2; kill -KILL 0')


class ChildError(UserError):
    """A child process could not be started; the message names the program and the reason."""


class _Streams(SubprocessStreamProtocol):
    """Notices the program's end at once. `Process.wait()` of Python 3.11 also waits for processes that inherited its
    output.
    """

    def __init__(self) -> None:
        super().__init__(limit=STREAM_LIMIT_BYTES, loop=asyncio.get_running_loop())
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.exited.set()


class Child:
    """A running program. Made by `await Child.start(...)`; the caller must await `stop()`."""

    def __init__(
        self,
        name: str,
        transport: asyncio.SubprocessTransport,
        streams: _Streams,
        guard: Process,
        on_line: LineTaker | None,
        own_stdout: bool,
    ) -> None:
        self.name = name
        self._transport, self._streams, self._guard = transport, streams, guard
        self._on_line, self._own_stdout = on_line, own_stdout
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._end = asyncio.create_task(self._follow(), name=f"child {name}")

    @classmethod
    async def start(
        cls,
        argv: Sequence[str | Path],
        *,
        name: str,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        pass_fds: Sequence[int] = (),
        on_line: LineTaker | None = None,
    ) -> "Child":
        """Start `argv` in a separate process group, so that Ctrl-C at the terminal does not reach the child.

        stdin: a descriptor or PIPE (then write to `.stdin`); None gives the child no input.
        stdout: a descriptor or PIPE (then read `.stdout`); None takes its lines, as stderr's always are, into `tail()`
        and `on_line`.

        Raises: ChildError.
        """
        guard = await asyncio.create_subprocess_exec(
            *GUARD, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, process_group=0
        )
        try:
            transport, streams = await asyncio.get_running_loop().subprocess_exec(
                _Streams,
                *argv,
                stdin=DEVNULL if stdin is None else stdin,
                stdout=PIPE if stdout is None else stdout,
                stderr=PIPE,
                env=env,
                cwd=cwd,
                pass_fds=pass_fds,
                process_group=guard.pid,
            )
        except BaseException as error:
            guard.kill()
            await guard.wait()
            if isinstance(error, OSError):
                # for a missing `cwd` the error names the folder, for a missing program the program
                raise ChildError(f"cannot start {name}: {error.filename or argv[0]}: {error.strerror}") from error
            raise
        return cls(name, transport, streams, guard, on_line, own_stdout=stdout is None)

    @property
    def pid(self) -> int:
        return self._transport.get_pid()

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._transport.get_returncode()

    @property
    def stdin(self) -> asyncio.StreamWriter | None:
        return self._streams.stdin

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """The child's output, where `stdout=PIPE` was asked for; else None."""
        return None if self._own_stdout else self._streams.stdout

    def tail(self) -> list[str]:
        """The last lines it wrote, oldest first."""
        return list(self._tail)

    def last_words(self) -> str:
        """Its exit status and last output, in one line for an error message."""
        code = self.returncode
        state = "still running" if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"{state}, last lines: {' | '.join(self.tail()[-SHOWN_LINES:]) or 'none'}"

    async def wait(self) -> int:
        """Wait for its end and for its last line; gives the return code. Any number of tasks may wait."""
        return await asyncio.shield(self._end)

    async def stop(self, timeout_s: float = 2) -> int:
        """End it: SIGTERM, after `timeout_s` SIGKILL; gives the return code. Also when cancelled nothing is left."""
        try:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    return await self.wait()
        finally:
            self._signal(signal.SIGKILL)
        return await self.wait()

    def _signal(self, number: int) -> None:
        # The group's number is the guard's pid. It stays reserved until both processes have been waited for.
        if self._guard.returncode is None or self.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group of zombies
                os.killpg(self._guard.pid, number)

    async def _follow(self) -> int:
        ours = [self._streams.stderr, self._streams.stdout if self._own_stdout else None]
        readers = [asyncio.create_task(self._read_lines(stream)) for stream in ours if stream]
        await self._streams.exited.wait()
        self._signal(signal.SIGKILL)  # the guard, and whatever the child left in its group
        await self._guard.wait()
        _, late = await asyncio.wait(readers, timeout=OUTPUT_GRACE_S)
        if late:
            self._transport.close()  # ends the readers
        return cast(int, self.returncode)

    async def _read_lines(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(LINE_MAX_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LINE_MAX_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._take(line)
        if rest:
            self._take(rest)

    def _take(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self._tail.append(text)
        if self._on_line:  # by the loop: an error in there is the loop's to report and must not stop the reading
            asyncio.get_running_loop().call_soon(self._on_line, text)
