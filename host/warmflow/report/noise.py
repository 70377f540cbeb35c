"""The noise of a run's readings, seen in the readings themselves: what each has of its own, and what adds up.

Model: a total V with V' = pump + walk, read with white noise. Its increments then have the spectrum w + s * 2(1 - cos),
where w adds up from reading to reading (noise of a flow sensor, drift of a balance) and s does not (a balance's noise).
Both are fitted to the logarithm of the spectrum. The slowest waves are left out: they are the pump's.
Ref: Harvey 1989, Forecasting, Structural Time Series Models, 4.3: the local level model in the frequency domain.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column

if TYPE_CHECKING:
    from warmflow.report.run_record import Record

ENOUGH = 1e3
FEWEST = 24  # increments in one piece; below that the bends of three neighbours have to do
SLOWEST = 5  # waves of a piece that are left out as the pump's own
SLOW_SHARE = 8  # ... of a metered flow: one of so many, for its noise is in the fast ones as well
COARSE = 0.6  # share of intervals without a step, above which the readings are coarse
BINS = 120
CLEARLY = 2.0  # chosen: how much better the fit must be for noise that adds up, in units of a variance
SHARES = np.concatenate([[0.0], np.geomspace(1e-9, 1.0, 181)])
SHORT_STEP = 1.5  # usual intervals: longer ones end a piece


class Noise(NamedTuple):
    """Standard deviations: of each reading of the total, µL, and of what adds up, µL per root of a second.

    `freedom`: degrees of freedom that they were found with.
    """

    reading_ul: float
    walk_ul_root_s: float
    freedom: float


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
    pieces = [steps[start:end] for start, end in _pieces(good) if end - start >= FEWEST]
    if not pieces:
        return _of_bends(steps, good, usual_s, metered)
    resolution_ul = record.resolution_ul or 0.0
    if not metered and _is_coarse(np.concatenate(pieces), resolution_ul):
        return Noise(resolution_ul / math.sqrt(12), 0.0, ENOUGH)
    power, shape = _spectrum(pieces, metered)
    white, walk = fitted(power, shape)
    bent = _bend_variance(steps, good)
    # neighbours bend by what adds up, too: more than that is a change of the pump
    white, walk = max(white, bent), min(walk, 1.1 * 3 * bent)
    if metered:  # the noise of a flow reading stays in the total
        white, walk = 0.0, max(walk, 3 * bent)
    return Noise(math.sqrt(white), math.sqrt(walk / usual_s), max(4.0, len(power) / 5))


def fitted(power: Column, shape: Column) -> tuple[float, float]:
    """Variances of a reading's own noise and of what adds up in one interval, by least squares of logarithms.

    The logarithm keeps a sudden change of the pump, whose power is in a few slow waves, from passing for noise. What
    adds up is 0 unless the spectrum says so clearly: in white noise it would be found by chance half of the time.
    """
    good = power > 0
    if good.sum() < 4:
        return 0.0, 0.0
    order = np.argsort(shape[good])
    p, s = power[good][order], shape[good][order]
    edges = np.unique(np.geomspace(1, len(p) + 1, BINS).astype(int)) - 1
    counts = np.diff(edges)
    p = np.add.reduceat(p, edges[:-1]) / counts
    s = np.add.reduceat(s, edges[:-1]) / counts
    logs = np.log(p) - _log_bias(counts)
    spread = 2 / counts + 3.0 / counts**2  # about, of the logarithm of a mean of so many squares
    shares, found, costs = SHARES, (0.0, 0.0), np.empty(0)
    for turn in range(2):  # once over all shares, once around the best
        off = logs[None, :] - np.log(shares[:, None] + (1 - shares[:, None]) * s[None, :])
        scale = np.sum(off / spread, axis=1) / np.sum(1 / spread)
        costs = np.sum((off - scale[:, None]) ** 2 / spread, axis=1)
        if not turn:
            alone = float(costs[0]), float(np.exp(scale[0]))
        best = int(np.argmin(costs))
        found = float(np.exp(scale[best]) * (1 - shares[best])), float(np.exp(scale[best]) * shares[best])
        shares = np.linspace(shares[max(0, best - 1)], shares[min(len(shares) - 1, best + 1)], 41)
    return found if alone[0] - float(costs.min()) > CLEARLY else (alone[1], 0.0)


def _log_bias(counts: NDArray[np.int_]) -> Column:
    """How far the mean logarithm of a mean of so many squares is from 0: digamma(n/2) - log(n/2)."""
    n = counts / 2
    shifted = n + 3
    digamma = np.log(shifted) - 1 / (2 * shifted) - 1 / (12 * shifted**2) - 1 / n - 1 / (n + 1) - 1 / (n + 2)
    return np.asarray(digamma - np.log(n))


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
    good = (apart_s < SHORT_STEP * record.usual_s) & (apart_s > record.usual_s / SHORT_STEP)
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
        return Noise(0.0, 0.0, 4.0)
    root_mean_square = math.sqrt(float(np.mean(bends**2)))
    freedom = max(2.0, 0.75 * bends.size)
    if is_integral:
        return Noise(0.0, root_mean_square / math.sqrt(2) / math.sqrt(usual_s), freedom)
    return Noise(root_mean_square / math.sqrt(6), 0.0, freedom)
