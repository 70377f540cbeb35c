"""Who says a record: the name of a pump, the id of a board, and which of its boots. With a sequence number a boot is
the identity of a record.

`PumpName` is the one type for names, and `pump_name` the one door to it: HELLO, import, requests, journal, topics and
command lines go through it. It accepts what the firmware accepts (`pump/config.py`); the words that the daemon needs
itself are one list for both. A text that must not be refused, for a record is kept under it already, is made a name by
`fitted_name`.
"""

import hashlib
import re
from typing import Literal, NamedTuple, NewType

from pumplink.codes import RESERVED_NAMES
from warmflow.errors import UserError
from warmflow.runtime.text import printable

REPLAYED, IMPORTED = "replay-", "import-"  # before the id of a board whose records come from a file
NAME_LENGTH = 16  # what the wire has room for
RESERVED = frozenset(RESERVED_NAMES)
RULE = f"1 to {NAME_LENGTH} of a-z, 0-9, - and _"

PumpName = NewType("PumpName", str)
Unnamed = Literal[""]  # of a port whose board has not said a name that it may have
UNNAMED: Unnamed = ""

_NAME = re.compile(f"[a-z0-9_-]{{1,{NAME_LENGTH}}}")
_BOARD_ID = re.compile("[0-9a-z-]{1,60}")
_OTHER_CHARACTERS = re.compile("[^a-z0-9_-]+")
_DIGITS = 4  # of a hash, where a name has to be cut


class BadName(UserError, ValueError):
    """This text is no name of a pump; the message says why, and what a name is."""


class Boot(NamedTuple):
    """Which run of which board."""

    board_id: str
    boots: int
    random: int

    def __str__(self) -> str:
        return f"{self.boots}-{self.random:08x}"


def name_fault(text: str) -> str:
    """Why this text can be the name of no pump; "" if it can."""
    if text in RESERVED:
        return f"{text} is the daemon's own name among the topics: a pump needs another ({RULE})"
    if not _NAME.fullmatch(text):
        return f"'{printable(text, 40)}' cannot be the name of a pump: {RULE}"
    return ""


def pump_name(text: str) -> PumpName:
    """The text as a name. Raises BadName."""
    if fault := name_fault(text):
        raise BadName(fault)
    return PumpName(text)


def is_name(text: str) -> bool:
    return text not in RESERVED and _NAME.fullmatch(text) is not None


def fitted_name(text: str, suffix: str = "") -> PumpName:
    """The name that is nearest to a text, with `suffix` at its end. The same text always gives the same name. A text
    that is too long is cut, and gets some digits of its hash, so that two such texts do not become one name.
    """
    stem = _OTHER_CHARACTERS.sub("-", text.lower()).strip("-") or "pump"
    if len(stem + suffix) > NAME_LENGTH:
        digits = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
        stem = f"{stem[: NAME_LENGTH - len(suffix) - _DIGITS]}{digits}"
    return PumpName(f"{stem}-1" if stem + suffix in RESERVED else stem + suffix)


def marked_name(name: PumpName, mark: str) -> PumpName:
    """The name of a pump whose records come from a file: `rig-replay`, `rig-import`. `mark`: REPLAYED or IMPORTED."""
    return fitted_name(name, f"-{mark.rstrip('-')}")


def file_name(stem: str) -> PumpName:
    """The name of a pump that is called after a file. Raises BadName for a word that is reserved."""
    if stem.lower() in RESERVED:
        raise BadName(name_fault(stem.lower()))
    return fitted_name(stem)


def is_board_id(text: str) -> bool:
    """Whether this can be the id of a board, as topics and the journal have it."""
    return _BOARD_ID.fullmatch(text) is not None
