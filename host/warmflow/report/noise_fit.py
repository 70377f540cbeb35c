"""Noise models fitted to the spectrum of a run's increments, each with the degrees of freedom it is known with.

Balance: `walk + c g / ((1 - m)^2 + m g)` with g = 2 (1 - cos). `walk` adds up from reading to reading. The rest is the
noise of a reading; an instrument's filter gives it a memory m. Flow sensor: `c / ((1 - m)^2 + m g)`.
The fit is to the logarithm, so that a sudden change of the pump, whose power is in a few slow waves, is not taken for
noise. A parameter is used only where it clearly improves the fit.
Ref: Harvey 1989, Forecasting, Structural Time Series Models, 4.3: the local level model in the frequency domain.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column

BINS = 120
LEAST_BIN = 3  # waves: the logarithm of a single square scatters five times as much as its variance tells
CLEARLY = 2.0  # chosen, as Akaike's: what a further parameter must gain, in units of a variance
SHARES = np.concatenate([[0.0], np.geomspace(1e-7, 1.0, 43)])
MEMORIES = np.array([0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95])
SLOW_WAVES = 30  # below the corner of a filter there have to be so many, or a walk is taken for one
FINE = 41
FEWEST_FREEDOM = 2.0
MANY = 1e3  # degrees of freedom of what is known by other means


class Fitted(NamedTuple):
    """Variances of a reading, and of what adds up in one interval; degrees of freedom of each."""

    white: float
    walk: float
    white_freedom: float
    walk_freedom: float


NOTHING = Fitted(0.0, 0.0, FEWEST_FREEDOM, FEWEST_FREEDOM)


class _Binned(NamedTuple):
    logs: Column
    shape: Column
    spread: Column  # variance of each logarithm


class _Candidate(NamedTuple):
    cost: float
    scale: float
    share: float
    memory: float


def fit_total(power: Column, shape: Column) -> Fitted:
    """Noise of a total that is read. `power`: squared waves of its increments; `shape`: their g."""
    binned = _bins(power, shape)
    if binned is None:
        return NOTHING
    found: list[_Candidate] = []
    for memory in _tellable(shape):
        each = _costs(binned, _total_models(SHARES, memory, binned.shape))
        for at in dict.fromkeys((0, int(np.argmin(each[0])), len(SHARES) - 1)):
            extra = CLEARLY * (2 * (memory > 0) + (0 < at < len(SHARES) - 1))
            found.append(_Candidate(float(each[0][at]) + extra, 0.0, float(SHARES[at]), memory))
    chosen = _refined(binned, min(found))
    walk, c = chosen.scale * chosen.share, chosen.scale * (1 - chosen.share)
    level = walk + c * _filtered(chosen.memory, binned.shape)
    slopes = [_filtered(chosen.memory, binned.shape) / level, 1 / level]
    if chosen.memory:
        nudged = _filtered(chosen.memory + 0.01, binned.shape) - _filtered(chosen.memory - 0.01, binned.shape)
        slopes.append(c * nudged / 0.02 / level)
    variances = _variances(slopes, binned.spread)
    return Fitted(
        c / (1 - chosen.memory**2), walk, _freedom(c, float(variances[0])), _freedom(walk, float(variances[1]))
    )


def fit_flow(power: Column, shape: Column) -> Fitted:
    """What the noise of a flow sensor adds to its total: its spectrum, followed to the slowest waves."""
    binned = _bins(power, shape)
    if binned is None:
        return NOTHING
    costs, scales = _costs(binned, np.array([_remembering(memory, binned.shape) for memory in MEMORIES.tolist()]))
    at = int(np.argmin(costs + CLEARLY * (MEMORIES > 0)))
    memory, walk = float(MEMORIES[at]), float(scales[at]) / (1 - float(MEMORIES[at])) ** 2
    slopes = [np.ones_like(binned.shape)]
    if memory:  # slope of the logarithm, relative to that of the slowest waves
        nudged = [np.log(_remembering(one, binned.shape) * (1 - one) ** 2) for one in (memory - 0.01, memory + 0.01)]
        slopes.append((nudged[1] - nudged[0]) / 0.02)
    return Fitted(0.0, walk, MANY, _freedom(1.0, float(_variances(slopes, binned.spread)[0])))


def _tellable(shape: Column) -> list[float]:
    """Memories whose corner, g = (1 - m)^2 / m, leaves enough slower waves to see what lies below it."""
    return [m for m in MEMORIES.tolist() if not m or np.count_nonzero(shape < (1 - m) ** 2 / m) >= SLOW_WAVES]


def _remembering(memory: float, shape: Column) -> Column:
    return np.asarray(1 / ((1 - memory) ** 2 + memory * shape))


def _filtered(memory: float, shape: Column) -> Column:
    return np.asarray(shape * _remembering(memory, shape))


def _total_models(shares: Column, memory: float, shape: Column) -> NDArray[np.float64]:
    return np.asarray(shares[:, None] + (1 - shares[:, None]) * _filtered(memory, shape)[None, :])


def _refined(binned: _Binned, rough: _Candidate) -> _Candidate:
    """The scale of a candidate, and a share between those of the grid."""
    shares = np.array([rough.share])
    if 0 < rough.share < 1:
        at = int(np.searchsorted(SHARES, rough.share))
        shares = np.linspace(SHARES[at - 1], SHARES[min(len(SHARES) - 1, at + 1)], FINE)
    costs, scales = _costs(binned, _total_models(shares, rough.memory, binned.shape))
    best = int(np.argmin(costs))
    return rough._replace(scale=float(scales[best]), share=float(shares[best]))


def _costs(binned: _Binned, models: NDArray[np.float64]) -> tuple[Column, Column]:
    """Of each model with its best scale: the cost, and that scale."""
    off = binned.logs[None, :] - np.log(models)
    scale = np.sum(off / binned.spread, axis=1) / np.sum(1 / binned.spread)
    return np.sum((off - scale[:, None]) ** 2 / binned.spread, axis=1), np.exp(scale)


def _bins(power: Column, shape: Column) -> _Binned | None:
    good = power > 0
    if good.sum() < 2 * LEAST_BIN:
        return None
    order = np.argsort(shape[good])
    p, s = power[good][order], shape[good][order]
    wide = np.geomspace(LEAST_BIN, len(p) + 1, BINS) / LEAST_BIN
    edges = LEAST_BIN * (np.unique(wide.astype(int)) - 1)
    edges = edges[edges <= len(p) - LEAST_BIN]  # the last bin takes what is left
    counts = np.diff(np.append(edges, len(p)))
    logs = np.log(np.add.reduceat(p, edges) / counts) - _log_bias(counts)
    # about, of the logarithm of a mean of so many squares
    return _Binned(logs, np.add.reduceat(s, edges) / counts, 2 / counts + 3.0 / counts**2)


def _log_bias(counts: NDArray[np.int_]) -> Column:
    """How far the mean logarithm of a mean of so many squares is from 0: digamma(n/2) - log(n/2)."""
    n = counts / 2
    shifted = n + 3
    digamma = np.log(shifted) - 1 / (2 * shifted) - 1 / (12 * shifted**2) - 1 / n - 1 / (n + 1) - 1 / (n + 2)
    return np.asarray(digamma - np.log(n))


def _variances(slopes: list[Column], spread: Column) -> Column:
    """Of the parameters, from the slopes of the model's logarithm."""
    weighted = np.column_stack(slopes) / np.sqrt(spread)[:, None]
    return np.asarray(np.diag(np.linalg.pinv(weighted.T @ weighted)))


def _freedom(value: float, variance: float) -> float:
    """Of an estimate with this variance: that of a chi-square. Ref: GUM G.4.2 and E.4.3."""
    return max(FEWEST_FREEDOM, 2 * value**2 / variance) if value and variance > 0 else MANY
