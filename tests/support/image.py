"""The MicroPython image for the emulated RP2040; a test without image or emulator is skipped, with what brings them."""

from pathlib import Path

from optional_parts import require

from warmflow.device.virtual import find_uf2


def needed_image() -> Path:
    """Where it is. Skips the test that asks if it is nowhere."""
    require("RP2040 emulator", "MicroPython image")
    return find_uf2()
