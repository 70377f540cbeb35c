"""Small jobs for the loop's spare time: parts and lamps, one short step a turn, so that no reading is late for them.

A job that raises is told of and tried again later; the others go on.
"""

AGAIN_MS = 5000


class Background:
    """`failed(name, error)` is told what went wrong."""

    def __init__(self, failed):
        self._failed = failed
        self._jobs = []  # [due at, step, name]

    def add(self, name, step):
        """`step(now_ms)` works for less than 3 ms and returns the ms until it wants to again."""
        self._jobs.append([0, step, name])

    def drop(self, name):
        self._jobs = [job for job in self._jobs if job[2] != name]

    def run(self, now_ms):
        """One step of the job that has waited longest; returns the ms until the next is due."""
        first = None
        for job in self._jobs:
            if first is None or job[0] < first[0]:
                first = job
        if first is None:
            return AGAIN_MS
        if first[0] > now_ms:
            return first[0] - now_ms
        try:
            pause_ms = first[1](now_ms)
        except Exception as error:
            pause_ms = AGAIN_MS
            self._failed(first[2], error)
        first[0] = now_ms + max(1, pause_ms)
        return 0
