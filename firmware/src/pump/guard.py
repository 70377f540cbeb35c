"""An exception in one task becomes an event, and the task goes on: never a boot loop, never silence.

At most one event a second and task: a task that fails at each turn would push the readings out of the ring. What was
not told is counted in the next one. Ctrl-C and the end of the program are no `Exception`, and pass.
"""

import gc

from pump import codec
from pump.tracebacks import last_lines

EVERY_MS = 1000


class Guard:
    """`event(code, value, text)` records one; `clock()` is board time in ms."""

    def __init__(self, event, clock):
        self._tell = event
        self._clock = clock
        self._tasks = {}
        self.failures = 0

    def failed(self, task, error):
        """Tells of it, now or with the next one. Call it from the task's `except Exception`."""
        self.failures += 1
        now_ms = self._clock()
        last_ms, untold = self._tasks.get(task, (None, 0))
        if last_ms is not None and now_ms - last_ms < EVERY_MS:
            self._tasks[task] = (last_ms, untold + 1)
            return
        self._tasks[task] = (now_ms, 0)
        if isinstance(error, MemoryError):
            gc.collect()
        more = " (and %d before)" % untold if untold else ""
        self._tell(codec.EVENT_CODE_TASK_FAILED, 0, last_lines(task + more + ": ", error))
