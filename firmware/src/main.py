import gc
import os

try:
    # A board that compiles the sources itself leaves what it keeps all over the heap, and no hole for the ring, unless
    # it collects often. Byte code needs that not, and each collection would cost the start 10 ms and more.
    os.stat("pump/app.py")
    gc.threshold(8192)
except (OSError, AttributeError):  # CPython has no such thing
    pass

from board import Board  # noqa: E402
from pump import start  # noqa: E402

start.run(Board)
