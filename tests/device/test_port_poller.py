"""Ports that are read together: nobody waits who was not served just before, nobody is forgotten, all end cleanly."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from wait import wait_until

from warmflow.device.transport import port_poller
from warmflow.device.transport.port_poller import unwatch, watch

pytestmark = pytest.mark.needs("POSIX")
WORST_S = 10


class Pipe:
    """One end is watched; `got` is what was served, `calls` how often."""

    def __init__(self, at_once: int = 4096) -> None:
        self.read_fd, self.write_fd = os.pipe()
        os.set_blocking(self.read_fd, False)
        self.got, self.calls, self._at_once = b"", 0, at_once
        self.then: Callable[[], None] = lambda: None

    def serve(self) -> bool:
        data = os.read(self.read_fd, self._at_once)
        self.calls += 1
        self.got += data
        self.then()
        return len(data) == self._at_once

    def say(self, data: bytes) -> None:
        os.write(self.write_fd, data)


@contextmanager
def pipes(count: int, **options: int) -> Iterator[list[Pipe]]:
    made = [Pipe(**options) for _ in range(count)]
    try:
        yield made
    finally:
        for each in made:
            os.close(each.read_fd)
            os.close(each.write_fd)


async def test_what_comes_after_a_pause_is_served_at_once_and_what_comes_in_the_pause_together(monkeypatch):
    PAUSE_S = 1.0
    monkeypatch.setattr(port_poller, "PAUSE_S", PAUSE_S)
    loop = asyncio.get_running_loop()
    served: list[str] = []
    with pipes(2) as (first, second):
        first.then, second.then = lambda: served.append("first"), lambda: served.append("second")
        watch(loop, first.read_fd, first.serve)
        watch(loop, second.read_fd, second.serve)
        began_s = loop.time()
        first.say(b"a")
        await wait_until(lambda: first.got == b"a", WORST_S)
        assert loop.time() - began_s < PAUSE_S / 2
        for part in (b"b", b"c", b"d"):  # one by one, each in a turn of the loop of its own
            first.say(part)
            second.say(part)
            await asyncio.sleep(0)
        await wait_until(lambda: first.got == b"abcd" and second.got == b"bcd", WORST_S)
        assert sorted(served) == ["first", "first", "second"]
        unwatch(loop, first.read_fd)
        unwatch(loop, second.read_fd)


async def test_a_flood_does_not_wait_for_the_pause(monkeypatch):
    monkeypatch.setattr(port_poller, "PAUSE_S", 2 * WORST_S)
    loop = asyncio.get_running_loop()
    with pipes(1, at_once=16) as (flood,):
        watch(loop, flood.read_fd, flood.serve)
        flood.say(b"x" * 1601)
        await wait_until(lambda: len(flood.got) == 1601, WORST_S)
        assert flood.calls == 101
        unwatch(loop, flood.read_fd)


@pytest.mark.parametrize("leaves", ["itself", "the other", "all"])
async def test_a_port_may_leave_while_all_are_served(leaves):
    loop = asyncio.get_running_loop()
    with pipes(2) as both:
        gone: list[int] = []

        def leave(which: list[Pipe]) -> None:
            for each in which:
                if each.read_fd not in gone:
                    gone.append(each.read_fd)
                    unwatch(loop, each.read_fd)

        for this, other in (both, both[::-1]):
            which = {"itself": [this], "the other": [other], "all": both}[leaves]
            this.then = lambda which=which: leave(which)
            watch(loop, this.read_fd, this.serve)
        for each in both:
            each.say(b"x")
        await wait_until(lambda: len(gone) == (1 if leaves == "the other" else 2), WORST_S)
        assert [bool(each.got) for each in both].count(True) == (2 if leaves == "itself" else 1)
        leave(both)
        later = both[0]
        later.then = lambda: None
        watch(loop, later.read_fd, later.serve)  # a new one, when all had left
        before = len(later.got)
        later.say(b"y")
        await wait_until(lambda: len(later.got) > before, WORST_S)
        unwatch(loop, later.read_fd)
