"""The board that runs the pump: the real one on rp2, a virtual one everywhere else. Both have the same surface.

Surface: platform, board_id, reset_cause and reset_words, powered_on, unattended, held(), ticks_ms(), ticks_diff(),
random_u32(), read(), write(), wait(), free_heap(), ring_percent, files (see files.py), watch(), feed() and unwatch() of
the watchdog, die_temp_c(), led(), reset(). Parts are wired to one_wire(), i2c(), adc(), switch(name), pwm(name) and
pulse(step, direction), each None where the board has no such pins; use_pins() names other ones.
"""

import sys

if sys.platform == "rp2":
    from board.pico import Board
else:
    from board.virtual import Board

__all__ = ["Board"]
