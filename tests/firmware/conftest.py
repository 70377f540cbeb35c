"""Fixtures for the firmware's logic on CPython."""

import pytest
from paper_board import PaperBoard, Rig


@pytest.fixture
def board() -> PaperBoard:
    return PaperBoard()


@pytest.fixture
def rig(board: PaperBoard) -> Rig:
    return Rig(board)
