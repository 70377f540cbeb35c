"""Pauses between attempts: doubled each time up to a limit, and random, so that clients do not retry in step.

A function and not a library, because tenacity and stamina repeat a call until it succeeds once. The loops here run for
hours after a success, can be woken early, and start again from 0 only after a connection that lasted.
"""

import random
from collections.abc import Callable


def pause_s(attempt: int, first_s: float, longest_s: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after `attempt` failed attempts: half to all of first_s * 2 ** attempt, or of longest_s."""
    full_s = min(longest_s, first_s * 2.0 ** min(attempt, 60))
    return full_s * (0.5 + 0.5 * chance())
