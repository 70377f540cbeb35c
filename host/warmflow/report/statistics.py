"""Errors of means and slopes of readings that remember: Newey and West's estimate, with honest critical values.

Readings of a pump are no independent draws; the usual standard error would be several times too small.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column

# 95 %, two-sided, for a Bartlett kernel whose width is the share b of the sample.
# Ref: Kiefer and Vogelsang 2005, Econometric Theory 21: asymptotics for a fixed share.
CRITICAL = (1.9600, 2.9694, 0.4160, -0.5324)
WIDEST = 0.5


class Fit(NamedTuple):
    """y = intercept + slope * x, with half the width of the slope's 95 % interval."""

    intercept: float
    slope: float
    half_width: float
    r_squared: float
    lags: int


def bandwidth(values: Column) -> int:
    """Lags that matter in this series. Ref: Andrews 1991, automatic for an AR(1), Bartlett kernel."""
    centred = values - values.mean()
    power = float(centred[:-1] @ centred[:-1])
    memory = min(0.97, max(0.0, float(centred[:-1] @ centred[1:]) / power)) if power else 0.0
    alpha = 4 * memory**2 / ((1 - memory) ** 2 * (1 + memory) ** 2)
    lags = math.ceil(1.1447 * (alpha * len(values)) ** (1 / 3))
    return int(min(max(1, lags), WIDEST * len(values)))


def mean_half_width(values: Column) -> float:
    """Half of the 95 % interval of a mean."""
    scores = (values - values.mean())[:, None]
    lags = bandwidth(values)
    variance = float(_long_run(scores, lags)[0, 0]) / len(values) ** 2
    return critical(lags / len(values)) * math.sqrt(variance)


def line(x: Column, y: Column) -> Fit:
    """Least squares with errors that allow for memory and for unequal spread. Raises ValueError for a constant x.

    The wider of two intervals: Newey and West's, which assumes no form of the memory and is too narrow for a long one,
    and that of an AR(1) in x and in what is left, on as many values as are worth their own.
    """
    spread = x - x.mean()
    power = float(spread @ spread)
    if power <= 0:
        raise ValueError("x does not vary")
    slope = float(spread @ y) / power
    left = y - y.mean() - slope * spread
    scores = spread * left
    lags = bandwidth(scores)
    variance = float(_long_run(scores[:, None], lags)[0, 0]) / power**2 * len(x) / max(1, len(x) - 2)
    total = float((y - y.mean()) @ (y - y.mean()))
    fitted = 1 - float(left @ left) / total if total else 1.0
    width = max(critical(lags / len(x)) * math.sqrt(max(0.0, variance)), _remembering_width(spread, left))
    return Fit(float(y.mean()) - slope * float(x.mean()), slope, width, fitted, lags)


def memory(values: Column) -> float:
    """Correlation of each value with the one before, without most of the bias of a short series.

    Ref: Kendall 1954, Biometrika 41: the estimate is too low by (1 + 3 rho) / n with a mean, (1 + 4 rho) with a slope.
    """
    centred = values - values.mean()
    power = float(centred[:-1] @ centred[:-1])
    raw = float(centred[:-1] @ centred[1:]) / power if power else 0.0
    return min(0.995, max(0.0, raw + (1 + 4 * raw) / len(values)))


def _remembering_width(spread: Column, left: Column) -> float:
    both = memory(spread) * memory(left)
    worth = max(3.5, len(left) * (1 - both) / (1 + both))  # values that are worth their own
    variance = float(left @ left) / len(left) * worth / (worth - 2) / (worth * float(spread @ spread) / len(left))
    return student(worth - 2) * math.sqrt(variance)


def student(freedom: float) -> float:
    """Quantile of Student's t for 95 %, two-sided; within 0.1 % from 2 degrees of freedom on.

    Ref: Hill 1970, Communications of the ACM 13, algorithm 396.
    """
    if freedom > 1e6:
        return 1.959964
    n = max(2.0, freedom)
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    y = (d * 0.05) ** (2 / n)
    if y > 0.05 + a:
        x = -1.959964
        y = x * x
        if n < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = a * y * y
        y = 0.5 * y * y + y if y <= 0.002 else math.expm1(y)
    else:
        y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * (n + 1) / (
            n + 2
        ) + 1 / y
    return math.sqrt(n * y)


def critical(share: float) -> float:
    """How many standard errors 95 % are, for a kernel of this width."""
    return sum(value * share**power for power, value in enumerate(CRITICAL))


def _long_run(scores: NDArray[np.float64], lags: int) -> NDArray[np.float64]:
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        total += (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(total)
