"""A stage of its own for each test."""

import pytest
from lesson_bench import Bench


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
