import gc

if hasattr(gc, "threshold"):  # CPython has no such thing
    # A board that compiles the sources itself leaves what it keeps all over the heap, and no hole for the ring, unless
    # it collects often.
    gc.threshold(8192)

from board import Board  # noqa: E402
from pump import start  # noqa: E402

start.run(Board)
