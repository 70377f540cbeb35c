"""Ending tasks for sure, and noticing those that break.

`asyncio.wait_for` of Python 3.11 can swallow a cancellation when its result arrives at the same moment, and aiomqtt
waits with it: one `cancel()` is then not enough, and a stop would hang.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

AGAIN_S = 0.5


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancels the tasks until they have ended; their exceptions stay in the tasks."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_S)
    for task in tasks:
        if not task.cancelled():
            task.exception()


def watched(work: Coroutine[None, None, None], failed: asyncio.Future[None], name: str = "") -> asyncio.Task[None]:
    """Work as a task; `failed` gets the exception that breaks it, the first one of all."""
    task = asyncio.create_task(work, name=name or None)

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error and not failed.done():
            failed.set_exception(error)

    task.add_done_callback(ended)
    return task
