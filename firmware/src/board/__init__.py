"""The board that runs the pump: the real one on rp2, a virtual one everywhere else. Both have the same surface.

Surface: platform, board_id, reset_cause, ticks_ms(), ticks_diff(), random_u32(), read(), write(), wait(), free_heap(),
load(), save(), die_temp_c(), led(), reset().
"""

import sys

if sys.platform == "rp2":
    from board.pico import Board
else:
    from board.virtual import Board

__all__ = ["Board"]
