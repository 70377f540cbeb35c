"""More files of each kind that a report could get wrong, made at random with a truth that is known.

A file's `percent` is how far the pump's mean rate is from the reference rate that is given with it. It is never near
the limit of 10 %, so that a PASS or a FAIL on the wrong side is a fault and no bad luck.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LIMIT = 10.0
PERCENTS = (0.0, 3.0, -3.0, 18.0, -18.0, 60.0, -40.0)
BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
Random = np.random.Generator


class LabFile(NamedTuple):
    """`percent` None: nobody can know it, so that neither PASS nor FAIL is right."""

    name: str
    content: bytes
    options: tuple[str, ...]
    percent: float | None
    reference_ul_h: float


def _choice(random: Random, *what: Any) -> Any:
    return what[int(random.integers(len(what)))]


def _truth(random: Random) -> tuple[float, float, float]:
    """Percent, the pump's rate and the reference rate, µL/h."""
    percent = float(_choice(random, *PERCENTS))
    reference = float(random.uniform(30, 700))
    return percent, reference * (1 + percent / 100), reference


def _times(random: Random, hours: tuple[float, float] = (0.5, 6.0)) -> NDArray[np.float64]:
    step_s = float(_choice(random, 1, 5, 10, 30, 60))
    count = int(random.uniform(*hours) * 3600 / step_s)
    return step_s * np.arange(max(30, min(count, 2500)))


def _file(name: str, lines: list[str], percent: float | None, reference: float, *options: str) -> LabFile:
    return LabFile(name, ("\n".join(lines) + "\n").encode(), options, percent, reference)


def _mass_file(
    name: str, t_s: NDArray[np.float64], grams: NDArray[np.float64], percent: float | None, reference: float
) -> LabFile:
    lines = ["time_s,mass_g", *(f"{t:g},{m:.4f}" for t, m in zip(t_s, grams, strict=True))]
    return _file(name, lines, percent, reference, "--density", "0.9982")


def noise(random: Random) -> Iterator[LabFile]:
    """A balance, a volume or a flow sensor with noise of every size; a pump that stands still among them."""
    percent, rate, reference = _truth(random)
    t_s = _times(random)
    volume = rate * t_s / 3600
    sigma = float(10 ** random.uniform(-2, 0.7))
    match int(random.integers(4)):
        case 0:
            grams = (volume + random.normal(0, sigma, len(t_s))) * 0.9982e-3
            yield _mass_file("noise-mass.csv", t_s, grams, percent, reference)
        case 1:
            noisy = volume + np.cumsum(random.normal(0, sigma / 20, len(t_s)))
            lines = ["time_s,volume_ul", *(f"{t:g},{v:.3f}" for t, v in zip(t_s, noisy, strict=True))]
            yield _file("noise-walk.csv", lines, percent, reference)
        case 2:
            flows = rate + random.normal(0, rate * random.uniform(0.01, 2), len(t_s))
            lines = ["time_s,flow_ul_h", *(f"{t:g},{f:.2f}" for t, f in zip(t_s, flows, strict=True))]
            yield _file("noise-flow.csv", lines, percent, reference)
        case _:
            grams = random.normal(0, sigma, len(t_s)) * 1e-3
            yield _mass_file("noise-still.csv", t_s, grams, -100.0, reference)


def holes(random: Random) -> Iterator[LabFile]:
    """A flow sensor that was away for 0 to 97 % of the time, while the pump did something else; local times."""
    _, rate, reference = _truth(random)
    t_s = _times(random, (2.0, 6.0))
    away = float(_choice(random, 0.01, 0.03, 0.2, 0.6, 0.97)) * t_s[-1]
    start = float(random.uniform(t_s[3], max(t_s[4], t_s[-4] - away)))
    keep = (t_s <= start) | (t_s >= start + away)
    meanwhile = rate * float(_choice(random, 0.0, 1.0, 2.0))
    whole = 100 * (float(np.mean(np.where(keep, rate, meanwhile))) / reference - 1)
    if abs(abs(whole) - LIMIT) < 2:
        whole = 100 * (rate / reference - 1)  # so it went on as before
    flows = rate + random.normal(0, 0.02 * rate, len(t_s))
    if random.random() < 0.3:  # words instead of missing lines
        absent = ("", "OL", "----", "nan")
        cells = [f"{f:.2f}" if k else _choice(random, *absent) for f, k in zip(flows, keep, strict=True)]
        lines = ["time_s,flow_ul_h", *(f"{t:g},{c}" for t, c in zip(t_s, cells, strict=True))]
    else:
        lines = ["time_s,flow_ul_h", *(f"{t:g},{f:.2f}" for t, f, k in zip(t_s, flows, keep, strict=True) if k)]
    yield _file("holes.csv", lines, whole, reference)


