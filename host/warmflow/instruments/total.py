"""Steps in a total that no pump makes: a tare, a beaker exchanged, a refill, a touch. Found by size, against the noise
and against what may have flowed. What flowed during one is not known.

A fall within the noise is no step: it stays in the total. Nor is a rise that is one of many of a size between which
nothing rises: the total comes in portions then, as drops on a balance or the unit of a counter.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments.columns import Column

WIDTHS = (1, 3, 8)  # readings on each side whose means are compared
SIGMAS = 8.0  # chosen: a jump of so many standard deviations of that comparison is no noise
FLOW_FACTOR = 4.0  # chosen: no pump goes to so many times its usual or its reference rate from one reading to the next
FOUND_SIGMAS = 2.5  # above the threshold: 1.645 for 95 %, the rest for what the step adds to the noise that is found
HIGH = 0.85  # chosen: quantile of the slopes over a fiftieth of the readings
FEW = 4
TOGETHER = 6  # readings: jumps this near to each other are one disturbance
MANY = 5  # chosen: so many rises of one size are portions
MOST_AT_ONCE = 3  # chosen: a resolution that somebody states is a portion if the usual rise is so many of it at most
ALIKE = 0.25  # chosen: what a portion may differ by from a multiple of the usual one, in that unit
OTHERWISE = (-0.3, 0.05)  # chosen: shares of all portions that evaporate and that creep in between two of them
DROP_UL = 150.0  # Ref: a free drop of water at a tube of 4 mm is about 0.1 mL (Tate's law)
TO_SIGMA, NINE_TENTHS = 1.4826, 1.645  # a normal variable's median and 90 % quantile of its size, in sigmas


class Step(NamedTuple):
    """Between the readings `first` and `last`: `size` is what the total jumped by, less nothing for the flow."""

    first: int
    last: int
    size: float


class Total(NamedTuple):
    """A total without its steps: flat across each. `least_step`: a rise of this size is found with a probability of
    95 % (a fall sooner), a smaller one may be missed. `room`: what noise alone may do between two means.

    `portion`: what the total rises by at a time, if nothing rises between. `perhaps`: steps that may be portions as
    well, and are too few to tell.
    """

    values: Column
    steps: tuple[Step, ...]
    least_step: float
    room: float
    portion: float | None = None
    perhaps: tuple[Step, ...] = ()


def slope(t_s: Column, values: Column) -> float:
    """Usual rise per second: the median of slopes over a tenth of the readings. A few steps do not move it."""
    lag = max(1, len(values) // 10)
    return float(np.median((values[lag:] - values[:-lag]) / (t_s[lag:] - t_s[:-lag])))


def _high_slope(t_s: Column, values: Column) -> float:
    """What the total rises by per second when much flows; a pump may stand still for most of a run."""
    lag = max(1, len(values) // 50)
    return float(np.quantile((values[lag:] - values[:-lag]) / (t_s[lag:] - t_s[:-lag]), HIGH))


def without_steps(
    t_s: Column, values: Column, written: float, reference_per_s: float | None = None, portion: float | None = None
) -> Total:
    """`written`: the last place of the readings. `reference_per_s`: what the pump is expected to give. `portion`: what
    the total is known to rise by at a time.
    """
    if len(values) < 4:
        return Total(values, (), 0.0, 0.0)
    rate = slope(t_s, values)
    most_per_s = FLOW_FACTOR * max(abs(rate), _high_slope(t_s, values), reference_per_s or 0.0)
    looks = [_jumps(t_s, values, width, rate, most_per_s, written) for width in WIDTHS if len(values) >= 4 * width]
    flowing = np.any([look.flowing for look in looks], axis=0)
    jumped = np.any([look.down | (look.up & ~flowing) for look in looks], axis=0)
    least, room = min(look.least for look in looks), min(look.room for look in looks)
    steps = tuple(_steps(values, np.flatnonzero(jumped)))
    rises = tuple(one for one in steps if one.size > 0)
    comes_in: float | None = None
    perhaps: tuple[Step, ...] = ()
    if rises and _is_all_there_is(values, steps, rises, room):
        unit = float(np.median([one.size for one in rises]))
        known = portion is not None and ALIKE * portion < unit <= MOST_AT_ONCE * portion
        unit = portion if known and portion else unit
        if (known or len(rises) >= MANY) and _are_multiples(rises, unit):
            comes_in, steps = unit, tuple(one for one in steps if one.size <= 0)
        elif unit <= DROP_UL:
            perhaps = rises
    kept = np.diff(values)
    for step in steps:
        kept[step.first : step.last] = 0.0
    return Total(
        values[0] + np.concatenate([[0.0], np.cumsum(kept)]) if steps else values,
        steps, float(least), float(room), comes_in, perhaps,
    )  # fmt: skip


def _is_all_there_is(values: Column, steps: tuple[Step, ...], rises: tuple[Step, ...], room: float) -> bool:
    """Whether nothing but these rises makes the total rise."""
    risen = sum(one.size for one in rises)
    between = float(values[-1] - values[0]) - sum(one.size for one in steps)
    return OTHERWISE[0] * risen - room <= between <= OTHERWISE[1] * risen + room


def words_of(perhaps: tuple[Step, ...]) -> str:
    """What is odd about a total with so few rises and nothing between them."""
    size_ul = float(np.median([one.size for one in perhaps]))
    times = "once" if len(perhaps) == 1 else f"{len(perhaps)} times"
    return f"the total stands still and rises {times} by about {size_ul:.3g} µL: is that drops, or was it disturbed?"


def _are_multiples(rises: tuple[Step, ...], unit: float) -> bool:
    times = np.array([one.size for one in rises]) / unit
    return bool(np.mean((np.abs(times - np.round(times)) <= ALIKE) & (times > 0.5)) >= 0.9)


def spikes(flow: Column, reference: float | None = None) -> NDArray[np.bool_]:
    """Readings of a flow that no pump gives: far beyond the noise and several times the usual or the reference rate,
    for a few readings only. What is so high for longer is taken as it is.
    """
    usual = float(np.median(flow))
    away = np.sort(np.abs(flow - usual))
    sigma = TO_SIGMA * float(np.median(away))
    most = FLOW_FACTOR * max(abs(usual), reference or 0.0)
    bad = np.asarray(np.abs(flow - usual) > SIGMAS * sigma + most)
    for start, end in _runs(bad):
        if end - start >= TOGETHER:
            bad[start:end] = False
    return bad


class Look(NamedTuple):
    """Which intervals hold a fall, a rise beyond what may flow, and what goes on for too long to be one; the room for
    noise, and the least rise that is found with 95 % probability.
    """

    down: NDArray[np.bool_]
    up: NDArray[np.bool_]
    flowing: NDArray[np.bool_]
    room: float
    least: float


def _jumps(t_s: Column, values: Column, width: int, rate: float, most_per_s: float, written: float) -> Look:
    """Compares the means of `width` readings before and after each interval."""
    means = np.convolve(values, np.ones(width) / width, "valid")
    middles = np.convolve(t_s, np.ones(width) / width, "valid")
    rise, apart_s = means[width:] - means[:-width], middles[width:] - middles[:-width]
    off = rise - rate * apart_s
    centre = float(np.median(off))
    away = np.sort(np.abs(off - centre))
    # most readings may repeat, so that the median says 0; the steps themselves are few
    usual = float(away[: len(away) - max(2, len(away) // 10)].max(initial=0.0))
    sigma = max(TO_SIGMA * float(np.median(away)), usual / NINE_TENTHS)
    room = SIGMAS * sigma + 1.5 * written / width
    down = (rise < -room) & (off - centre < -room)
    up = off - centre > room + most_per_s * apart_s
    flowing = np.zeros(len(values) - 1, dtype=bool)
    for start, end in _runs(_closed(up, TOGETHER + width)):
        if end - start > TOGETHER + 2 * width and _is_spread(np.diff(values)[start : end + 2 * width]):
            up[start:end] = False
            flowing[start : end + 2 * width] = True
    size = np.abs(off - centre)
    least = room + most_per_s * float(np.median(apart_s)) + FOUND_SIGMAS * sigma
    return Look(_placed(down, size, width), _placed(up, size, width), flowing, room, least)


def _is_spread(rises: Column) -> bool:
    """Whether a rise is one of many readings, as flow is: a few steps one after the other are in a few of them."""
    return bool(np.sort(rises)[-FEW:].sum() < 0.5 * np.abs(rises.sum()))


def _placed(bad: NDArray[np.bool_], size: Column, width: int) -> NDArray[np.bool_]:
    """The intervals of the jumps: of neighbours that all see one, that which sees most of it."""
    found = np.zeros(len(bad) + 2 * width - 2, dtype=bool)
    for start, end in _runs(bad):
        found[start + int(np.argmax(size[start:end])) + width - 1] = True
    if width == 1:
        found |= bad
    return found


def _closed(marks: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """The marks with gaps of at most so many between them filled."""
    found = marks.copy()
    at = np.flatnonzero(marks)
    for one in np.flatnonzero((np.diff(at) > 1) & (np.diff(at) <= gap)).tolist():
        found[at[one] : at[one + 1]] = True
    return found


def _runs(bad: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _steps(values: Column, at: NDArray[np.intp]) -> list[Step]:
    found: list[Step] = []
    for one in at.tolist():
        if found and one - found[-1].last < TOGETHER:
            found[-1] = Step(found[-1].first, one + 1, float(values[one + 1] - values[found[-1].first]))
        else:
            found.append(Step(one, one + 1, float(values[one + 1] - values[one])))
    return found


def monotone(values: Column) -> Column:
    """The nearest total that never falls (least squares), within the first and the last value of this one.

    Its rise is that of the readings, so that flows from it are neither clipped nor rectified. Ref: pool adjacent
    violators, Barlow et al. 1972, Statistical Inference under Order Restrictions.
    """
    if len(values) < 2 or values[-1] <= values[0]:
        return np.full(len(values), float(values[0]) if len(values) else 0.0)
    sums: list[float] = []
    counts: list[int] = []
    for value in values.tolist():
        total, count = value, 1
        while sums and sums[-1] * count >= total * counts[-1]:
            total += sums.pop()
            count += counts.pop()
        sums.append(total)
        counts.append(count)
    fitted = np.repeat(np.array(sums) / np.array(counts), counts)
    return np.asarray(np.clip(fitted, values[0], values[-1]))
