"""Waits for a condition, in place of a private loop in each test: polls every few milliseconds, has a time limit, and
names in its error what did not become true. Does not sleep for a fixed time: a test that needs pump time moves a clock.
"""

import asyncio
import inspect
import linecache
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from playwright.sync_api import Page

T = TypeVar("T")

POLL_S = 0.005
PAGE_POLL_S = 0.02  # a question to a page takes some milliseconds itself
LIMIT_S = 20.0


async def wait_until(
    condition: Callable[[], T | Awaitable[T]],
    seconds: float = LIMIT_S,
    *,
    what: str = "",
    check: Callable[[], object] | None = None,
    state: Callable[[], object] | None = None,
    poll_s: float = POLL_S,
) -> T:
    """Returns the first true value of the condition, which may be a coroutine function.

    `check` raises when it cannot become true any more (a process has ended); `state` is shown in the error. Raises
    AssertionError after so many seconds, a coroutine that never answers included.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = condition()
                if inspect.isawaitable(found):
                    found = await found
                if found:
                    return found  # type: ignore[return-value]  # the awaited value, which isawaitable does not narrow
                if check:
                    check()
                await asyncio.sleep(poll_s)
    except TimeoutError as error:
        raise _not_in_time(condition, seconds, what, state) from error


def wait_until_sync(
    condition: Callable[[], T],
    seconds: float = LIMIT_S,
    *,
    what: str = "",
    check: Callable[[], object] | None = None,
    state: Callable[[], object] | None = None,
    poll_s: float = POLL_S,
) -> T:
    """As wait_until, in a test without an event loop."""
    return _poll(condition, seconds, what, check, state, lambda: time.sleep(poll_s))


def wait_until_on_page(condition: Callable[[], T], page: "Page", seconds: float = 30, *, what: str = "") -> T:
    """As wait_until; waits in the page, because Playwright handles nothing while its thread sleeps."""
    return _poll(condition, seconds, what, None, None, lambda: page.wait_for_timeout(PAGE_POLL_S * 1000))


def _poll(condition: Callable[[], Any], seconds: float, what: str, check: Any, state: Any, pause: Any) -> Any:
    deadline_s = time.monotonic() + seconds
    while not (found := condition()):
        if check:
            check()
        if time.monotonic() >= deadline_s:
            raise _not_in_time(condition, seconds, what, state)
        pause()
    return found


def _not_in_time(
    condition: Callable[[], object], seconds: float, what: str, state: Callable[[], object] | None
) -> AssertionError:
    shown = f"; state: {state()}" if state else ""
    return AssertionError(f"not within {seconds:g} s: {what or _source(condition)}{shown}")


def _source(condition: Callable[[], object]) -> str:
    """The line that the condition is written on, with its place, and the values that a lambda closes over."""
    function = inspect.unwrap(getattr(condition, "__func__", condition))
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(condition)
    line = linecache.getline(code.co_filename, code.co_firstlineno).strip()
    closed_over = inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}
    values = ", ".join(f"{name}={_short(value)}" for name, value in closed_over.items() if not callable(value))
    return f"{line} ({Path(code.co_filename).name}:{code.co_firstlineno}{'; ' + values if values else ''})"


def _short(value: object, length: int = 200) -> str:
    shown = repr(value)
    return shown if len(shown) <= length else f"{shown[:length]}..."
