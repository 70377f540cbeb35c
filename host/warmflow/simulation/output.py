"""The outputs of `simulate`: a table for people, CSV and JSON for programs. Each contains the notice."""

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from warmflow.level_words import level_word
from warmflow.notice import NOTICE
from warmflow.runtime.output_file import output_file
from warmflow.simulation.summary import Judged, Summary
from warmflow.simulation.sweep import SWEPT, Sweep
from warmflow.simulation.trace import COLUMNS, Run

LEAST = 0.0005  # of a figure whose first digit is shown: less is 0
ROWS = (  # label, text of a figure or None to leave the row out
    ("largest deviation", lambda s: f"{signed(s.peak_percent, 1)} % of the reference rate"),
    ("  reached at", lambda s: f"{clock(s.peak_at_min)} ({s.peak_after_min:+.0f} min from the end of the last event)"),
    ("  from the label", lambda s: f"{s.label_percent:+.1f} %"),
    ("beyond 10 % until", lambda s: None if s.settles_min is None else f"{s.settles_min:+.0f} min from that end"),
    ("flow starts at", lambda s: None if not s.starts_min else f"{s.starts_min:.1f} min"),
    ("empty after", lambda s: None if s.empty_day is None else f"{s.empty_day:.2f} days"),
    ("extra dose", lambda s: f"{signed(s.extra_ul, 1)} uL, {signed(s.dose_percent, 3)} % of a 14-day dose"),
    ("delivered", lambda s: f"{s.delivered_ml:.3f} mL of {s.pumped_ml:.3f} mL pumped"),
    ("drawn by needle", lambda s: f"{s.withdrawn_ml:.2f} mL" if s.withdrawn_ml else None),
    ("left in the reservoir", lambda s: f"{s.reservoir_ml:.2f} mL"),
    ("flow at the end", lambda s: f"{s.flow_ml_day:.3f} mL/day, reference {s.reference_ml_day:.3f} mL/day"),
    ("highest rate flag", lambda s: s.level),
)


def signed(value: float, digits: int) -> str:
    """With its sign, and no minus before a rounded zero."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def dose_words(percent: float) -> str:
    """A share of a dose, signed: a tenth of a percent, or the first digit of what is less."""
    return signed(percent, first_digit(percent, 1))


def first_digit(value: float, digits: int) -> int:
    """So many digits after the point; of what is too small for them, as many as show its first one."""
    if not LEAST <= abs(value) < 10.0**-digits:
        return digits
    return -math.floor(math.log10(abs(float(f"{value:.1g}"))))


def clock(minutes: float) -> str:
    """Days and hours:minutes."""
    days, rest = divmod(round(minutes), 1440)
    return f"{f'{days} d ' if days else ''}{rest // 60}:{rest % 60:02d}"


def table(run: Run, summary: Summary, judged: list[Judged]) -> Iterator[str]:
    """The lines of a run for a person."""
    length = clock(run.scenario.whole_min)
    yield f"{run.scenario.title}: {run.rig.title}, site {run.rig.site_kpa:g} kPa, {length} ({run.how})"
    for label, text in ROWS:
        if (found := text(summary)) is not None:
            yield f"  {label:22}{found}"
    for flag in summary.flags:
        yield f"    {clock(flag.t_s / 60):>12}  {level_word(flag.level):8}{signed(100 * flag.deviation, 1)} %"
    for name, expected, found, met in judged:
        yield f"  {'as expected' if met else 'UNEXPECTED':12} {name} {found} (expected {expected})"


def sweep_table(found: Sweep, most: int = 25) -> Iterator[str]:
    """The lines of a sweep: at most so many, evenly spread, with the first and the last."""
    yield f"{SWEPT[found.name].says}, {len(found.values)} pumps"
    yield f"{found.name + ' ' + found.unit:>14}{'peak %':>12}{'at min':>10}{'extra uL':>12}{'dose %':>10}"
    shown = np.unique(np.linspace(0, len(found.values) - 1, min(most, len(found.values))).round().astype(int))
    for at in shown:
        yield (
            f"{found.values[at]:14.4g}{found.peak_percent[at]:+12.2f}{found.peak_at_min[at]:10.1f}"
            f"{found.extra_ul[at]:+12.2f}{found.dose_percent[at]:+10.3f}"
        )


def write_csv(path: Path, runs: list[Run]) -> None:
    """Every row of every run; volumes in nL, flows in nL/h. Raises UserError."""
    with output_file(path) as file:
        writer = csv.writer(file)
        writer.writerow(["profile", "body", *COLUMNS, "deviation_percent", "extra_nl"])
        for run in runs:
            trace = run.trace
            columns = [getattr(trace, name) for name in COLUMNS]
            rows = zip(*columns, 100 * trace.deviation, trace.extra_nl, strict=True)
            for row in rows:
                writer.writerow([run.rig.profile, run.rig.body, *(f"{value:.9g}" for value in row)])


def write_sweep_csv(path: Path, found: Sweep) -> None:
    """A row for each value. Raises UserError."""
    with output_file(path) as file:
        writer = csv.writer(file)
        writer.writerow([found.name, "peak_percent", "peak_at_min", "extra_ul", "dose_percent"])
        for row in zip(*found[2:], strict=True):
            writer.writerow([f"{value:.9g}" for value in row])


def as_json(runs: list[tuple[Run, Summary, list[Judged]]]) -> str:
    """Summaries, flags and verdicts."""
    return _json([_run_json(*run) for run in runs], "runs")


def sweep_json(found: Sweep, title: str) -> str:
    """A sweep as columns."""
    columns = {name: np.asarray(getattr(found, name)).tolist() for name in Sweep._fields[2:]}
    return _json({"scenario": title, "name": found.name, "unit": found.unit, **columns}, "sweep")


def _json(content: Any, name: str) -> str:
    return json.dumps({"notice": NOTICE, name: content}, indent=2)


def _run_json(run: Run, summary: Summary, judged: list[Judged]) -> dict[str, Any]:
    flags = [
        {"t_s": flag.t_s, "level": level_word(flag.level), "deviation_percent": 100 * flag.deviation}
        for flag in summary.flags
    ]
    return {
        "scenario": run.scenario.title,
        **run.rig._asdict(),
        "how": run.how,
        "summary": {**asdict(summary), "flags": flags},
        "expected": [row._asdict() for row in judged],
    }
