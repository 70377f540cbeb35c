"""What the reference rate delivers in an hour of the clock, at each moment: the rate of the pump that was declared
then, times the speed that it had then. Pure.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pumplink import messages as m
from warmflow.monitor import Rig
from warmflow.monitor.restrictor import Restrictor
from warmflow.sinks.web.binary_columns import Column

NAME = "nominal_ul_h"


def nominal_ul_h(declared: Sequence[tuple[int, m.Hello | m.Info]], times_s: Column) -> Column:
    """A rate for each time (Unix seconds). `declared`: since when (milliseconds) a rig said what. NaN where nothing was
    declared, or what no model fits.
    """
    said = [(utc_ms / 1000, _rate(each)) for utc_ms, each in declared]
    if not said:
        return np.full(len(times_s), np.nan)
    since_s, rates = np.array(said).T
    at = np.searchsorted(since_s, times_s, side="right") - 1
    found: Column = np.where(at < 0, rates[0], rates[np.maximum(at, 0)])
    return found


def _rate(said: m.Hello | m.Info) -> float:
    try:
        rig = Rig.declared(said)
        return _reference_nl_h(rig._replace(filled_nl=0, metered_at_fill_nl=0, speed_x=1)) * rig.speed_x / 1000
    except (ValueError, KeyError, ArithmeticError):  # a newer board's rig, or one that no model fits
        return float("nan")


@lru_cache(64)
def _reference_nl_h(rig: Rig) -> float:
    return Restrictor(rig).reference_nl_h
