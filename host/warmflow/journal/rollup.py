"""Readings by second and by minute: min, sum and max, added to what the same second or minute already has."""

from collections.abc import Iterable
from typing import Any

from warmflow.device.updates import Reading

SPANS_S = (1, 60)
LARGEST = 2**63 - 1  # that SQLite holds as an integer; the wire can say more

UPSERT = """
INSERT INTO rollups VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT DO UPDATE SET
  n = n + excluded.n, probes = probes + excluded.probes,
  probe_min_mc = min(coalesce(probe_min_mc, excluded.probe_min_mc), coalesce(excluded.probe_min_mc, probe_min_mc)),
  probe_sum_mc = coalesce(probe_sum_mc, 0) + coalesce(excluded.probe_sum_mc, 0),
  probe_max_mc = max(coalesce(probe_max_mc, excluded.probe_max_mc), coalesce(excluded.probe_max_mc, probe_max_mc)),
  flow_min_nl_h = min(flow_min_nl_h, excluded.flow_min_nl_h),
  flow_sum_nl_h = flow_sum_nl_h + excluded.flow_sum_nl_h,
  flow_max_nl_h = max(flow_max_nl_h, excluded.flow_max_nl_h),
  volume_nl = max(volume_nl, excluded.volume_nl)
"""


def rolled_up(readings: Iterable[Reading]) -> list[tuple[Any, ...]]:
    """Rows for UPSERT: one for each pump, span and start that the readings touch."""
    groups: dict[tuple[str, int, int], list[Reading]] = {}
    for reading in readings:
        second = round(reading.utc.timestamp() * 1000) // 1000  # as it is stored: in whole milliseconds
        for span_s in SPANS_S:
            groups.setdefault((reading.pump, span_s, second - second % span_s), []).append(reading)
    return [(*key, *_summary(group)) for key, group in groups.items()]


def _summary(readings: list[Reading]) -> tuple[Any, ...]:
    probes = [reading.message.probe_mc for reading in readings if reading.message.probe_mc is not None]
    flows = [reading.message.metered_flow_nl_h for reading in readings]
    return (
        len(readings),
        len(probes),
        min(probes, default=None),
        sum(probes) if probes else None,
        max(probes, default=None),
        min(flows),
        sum(flows),
        max(flows),
        min(LARGEST, max(reading.message.metered_volume_nl for reading in readings)),
    )
