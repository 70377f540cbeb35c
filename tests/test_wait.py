"""A wait returns what it waited for, ends in time, and names in its error what did not become true."""

import asyncio

import pytest
from wait import wait_until, wait_until_sync


async def never() -> bool:
    await asyncio.sleep(60)
    return True


async def test_the_true_value_comes_back_from_a_function_and_from_a_coroutine_function():
    async def main():
        values = [0, "", "come"]
        assert await wait_until(lambda: values.pop(0)) == "come"
        assert await wait_until(lambda: asyncio.sleep(0, result=7)) == 7

    await main()
    values = [0, "come"]
    assert wait_until_sync(lambda: values.pop(0)) == "come"


async def test_the_error_shows_the_condition_its_values_and_the_state():
    received = [1, 2]
    with pytest.raises(AssertionError, match=r"not within 0.01 s: .*len\(received\) == 3.*received=\[1, 2\]"):
        wait_until_sync(lambda: len(received) == 3, 0.01)
    with pytest.raises(AssertionError, match=r"not within 0.01 s: three readings; state: \[1, 2\]"):
        await wait_until(lambda: len(received) == 3, 0.01, what="three readings", state=lambda: received)


async def test_a_condition_that_never_answers_has_the_same_limit():
    with pytest.raises(AssertionError, match=r"not within 0.02 s"):
        await wait_until(never, 0.02)


async def test_a_check_that_raises_ends_the_wait_at_once():
    def ended():
        raise ProcessLookupError("the daemon has ended")

    with pytest.raises(ProcessLookupError):
        wait_until_sync(lambda: False, 60, check=ended)
    with pytest.raises(ProcessLookupError):
        await wait_until(lambda: False, 60, check=ended)
