"""How a command runs work of the event loop: to its end, or to Ctrl-C or SIGTERM, which stop it in order."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import typer


def run_to_the_end(work: Coroutine[Any, Any, int], stopped: int = 0) -> None:
    """Exits with the status of the work, or with `stopped` if the user stopped it. Raises typer.Exit."""

    async def guarded() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels the main task there, too
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return stopped

    # aiomqtt watches its socket, which the loop that Windows has by default cannot
    selector = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with asyncio.Runner(loop_factory=selector) as runner:
        raise typer.Exit(runner.run(guarded()))
