"""The noise of a run's readings, estimated from the readings: what each reading has of its own, and what adds up.

A balance's noise does not add up; its drift and the noise of a flow sensor do. `noise_fit.py` tells them apart in the
spectrum of the increments. The slowest waves are left out: they are the pump's.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column
from warmflow.report.noise_fit import MANY, fit_flow, fit_total
from warmflow.report.statistics import student

if TYPE_CHECKING:
    from warmflow.report.run_record import Record

FEWEST = 8  # increments in one piece; below that the bends of three neighbours have to do
SLOWEST = 5  # waves of a piece that are left out as the pump's own
SLOW_SHARE = 8  # ... of a metered flow: one of so many, for its noise is in the fast ones as well
COARSE = 0.6  # share of intervals without a step, above which the readings are coarse
LONG_STEP = 2.5  # usual intervals: longer ones end a piece


class Noise(NamedTuple):
    """Standard deviations: of each reading of the total, µL, and of what adds up, µL per root of a second.

    `freedom`, `walk_freedom`: degrees of freedom that each was found with.
    """

    reading_ul: float
    walk_ul_root_s: float
    freedom: float
    walk_freedom: float

    def student_factor(self, seconds: float) -> float:
        """What the noise of a difference over so many seconds counts more, so that k = 2 still covers 95 %.

        Degrees of freedom of the sum by Welch and Satterthwaite. Ref: GUM G.3.2 and G.4.1.
        """
        ends, walk = 2 * self.reading_ul**2, self.walk_ul_root_s**2 * seconds
        if not ends + walk:
            return 1.0
        freedom = (ends + walk) ** 2 / (ends**2 / self.freedom + walk**2 / self.walk_freedom)
        return max(1.0, student(freedom) / 2)


def noise_of(record: "Record") -> Noise:
    """From all pieces of the run between its holes."""
    usual_s = record.usual_s
    volume = record.volume_ul
    metered = record.is_integral or record.kind != "instrument"  # then the total is a sum of flow readings
    if metered and record.flow_ul_h is not None:
        steps = record.flow_ul_h[1:] * usual_s / 3600
    else:
        steps = np.diff(volume)
    good = _even(record) & np.isfinite(steps)
    resolution_ul = record.resolution_ul or 0.0
    coarse = not metered and np.count_nonzero(good) >= FEWEST and _is_coarse(steps[good], resolution_ul)
    if not metered:  # readings that come early or late: the volume that flowed in between is not noise
        gaps_s = np.diff(record.t_s)
        steps = steps - gaps_s * float(np.sum(steps[good])) / max(1e-9, float(np.sum(gaps_s[good])))
    pieces = [steps[start:end] for start, end in _pieces(good) if end - start >= FEWEST]
    if not pieces:
        return _of_bends(steps, good, usual_s, metered)
    if coarse:
        return Noise(resolution_ul / math.sqrt(12), 0.0, MANY, MANY)
    power, shape = _spectrum(pieces, metered)
    found = fit_flow(power, shape) if metered else fit_total(power, shape)
    white, walk = found.white, found.walk
    bent = _bend_variance(steps, good)
    # neighbours bend by what adds up, too: more than that is a change of the pump
    if metered:  # the noise of a flow reading stays in the total
        white, walk = 0.0, max(walk, 3 * bent)
    else:
        white, walk = max(white, bent), min(walk, 1.1 * 3 * bent)
    return Noise(math.sqrt(white), math.sqrt(walk / usual_s), found.white_freedom, found.walk_freedom)


def _is_coarse(steps: Column, resolution_ul: float) -> bool:
    """Whether readings stand still between steps of the resolution and never fall: then their noise is below it."""
    return bool(resolution_ul) and float(np.mean(steps == 0)) > COARSE and not np.any(steps < 0)


def _spectrum(pieces: Sequence[Column], metered: bool) -> tuple[Column, Column]:
    powers, shapes = [], []
    for piece in pieces:
        n = len(piece)
        waves = _sines(piece - piece.mean())
        k = np.arange(1, n + 1)
        keep = k > (n // SLOW_SHARE if metered else min(SLOWEST, n // 90))
        powers.append(waves[keep] ** 2)
        shapes.append(2 * (1 - np.cos(np.pi * k[keep] / (n + 1))))
    return np.concatenate(powers), np.concatenate(shapes)


def _sines(values: Column) -> Column:
    """The sine transform of type I with unit length; it makes independent numbers of an MA(1)'s."""
    n = len(values)
    odd = np.concatenate([[0.0], values, [0.0], -values[::-1]])
    return np.asarray(-np.fft.rfft(odd).imag[1 : n + 1] / 2 * math.sqrt(2 / (n + 1)))


def _even(record: "Record") -> NDArray[np.bool_]:
    apart_s = np.diff(record.t_s)
    good = apart_s < LONG_STEP * record.usual_s
    for start, end in record.unknown_s.tolist():
        good[(record.t_s[:-1] < end) & (record.t_s[1:] > start)] = False
    return np.asarray(good)


def _pieces(good: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _bend_variance(steps: Column, good: NDArray[np.bool_]) -> float:
    """Of a reading, from how three neighbours bend; coarse steps show here what they hide from the spectrum."""
    bends = np.diff(steps)[good[1:] & good[:-1]]
    low, high = np.quantile(bends, (0.01, 0.99))  # a jump of the flow is no noise
    return float(np.mean(np.clip(bends, low, high) ** 2)) / 6


def _of_bends(steps: Column, good: NDArray[np.bool_], usual_s: float, is_integral: bool) -> Noise:
    """Of a short run: how three neighbours of the total bend, or two of the flow differ."""
    bends = np.diff(steps)[good[1:] & good[:-1]]
    if bends.size < 2:
        return Noise(0.0, 0.0, 4.0, 4.0)
    root_mean_square = math.sqrt(float(np.mean(bends**2)))
    freedom = max(2.0, 0.75 * bends.size)
    if is_integral:
        return Noise(0.0, root_mean_square / math.sqrt(2) / math.sqrt(usual_s), freedom, freedom)
    return Noise(root_mean_square / math.sqrt(6), 0.0, freedom, freedom)
