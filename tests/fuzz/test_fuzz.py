"""No input makes anything raise: a short run here, the million by `make soak`."""

import pytest
from fuzz_targets import TARGETS, run

SHORT = 6_000
LONG = 1_000_000


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_makes_it_raise(name: str) -> None:
    assert run(name, 1, round(SHORT * TARGETS[name][1])) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", TARGETS)
def test_a_million_inputs_make_nothing_raise(name: str) -> None:
    assert run(name, 2, round(LONG * TARGETS[name][1])) == []
