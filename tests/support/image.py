"""The MicroPython image for the emulated RP2040; without image or emulator a test is skipped, with the reason."""

from pathlib import Path

import pytest

from warmflow.device.virtual import ENGINES, EngineError, find_uf2


def needed_image() -> Path:
    """Where it is. Skips the test that asks if it is nowhere."""
    if reason := ENGINES["rp2040"].missing():
        pytest.skip(reason)
    try:
        return find_uf2()
    except EngineError as error:
        pytest.skip(str(error))  # "no MicroPython image ..."
