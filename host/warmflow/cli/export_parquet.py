"""Readings as Parquet, with the unit of each column in its metadata. pyarrow comes with `warmflow[parquet]`.

The same columns as the CSV. `lost_through` stays text, because the end of a loss may be unknown.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from warmflow.errors import UserError
from warmflow.instruments.parquet_file import MISSING
from warmflow.runtime.output_file import output_bytes
from warmflow.version import version

SUFFIXES = (".parquet", ".pq")
ROWS = 50_000  # of a row group


class Field(NamedTuple):
    """Arrow's name of the type, the unit, and what the column is."""

    type: str
    unit: str
    says: str


FIELDS = {
    "time_utc": Field("time", "UTC", "when the reading was made; null for a gap"),
    "pump": Field("string", "", "name of the pump"),
    "boot": Field("string", "", "which run of the board"),
    "sequence": Field("int64", "", "number of the reading in its boot; of a gap, of the first one that is missing"),
    "pump_time_s": Field("double", "s", "pump time"),
    "probe_degC": Field("double", "°C", "probe temperature"),
    "ambient_kPa": Field("double", "kPa", "ambient pressure"),
    "flow_uL_h": Field("double", "µL/h", "metered flow"),
    "volume_uL": Field("double", "µL", "metered total"),
    "status": Field("int32", "", "status flags of the reading"),
    "lost_through": Field("string", "", "of a gap: number of the last reading that is missing, ? if not known"),
    "board": Field("string", "", "id of the board; import-... for readings of an instrument's file"),
}


class NoParquetError(UserError):
    """Parquet cannot be written here; the text says what is missing."""


def is_parquet(path: Path | str) -> bool:
    """Whether a file of this name is to be Parquet."""
    return Path(path).suffix.lower() in SUFFIXES


def write(path: Path | str, rows: Iterable[tuple[Any, ...]]) -> int:
    """Writes rows in the order of FIELDS; how many. Raises NoParquetError, OutputError."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise NoParquetError(f"{path}: {MISSING}") from None
    types = {
        "time": pyarrow.timestamp("ms", "UTC"), "string": pyarrow.string(), "double": pyarrow.float64(),
        "int64": pyarrow.int64(), "int32": pyarrow.int32(),
    }  # fmt: skip
    schema = pyarrow.schema(
        [
            pyarrow.field(name, types[field.type], metadata={"unit": field.unit, "description": field.says})
            for name, field in FIELDS.items()
        ],
        metadata={"made_by": f"warmflow {version()}", "schema": "warmflow-export/1"},
    )
    count = 0
    with output_bytes(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        typed = _typed(rows)
        while part := list(islice(typed, ROWS)):
            columns = [list(column) for column in zip(*part, strict=True)]
            writer.write_table(pyarrow.table(columns, schema=schema))
            count += len(part)
    return count


def _typed(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Empty cells as nulls, times as times."""
    readers: list[Callable[[Any], Any]] = [
        (lambda cell: datetime.fromisoformat(cell)) if field.type == "time" else (lambda cell: cell)
        for field in FIELDS.values()
    ]
    for row in rows:
        yield tuple(None if cell in ("", None) else read(cell) for read, cell in zip(readers, row, strict=True))
