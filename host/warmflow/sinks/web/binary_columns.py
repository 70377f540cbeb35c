"""Columns of numbers for a page, in one binary message. Pure.

    u32 length of the header | header: JSON, blanks up to a multiple of 8 | the columns of each block in turn

All little-endian; each column is `n` float64, NaN where nothing was measured. The header is `{"blocks": [{"pump",
"kind", "n", "columns", ...}], ...}`: what a column is, its name says, with its unit. Times are Unix seconds, UTC.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from warmflow.runtime.json_bytes import dump
from warmflow.runtime.json_text import parse_json

Column = npt.NDArray[np.float64]


class Columns(NamedTuple):
    """Columns of one pump, all of one length. kind: "raw", or "spans" of `span_s` seconds."""

    pump: str
    kind: str
    columns: Mapping[str, Sequence[float] | Column]
    span_s: float | None = None

    @property
    def n(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def packed(blocks: Sequence[Columns], **more: Any) -> bytes:
    """The message; `more` goes into the header."""
    said = [
        {"pump": block.pump, "kind": block.kind, "span_s": block.span_s, "n": block.n, "columns": list(block.columns)}
        for block in blocks
    ]
    header = dump({"blocks": said, **more})
    header += b" " * (-(len(header) + 4) % 8)
    body = [np.asarray(column, "<f8").tobytes() for block in blocks for column in block.columns.values()]
    return b"".join([struct.pack("<I", len(header)), header, *body])


def unpacked(data: bytes) -> tuple[dict[str, Any], list[Columns]]:
    """Header and blocks, as a page reads them. Raises ValueError for what is no such message."""
    try:
        (length,) = struct.unpack_from("<I", data)
        header = parse_json(data[4 : 4 + length])
        at, blocks = 4 + length, []
        for said in header["blocks"]:
            columns = {}
            for name in said["columns"]:
                columns[name] = np.frombuffer(data, "<f8", said["n"], at)
                at += 8 * said["n"]
            blocks.append(Columns(said["pump"], said["kind"], columns, said["span_s"]))
    except (struct.error, KeyError, TypeError) as error:
        raise ValueError(f"no message of columns: {error!r}") from None
    return header, blocks
