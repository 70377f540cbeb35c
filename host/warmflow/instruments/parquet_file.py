"""Parquet files as tables: read by pyarrow, which comes with `pip install 'warmflow[parquet]'`."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from warmflow.instruments.errors import InstrumentFileError
from warmflow.instruments.table import Table

MISSING = "reading and writing Parquet needs pyarrow: pip install 'warmflow[parquet]', or use CSV"


def table(path: Path, data: bytes) -> Table:
    """Raises InstrumentFileError; the line of a row is its number, from 1 on."""
    try:
        from pyarrow import ArrowException, BufferReader, parquet
    except ImportError:
        raise InstrumentFileError(f"{path}: {MISSING}") from None
    try:
        found = parquet.read_table(BufferReader(data))
    except (ArrowException, OSError) as error:
        text = str(error).splitlines()[0]
        raise InstrumentFileError(f"{path}: not a whole Parquet file ({text}): write it anew") from None
    if not found.num_rows:
        raise InstrumentFileError(f"{path}: no rows in it")
    metas = [field.metadata or {} for field in found.schema]
    units = tuple(meta.get(b"unit", b"").decode(errors="replace") for meta in metas)
    columns = tuple([_text(value) for value in column.to_pylist()] for column in found.columns)
    names = tuple(found.column_names)
    digest = hashlib.sha256(data).hexdigest()
    return Table(path, names, units, columns, np.arange(1, found.num_rows + 1), ",", digest)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return repr(value) if isinstance(value, float) else str(value)
