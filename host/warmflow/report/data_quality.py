"""How good the readings are: how much of the time was looked at, and what was lost, sent again or contradicted."""

from typing import NamedTuple

import numpy as np

from warmflow.report.run_record import Counts, Record

LISTED = 50  # holes on the page; all of them are counted


class Hole(NamedTuple):
    """Nobody measured in this stretch of pump time."""

    from_s: float
    to_s: float


class Quality(NamedTuple):
    """`coverage_percent`: of the run's pump time. `lost_readings` None: a loss has no known end."""

    readings: int
    length_s: float
    usual_interval_s: float
    longest_interval_s: float
    coverage_percent: float
    holes: tuple[Hole, ...]
    losses: int
    lost_readings: int | None
    probe_percent: float | None  # of the readings that have a temperature; None where there is no probe
    resolution_ul: float | None
    counts: Counts


def quality(record: Record) -> Quality:
    """Counted from the record; nothing is repaired."""
    unseen_s = float(np.sum(record.holes_s[:, 1] - record.holes_s[:, 0]))
    lost = [one.readings for one in record.lost]
    known = [count for count in lost if count is not None]
    probe = None if record.probe_c is None else 100 * float(np.mean(~np.isnan(record.probe_c)))
    return Quality(
        len(record.t_s),
        record.length_s,
        record.usual_s,
        float(np.diff(record.t_s).max()),
        100 * (1 - unseen_s / record.length_s),
        tuple(Hole(*row) for row in record.holes_s.tolist()),
        len(lost),
        sum(known) if len(known) == len(lost) else None,
        probe,
        record.resolution_ul,
        record.counts,
    )
