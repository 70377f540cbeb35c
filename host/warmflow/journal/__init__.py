"""The durable log: every record once, keyed by board, boot and sequence, on disk before the board may forget it.

Slow takers read it through cursors. It knows records and SQL, and nothing of ports, brokers or screens.
"""

from warmflow.journal.faults import JournalError
from warmflow.journal.journal import Journal
from warmflow.journal.reader import JournalReader
from warmflow.journal.record_table import Wanted
from warmflow.journal.retention import Limits
from warmflow.journal.row_codec import Entry
from warmflow.journal.write_queue import WriteQueue

__all__ = ["Entry", "Journal", "JournalError", "JournalReader", "Limits", "Wanted", "WriteQueue"]
