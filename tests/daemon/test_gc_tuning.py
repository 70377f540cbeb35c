"""The garbage collector under the daemon: what has settled is out of its sight, and cycles are freed all the same."""

import asyncio
import gc
import weakref

import pytest
from wait import wait_until

from warmflow.daemon import gc_tuning as module
from warmflow.daemon.gc_tuning import tidy
from warmflow.runtime.tasks import end


class Node:
    """Something that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


async def test_what_has_settled_is_put_aside_and_its_cycles_are_freed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_S", 0.0)
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    before = gc.get_threshold()
    gc.unfreeze()  # Python 3.12 starts with some objects frozen

    node = Node()
    gone = weakref.ref(node)
    task = asyncio.create_task(tidy())
    await wait_until(lambda: gc.get_freeze_count() > 0)
    assert gc.get_threshold() == module.THRESHOLDS
    del node
    await wait_until(lambda: gone() is None)
    await end(task)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
