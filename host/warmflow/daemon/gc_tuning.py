"""The garbage collector, told when to work: a full collection looks at all that a hundred pumps have, and holds up the
event loop for a tenth of a second.

What has settled is put out of its sight, so the collections between look at what is new. All of it is looked at again
from time to time, for a pump that went away leaves cycles behind.
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
