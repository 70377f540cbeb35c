"""Readings of several boots on one pump time: each boot's own clock, put behind the one before by the UTC between.

Pump time may run faster than UTC, so a break between boots is stretched by the speed of the boot before it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column


@dataclass(frozen=True)
class Pieces:
    """`order` sorts the readings and drops what came twice; the other columns are sorted by it."""

    order: NDArray[np.intp]
    boots: NDArray[np.int64]
    sequences: NDArray[np.int64]
    t_s: Column
    pump_s: Column
    utc_s: Column
    repeated: int
    notes: tuple[str, ...]

    def at_sequence(self, boot: int, sequence: int) -> float | None:
        """Run time of the last reading before this one, of the same boot; None where there is none."""
        mine = np.flatnonzero((self.boots == boot) & (self.sequences < sequence))
        return float(self.t_s[mine[-1]]) if mine.size else None

    def touches(self, boot: int, first: int, last: int) -> bool:
        """Do these sequences of a boot lie between its readings, or beside them?"""
        mine = self.sequences[self.boots == boot]
        return bool(mine.size) and first <= int(mine.max()) + 1 and last >= int(mine.min()) - 1

    def at_pump_time(self, boot: int, pump_s: float, utc_s: float) -> float:
        """Run time of a moment of a boot; by UTC where the boot gave no reading."""
        mine = np.flatnonzero(self.boots == boot)
        if mine.size:
            return float(self.t_s[mine[0]] + pump_s - self.pump_s[mine[0]])
        return float(np.interp(utc_s, self.utc_s, self.t_s))


def joined(boots: NDArray[np.int64], sequences: NDArray[np.int64], pump_s: Column, utc_s: Column) -> Pieces:
    """Puts the boots one behind the other, in the order of their first UTC."""
    firsts = {int(boot): float(utc_s[boots == boot].min()) for boot in np.unique(boots)}
    rank = {boot: number for number, boot in enumerate(sorted(firsts, key=lambda boot: firsts[boot]))}
    order = np.lexsort((sequences, np.array([rank[int(boot)] for boot in np.unique(boots)])[_index(boots)]))
    b, s, p, u = boots[order], sequences[order].astype(np.int64), pump_s[order], utc_s[order]
    fresh = np.concatenate([[True], (np.diff(b) != 0) | (np.diff(s) > 0) & (np.diff(p) > 0)])
    repeated = int(np.count_nonzero(~fresh))
    order, b, s, p, u = order[fresh], b[fresh], s[fresh], p[fresh], u[fresh]
    t_s = np.empty_like(p)
    starts = [0, *(np.flatnonzero(np.diff(b)) + 1).tolist()]
    ends = [*starts[1:], len(b)]
    begin_s, speed = 0.0, 1.0
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if number:
            begin_s = float(t_s[start - 1] + max(0.001, (u[start] - u[start - 1]) * speed))
        t_s[start:end] = p[start:end] - p[start] + begin_s
        speed = _speed(p[start:end], u[start:end])
    several = f"{len(starts)} boots, joined by UTC; what flowed between them is a hole" if len(starts) > 1 else ""
    return Pieces(order, b, s, t_s, p, u, repeated, (several,) if several else ())


def _index(boots: NDArray[np.int64]) -> NDArray[np.intp]:
    return np.unique(boots, return_inverse=True)[1]


def _speed(pump_s: Column, utc_s: Column) -> float:
    passed_s = float(utc_s[-1] - utc_s[0])
    return max(1.0, float(pump_s[-1] - pump_s[0]) / passed_s) if passed_s > 1 else 1.0