def summer_time(random: Random) -> Iterator[LabFile]:
    """A balance whose computer changes its clock during the run, and writes local times."""
    percent, rate, reference = _truth(random)
    forward = random.random() < 0.5
    change = datetime(2026, 3, 29, 1, tzinfo=UTC) if forward else datetime(2026, 10, 25, 1, tzinfo=UTC)
    step_s = float(_choice(random, 30, 60, 300))
    count = int(3 * 3600 / step_s)
    begin = change - timedelta(seconds=step_s * int(random.integers(3, count - 3)))
    lines = ["time,volume_ul"]
    for n in range(count):
        utc = begin + timedelta(seconds=step_s * n)
        summer = (utc >= change) == forward
        local = (utc + timedelta(hours=2 if summer else 1)).replace(tzinfo=None)
        lines.append(f"{local.isoformat(sep=' ')},{rate * step_s * n / 3600:.3f}")
    zone = ("--time-zone", "Europe/Berlin") if random.random() < 0.5 else ()
    yield _file("local.csv", lines, percent, reference, *zone)


def steps(random: Random) -> Iterator[LabFile]:
    """A balance that is tared, gets another beaker, is touched or refilled, once or more often."""
    percent, rate, reference = _truth(random)
    t_s = _times(random, (1.0, 6.0))
    grams = rate * t_s / 3600 * 0.9982e-3
    grams = grams + random.normal(0, float(_choice(random, 0.0, 5e-5, 2e-4)), len(t_s))
    for _ in range(int(random.integers(1, 4))):
        at = int(random.integers(5, len(t_s) - 5))
        match int(random.integers(4)):
            case 0:
                grams[at:] -= grams[at - 1]
            case 1:
                grams[at:] += float(random.uniform(0.5, 60))
            case 2:
                grams[at : at + int(random.integers(1, 4))] += float(random.uniform(0.05, 3)) * _choice(random, -1, 1)
            case _:
                grams[at:] -= float(random.uniform(0.5, 20))
    yield _mass_file("steps.csv", t_s, grams, percent, reference)


WORDS = ("+9999999E+19", "-9999999E+19", "9.99999999E+37", "9.91E37", "-127", "OL", "----", "1e38", "-9999",
         "99999", "NaN", "inf", "#N/A", "Err", "unstable", "", "-9999.9", "O.L",
         "1.#INF", "n/a", "-32768", "---.--")  # fmt: skip


def words(random: Random) -> Iterator[LabFile]:
    """An instrument without a value for one reading or a few, and a probe that is gone or just came on."""
    percent, rate, reference = _truth(random)
    t_s = _times(random, (1.0, 4.0))
    volume = rate * t_s / 3600 + random.normal(0, 0.05, len(t_s))
    kind = _choice(random, "mass", "volume", "flow")
    flows = rate + random.normal(0, 0.02 * rate, len(t_s))
    values = {"mass": volume * 0.9982e-3, "volume": volume, "flow": flows}[kind]
    cells = [f"{value:.5f}" for value in values]
    for _ in range(int(random.integers(1, 5))):
        cells[int(random.integers(1, len(cells) - 1))] = str(_choice(random, *WORDS))
    probe = [f"{36 + random.normal(0, 0.1):.2f}" for _ in t_s]
    probe[0], probe[int(random.integers(1, len(probe)))] = "85.0", "-127.00"
    header = {"mass": "mass_g", "volume": "volume_ul", "flow": "flow_ul_h"}[kind]
    lines = [f"time_s,{header},temp_c", *(f"{t:g},{c},{p}" for t, c, p in zip(t_s, cells, probe, strict=True))]
    yield _file("words.csv", lines, percent, reference, *(("--density", "0.9982") if kind == "mass" else ()))


def columns(random: Random) -> Iterator[LabFile]:
    """Two columns for one quantity: of one name, in other units, a thousand times apart, or of two channels."""
    percent, rate, reference = _truth(random)
    t_s = _times(random, (0.5, 2.0))
    other = rate * float(_choice(random, 1.84, 0.3, 1000.0, 1.0))
    first, second = _choice(
        random, ("flow_ul_h", "flow_ul_h"), ("flow_ul_h", "Flow (µL/h)"), ("flow_ul_h", "flow_ml_h"),
        ("volume_ul", "volume_ul"), ("volume_ul", "volume_ml"), ("volume_ul", "flow_ul_h"),
    )  # fmt: skip

    def cell(name: str, value: float, t: float) -> str:
        amount = value * t / 3600 if name.startswith("volume") else value
        return f"{amount / (1000 if '_ml' in name else 1):.6f}"

    swap = random.random() < 0.5
    a, b = (other, rate) if swap else (rate, other)
    lines = [f"time_s,{first},{second}", *(f"{t:g},{cell(first, a, t)},{cell(second, b, t)}" for t in t_s)]
    same = other == rate
    yield _file("columns.csv", lines, percent if same else None, reference)


