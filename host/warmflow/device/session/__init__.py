"""One board at the other end of a wire, without any I/O: see `session.py`."""

from warmflow.device.session.outcomes import (
    Answer,
    BoardLog,
    Declared,
    LostMinutes,
    LostRecords,
    Outcome,
    Record,
    Send,
    StateChanged,
    Summary,
    Truth,
)
from warmflow.device.session.record_store import NoMemory, RecordStore
from warmflow.device.session.session import Session

__all__ = [
    "Answer",
    "BoardLog",
    "Declared",
    "LostMinutes",
    "LostRecords",
    "NoMemory",
    "Outcome",
    "Record",
    "RecordStore",
    "Send",
    "Session",
    "StateChanged",
    "Summary",
    "Truth",
]
