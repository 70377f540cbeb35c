"""Records out of the journal, as they go into messages: what belongs together, and what is known of it. No I/O."""

from collections.abc import Sequence
from typing import NamedTuple

from warmflow.device.identity import Boot
from warmflow.device.updates import BoardEvent, Gap, Reading, SummaryGap
from warmflow.journal import Entry
from warmflow.journal.row_codec import Record

BATCH_MAX = 200  # readings in a message


class Batch(NamedTuple):
    """Readings of one pump and boot, or one record of another kind.

    `records` are marked late where they waited for the present connection, and where they were dated again. resent: an
    earlier attempt may have arrived.
    """

    records: Sequence[Record]
    resent: bool = False

    @property
    def pump(self) -> str:
        return self.records[0].pump


def batches(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries as they go into messages: readings of one pump and boot together, all else alone.

    The order of each pump's records stays; pumps overtake one another, for a hundred of them come in turn. Ordered by
    their first entries: all entries before the first of a batch are in the batches before it.
    """
    out: list[list[Entry]] = []
    growing: dict[str, list[Entry]] = {}
    for entry in entries:
        record = entry.record
        if not isinstance(record, Reading):
            growing.pop(record.pump, None)  # what comes after it must not be told before it
            out.append([entry])
            continue
        batch = growing.get(record.pump)
        if batch and len(batch) < BATCH_MAX and _key(batch[0].record) == _key(record):
            batch.append(entry)
        else:
            growing[record.pump] = [entry]
            out.append(growing[record.pump])
    return out


def marked(entries: Sequence[Entry], waited_through: int, doubtful_through: int) -> Batch:
    """A batch whose entries up to the two numbers waited for the connection, and may have been sent before."""
    again = dated_again(entries[0].record)
    records = [_late(each.record) if again or each.id <= waited_through else each.record for each in entries]
    return Batch(records, again or entries[0].id <= doubtful_through)


def dated_again(record: Record) -> bool:
    """Has it been stored, and perhaps delivered, before?"""
    dating = None if isinstance(record, Gap | SummaryGap) else record.dating
    return dating is not None and (dating.redated or dating.uncertain)


def _key(record: Record) -> tuple[Boot, bool, bool]:
    dating = None if isinstance(record, Gap | SummaryGap) else record.dating
    return record.boot, bool(dating and dating.redated), bool(dating and dating.uncertain)


def _late(record: Record) -> Record:
    return record._replace(late=True) if isinstance(record, Reading | BoardEvent) else record
