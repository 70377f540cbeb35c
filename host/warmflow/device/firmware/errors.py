"""What goes wrong while flashing, in one line with its remedy."""

from warmflow.errors import UserError


class FlashError(UserError):
    """The firmware could not be put on the board; the text says what is there now and what to do."""


NEW_PICO = (
    "a Pico without MicroPython: hold its BOOTSEL button while you plug the cable in, then run "
    "`warmflow flash --uf2 FILE` with an image from https://micropython.org/download/RPI_PICO"
)
