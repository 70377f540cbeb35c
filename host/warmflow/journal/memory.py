"""What a journal remembers of itself, so that its file can be made anew when nothing of the old one can be read.

Bounded: the newest records, and what is small by nature. Refuses to hold a whole journal: what is older than this and
cannot be read any more becomes gaps.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from warmflow.device.identity import Boot
from warmflow.device.updates import Declaration
from warmflow.journal.alarm_rows import LIMITS, AlarmRow
from warmflow.journal.row_codec import Record

RECORDS_MAX = 5000  # of 1.5 kB


class Memory:
    """Of one open journal; the writer's thread alone uses it."""

    def __init__(self) -> None:
        self.records: deque[Record] = deque(maxlen=RECORDS_MAX)
        self.cursors: dict[str, int] = {}
        self._declared: dict[tuple[Boot, str], Declaration] = {}
        self._alarms: dict[tuple[str, str], AlarmRow] = {}

    def stored(self, records: Sequence[Record], declarations: Iterable[Declaration]) -> None:
        """These are on disk."""
        self.records.extend(records)
        for each in declarations:
            key = each.boot, type(each.message).__name__
            self._declared.pop(key, None)
            self._declared[key] = each
            while len(self._declared) > RECORDS_MAX:
                del self._declared[next(iter(self._declared))]

    def stored_alarms(self, rows: Iterable[AlarmRow]) -> None:
        """How these alarms are; the lines of their history are not remembered."""
        for each in rows:
            self._alarms[each.pump, each.alarm] = each._replace(line=None)

    def forget_alarms(self, pump: str) -> None:
        for key in [key for key in self._alarms if key[0] == pump and key[1] != LIMITS]:
            del self._alarms[key]

    def declarations(self) -> list[Declaration]:
        return list(self._declared.values())

    def alarms(self) -> list[AlarmRow]:
        return list(self._alarms.values())
