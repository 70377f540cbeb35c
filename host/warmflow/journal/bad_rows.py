"""Which values a row of the journal may hold. A row is a stranger's word: the file may be damaged, or written by
somebody else. One that does not fit costs itself: it is left out, counted and reported, and nothing else fails.
"""

from collections import Counter
from collections.abc import Iterable
from struct import error as StructError
from typing import Any

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from pumplink.messages import TYPES
from warmflow.journal import summary_gaps
from warmflow.runtime.json_text import BadJson, parse_json

RECORD_KINDS = frozenset({*(TYPES[kind] for kind in (m.Telemetry, m.Event, m.Gap, m.MinuteSummary)), summary_gaps.KIND})
DECLARED_KINDS = frozenset(TYPES[kind] for kind in (m.Hello, m.Info))
UTC_MS_MAX = 253_402_300_799_999  # the end of the year 9999
U32_MAX = 0xFFFFFFFF
DECODE_ERRORS = (ValueError, TypeError, LookupError, OverflowError, ArithmeticError, AssertionError, StructError)

# the columns of each table by type: i an integer, r a number, t a text, b a blob; ? behind it: may be NULL
TABLES = {
    "boots": ("i", "t", "i", "i", "t", "i", "i"),
    "records": ("i", "i", "i", "i", "i", "i", "b"),
    "conflicts": ("i", "i", "i", "i", "b"),
    "declarations": ("i", "i", "i", "b"),
    "cursors": ("t", "i", "r"),
    "rollups": ("t", "i", "i", "i", "i", "i?", "i?", "i?", "i", "i", "i", "i"),
    "removed": ("t", "i"),
    "alarms": ("t", "t", "t"),
    "alarm_lines": ("i", "t", "i", "t"),
    "annotations": ("i", "t", "i", "t", "t", "i"),
    "marks": ("r", "i", "i"),
    "names": ("t", "t", "i"),
    "adoptions": ("i", "t", "t", "t", "t", "i"),
    "datings": ("i", "t", "i", "i", "i", "i", "i", "i", "i"),
    "dated": ("i", "i", "i", "i", "i"),
}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "i": (int,), "r": (int, float), "t": (str,), "b": (bytes,), "i?": (int, type(None)),
}  # fmt: skip


class NotReadable(ValueError):
    """A row holds what no journal holds; the text says what."""


def check(table: str, values: tuple[Any, ...]) -> None:
    """Raises NotReadable for a row of this table whose values do not fit."""
    for index, (kind, value) in enumerate(zip(TABLES[table], values, strict=False)):
        if not isinstance(value, PYTHON_TYPES[kind]):
            raise NotReadable(f"{table}: column {index} holds {type(value).__name__}")
    if table == "records":
        decoded(RECORD_KINDS, values[3], values[-1])
        time(values[4])
    elif table == "declarations":
        decoded(DECLARED_KINDS, values[-1][0] if values[-1] else -1, values[-1])
        time(values[2])
    elif table == "annotations":
        time(values[2])
        time(values[5])
    elif table == "alarms":
        json_object(values[2])


def decoded(kinds: frozenset[int], kind: object, payload: object) -> Any:
    """The message in a payload. Raises NotReadable."""
    if not isinstance(payload, bytes) or not payload or payload[0] != kind or kind not in kinds:
        raise NotReadable(f"no payload of kind {kind!r:.20}")
    try:
        return summary_gaps.decode(payload) if kind == summary_gaps.KIND else DECODERS[payload[0]](payload)
    except DECODE_ERRORS as error:
        raise NotReadable(f"a payload of kind {kind} that cannot be decoded: {error!r:.80}") from None


def time(utc_ms: object) -> int:
    """Milliseconds since 1970. Raises NotReadable for what is no such time."""
    if not isinstance(utc_ms, int) or not 0 <= utc_ms <= UTC_MS_MAX:
        raise NotReadable(f"a time of {utc_ms!r:.30}")
    return utc_ms


def json_object(text: object) -> dict[str, Any]:
    """Raises NotReadable for what is no JSON object."""
    try:
        found = parse_json(text, our_own=True) if isinstance(text, str) else None
    except BadJson:
        found = None
    if not isinstance(found, dict):
        raise NotReadable("no JSON object")
    return found


def good_rows(table: str, rows: Iterable[tuple[Any, ...]], bad_rows: "BadRows") -> list[tuple[Any, ...]]:
    """Those whose values fit the table; the others are counted, by their first value."""
    good = []
    for row in rows:
        try:
            check(table, row)
        except NotReadable as error:
            bad_rows.add(table, row[0], error)
        else:
            good.append(row)
    return good


class BadRows:
    """What could not be read so far, by table, each row once. Bounded: beyond it rows are counted again."""

    REMEMBERED = 10_000

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self.reasons: dict[str, str] = {}  # of each table the first
        self._seen = set[tuple[str, object]]()

    def add(self, table: str, key: object, reason: object) -> None:
        """This row cannot be read."""
        if (table, key) in self._seen:
            return
        if len(self._seen) < self.REMEMBERED:
            self._seen.add((table, key))
        self.counts[table] += 1
        self.reasons.setdefault(table, f"row {key!s:.40}: {reason!s:.120}")

    def text(self) -> str:
        """In one line; "" if all could be read."""
        return "; ".join(f"{n} rows of {table} ({self.reasons[table]})" for table, n in sorted(self.counts.items()))
