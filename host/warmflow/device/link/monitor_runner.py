"""Runs the monitor in the daemon. If the monitor fails, this is logged and the record is still published.

The monitor itself is pure and knows nothing of logs or clocks. The diagnosis is computed once a second, because it is
expensive.
"""

import logging
from collections.abc import Callable

from pumplink import messages as m
from warmflow.monitor import DEFAULT_LIMITS, Diagnosis, Finding, Measured, Monitor, PumpLimits, Rig

EVERY_S = 1.0


class MonitorRunner:
    """Of one pump. `say` takes a line and its level. `limits` gives those that are in force now."""

    def __init__(
        self, say: Callable[[str, int], None], limits: Callable[[], PumpLimits] = lambda: DEFAULT_LIMITS
    ) -> None:
        self._monitor = Monitor()
        self._say, self._limits = say, limits
        self._asked_s = -1e18

    @property
    def rig(self) -> Rig | None:
        """What it takes the rig for; None before it was declared, and for one that no model fits."""
        return self._monitor.rig

    def declared(self, rig: m.Hello | m.Info) -> None:
        """The rig has said what it is."""
        try:
            self._monitor.declare(Rig.declared(rig))
        except Exception as error:  # a rig that no model fits is relayed all the same
            self._monitor = Monitor()
            self._say(f"not monitored: {error if isinstance(error, ValueError) else repr(error)}", logging.WARNING)

    def read(self, sequence: int, measured: Measured) -> Finding | None:
        """What it finds in a reading."""
        limits = self._limits()
        if limits is not self._monitor.limits:
            self._monitor.use(limits)
        try:
            return self._monitor.read(measured)
        except Exception as error:  # what cannot be judged is a record all the same
            self._say(f"reading {sequence} not judged: {error!r}", logging.ERROR)
            return None

    def diagnosis(self, now_s: float) -> Diagnosis | None:
        """Why the flow is what it is, if it is time to ask again; `now_s` of a steady clock."""
        if abs(now_s - self._asked_s) < EVERY_S:
            return None
        self._asked_s = now_s
        try:
            return self._monitor.diagnosis()
        except Exception as error:  # as with readings
            self._say(f"no diagnosis: {error!r}", logging.ERROR)
            return None
