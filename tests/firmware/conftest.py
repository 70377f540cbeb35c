"""Fixtures for the firmware's logic on CPython."""

import pytest
from firmware_on_cpython import PaperBoard, Rig


@pytest.fixture
def board() -> PaperBoard:
    return PaperBoard()


@pytest.fixture
def rig(board: PaperBoard) -> Rig:
    return Rig(board)