def sizes(random: Random) -> Iterator[LabFile]:
    """Numbers whose size says what they are: days, milliseconds, grouped thousands, minutes in a column of seconds."""
    percent, rate, reference = _truth(random)
    t_s = _times(random, (0.5, 3.0))
    volume = rate * t_s / 3600
    unix = BEGIN.timestamp()
    name, times = {
        0: ("time", [f"{46347.5 + t / 86400:.8f}" for t in t_s]),
        1: ("time", [f"{1000 * (unix + t):.0f}" for t in t_s]),
        2: ("time", [f"{unix + t:.1f}" for t in t_s]),
        3: ("time_s", [f"{46347.5 + t / 86400:.8f}" for t in t_s]),
        4: ("time_s", [f"{1000 * (unix + t):.0f}" for t in t_s]),
        5: ("time_ms", [f"{1000 * t:.0f}" for t in t_s]),
        6: ("timestamp", [f"{1e6 * (unix + t):.0f}" for t in t_s]),
    }[int(random.integers(7))]
    if random.random() < 0.4:
        base = float(random.uniform(900, 990))
        cells = [f"{base + v:,.0f}".replace(",", ".") for v in volume]
        lines = ["time_s;volume_ul", *(f"{t:g};{c}" for t, c in zip(t_s, cells, strict=True))]
        yield _file("grouped.csv", lines, percent, reference)
        return
    lines = [f"{name},volume_ul", *(f"{t},{v:.4f}" for t, v in zip(times, volume, strict=True))]
    yield _file("sizes.csv", lines, percent, reference)


def dresses(random: Random) -> Iterator[LabFile]:
    """One table in every dress that programs give it."""
    percent, rate, reference = _truth(random)
    t_s = _times(random, (0.5, 1.5))
    volume = rate * t_s / 3600
    delimiter, point = _choice(random, (",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ","))
    header = _choice(
        random, ("time_s", "volume_ul"), ("Time_S", "Volume_uL"), (" time_s ", " volume_ul "),
        ("Time (s)", "Volume (µL)"), ("Time [s]", "Volume [μL]"), ("t/s", "V/µL"),
        ("time_s", "volume_ml"), ("Time", "Volume [µl]"),
    )  # fmt: skip
    factor = 0.001 if "ml" in header[1] else 1.0
    cells = [(f"{t:.1f}", f"{v * factor:.6f}") for t, v in zip(t_s, volume, strict=True)]
    if header[0] == "Time":
        moments = [(BEGIN + timedelta(seconds=float(t))).isoformat().replace("+00:00", "Z") for t in t_s]
        cells = [(moment, cell) for moment, (_, cell) in zip(moments, cells, strict=True)]
    lines = [delimiter.join(cell.replace(".", point) if "T" not in cell else cell for cell in row) for row in cells]
    if random.random() < 0.3:
        lines = [delimiter.join(f'"{cell}"' for cell in line.split(delimiter)) for line in lines]
    top = delimiter.join(header)
    lines = [f"# {top}" if random.random() < 0.2 else top, *lines]
    if random.random() < 0.3:
        lines = ["# balance 7, run 3", "", *lines]
    if random.random() < 0.2:
        lines = [f"sep={delimiter}", *lines]
    if random.random() < 0.2:
        lines = [*lines, "", ""]
    text = _choice(random, "\n", "\r\n").join(lines) + "\n"
    encoding = _choice(random, "utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le")
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        content = text.encode("utf-8")
    yield LabFile("dress.csv", content, (), percent, reference)


def course(random: Random) -> Iterator[LabFile]:
    """A pump whose mean is right while it is off for two hours: no PASS for that."""
    reference = float(random.uniform(30, 700))
    t_s = 60.0 * np.arange(int(24 * 60 * random.uniform(0.9, 1.5)))
    start = int(random.integers(0, len(t_s) - 240))
    flows = np.full(len(t_s), reference)
    flows[start : start + 120] *= float(_choice(random, 0.6, 1.4, 0.0))
    volume = np.concatenate([[0.0], np.cumsum(flows[1:] / 60)]) + random.normal(0, 0.05, len(t_s))
    lines = ["time_s,volume_ul", *(f"{t:g},{v:.3f}" for t, v in zip(t_s, volume, strict=True))]
    yield _file("course.csv", lines, None, reference)


KINDS: dict[str, Callable[[Random], Iterator[LabFile]]] = {
    "noise": noise, "holes": holes, "summer time": summer_time, "steps": steps, "words": words, "columns": columns,
    "sizes": sizes, "dresses": dresses, "course": course,
}  # fmt: skip


def files(kind: str, count: int, seed: int = 1) -> Iterator[LabFile]:
    """So many files of a kind."""
    for number in range(count):
        yield from KINDS[kind](np.random.default_rng((seed, number, len(kind))))
