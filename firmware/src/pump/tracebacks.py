"""An exception as the one line of text that an event has room for. Imports nothing that may be what failed."""

import io
import sys

from pump.utf8 import clean

TEXT_BYTES = 200


def last_lines(before, error):
    """`before`, then as many of the traceback's last characters as an event has room for, whole lines."""
    text = " | ".join([line.strip() for line in _traceback(error).split("\n") if line.strip()])
    text = clean(text).decode()
    room = TEXT_BYTES - len(before.encode())
    while len(text.encode()) > room:
        cut = text.find(" | ") + 3
        text = text[cut:] if cut > 2 else text[: max(0, room // 4)]
    return before + text


def _traceback(error):
    if hasattr(sys, "print_exception"):
        out = io.StringIO()
        sys.print_exception(error, out)
        return out.getvalue()
    traceback = __import__("traceback")  # CPython's, which has no sys.print_exception
    return "".join(traceback.format_exception(error))
