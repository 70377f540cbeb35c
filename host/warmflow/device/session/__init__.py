"""One board at the other end of a wire, without any I/O: see `session.py`."""

from warmflow.device.session.outcomes import (
    Answer,
    Declared,
    Lost,
    LostMinutes,
    Outcome,
    Record,
    Said,
    Send,
    StateChanged,
    Summary,
    Truth,
)
from warmflow.device.session.record_store import Memory, NoMemory
from warmflow.device.session.session import Session

__all__ = [
    "Answer",
    "Declared",
    "Lost",
    "LostMinutes",
    "Memory",
    "NoMemory",
    "Outcome",
    "Record",
    "Said",
    "Send",
    "Session",
    "StateChanged",
    "Summary",
    "Truth",
]
