"""Another date for another process, by libfaketime: what it needs beside the library."""

from pathlib import Path

LIBRARIES = (
    "usr/lib/*/faketime/libfaketimeMT.so.1",
    "usr/lib*/faketime/libfaketimeMT.so.1",
    "usr/local/lib/faketime/libfaketimeMT.so.1",
)
# libfaketime 0.9.10 takes every absolute time of clock_nanosleep() for wall-clock time, so that time.sleep() fails with
# EINVAL in Python 3.11 and later. select() waits just as long on the monotonic clock.
SLEEP = """\
import select, time

def sleep(seconds, /):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), seconds)

time.sleep = sleep
"""


def faketime_library() -> str | None:
    """Its path; None where it is not installed."""
    return next((f"/{found.relative_to('/')}" for each in LIBRARIES for found in Path("/").glob(each)), None)
