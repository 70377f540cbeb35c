"""A serial port that keeps what the board wrote before it was opened."""

import serial


class SerialClient(serial.Serial):  # type: ignore[misc]  # pyserial has no types
    """pyserial empties the input as it opens, and what a fast board says once at its start would be gone by chance."""

    def _reset_input_buffer(self) -> None:
        pass
