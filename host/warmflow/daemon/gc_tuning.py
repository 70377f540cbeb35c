"""Tuning of the garbage collector. With a hundred pumps, a full collection blocks the event loop for a tenth of a
second.

Long-lived objects are frozen, so that normal collections examine only new ones. From time to time everything is
examined again, because a removed pump leaves reference cycles.
"""

import asyncio
import gc

FIRST_S = 15.0  # the pumps are connected by that time
EVERY_S = 900.0
THRESHOLDS = (10_000, 20, 20)  # Python's are (700, 10, 10): a thousand readings a second reach those all the time


async def tidy() -> None:
    """Until cancelled; the process's own settings are as before then."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        wait_s = FIRST_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = EVERY_S
            gc.unfreeze()
            gc.collect()
            gc.freeze()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
