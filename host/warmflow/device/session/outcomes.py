"""What a session says that is to be done or known, and whose records they are. Types alone."""

from typing import NamedTuple

from pumplink import messages as m
from warmflow.device.states import LinkState

REPLAYED, IMPORTED = "replay-", "import-"  # before the id of a board whose records come from a file


class Boot(NamedTuple):
    """Which run of which board: with a sequence number, the identity of a record."""

    board_id: str
    boots: int
    random: int

    def __str__(self) -> str:
        return f"{self.boots}-{self.random:08x}"


class Send(NamedTuple):
    """A command for the board."""

    message: m.Message


class Record(NamedTuple):
    """A reading or an event, in order. `late` if it did not come live; `shown` if it came before, when there was no
    room to keep it; not `kept`: now there is none, and it will come again.
    """

    boot: Boot
    message: m.Telemetry | m.Event
    late: bool
    shown: bool = False
    kept: bool = True


class Declared(NamedTuple):
    """The rig said what it is."""

    boot: Boot
    rig: m.Hello | m.Info


class Truth(NamedTuple):
    boot: Boot
    message: m.Truth


class Summary(NamedTuple):
    """A minute that the board kept while nobody listened; it may be of an earlier boot than the present one."""

    boot: Boot
    message: m.MinuteSummary


class Lost(NamedTuple):
    """Records that will never come; `last` is None where nobody knows how many there were."""

    boot: Boot
    first: int
    last: int | None
    reason: str


class Answer(NamedTuple):
    message: m.Ack | m.Nack


class Said(NamedTuple):
    """A line for the developer: LOG frames, or words where a frame should be."""

    text: str


class StateChanged(NamedTuple):
    state: LinkState
    detail: str


Outcome = Send | Record | Declared | Truth | Summary | Lost | Answer | Said | StateChanged
