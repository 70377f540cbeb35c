"""Outcomes of a session: what is to be sent, published or reported. Types only."""

from typing import NamedTuple

from pumplink import messages as m
from warmflow.device.identity import Boot
from warmflow.device.states import LinkState


class Send(NamedTuple):
    """A command for the board."""

    message: m.Message


class Record(NamedTuple):
    """A reading or an event, in order. `late` if it did not come live; `shown` if it came before, when there was no
    room to keep it; not `kept`: now there is none, and it will come again. `payload`: its bytes on the wire.
    """

    boot: Boot
    message: m.Telemetry | m.Event
    late: bool
    shown: bool = False
    kept: bool = True
    payload: bytes = b""


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
    payload: bytes = b""


class LostRecords(NamedTuple):
    """Records that will never come; `last` is None where nobody knows how many there were."""

    boot: Boot
    first: int
    last: int | None
    reason: str


class LostMinutes(NamedTuple):
    """Minute summaries that will never come, by their numbers, which count over all boots of the board. `boot`: the
    present one.
    """

    boot: Boot
    first: int
    last: int
    reason: str


class IdentityRefused(NamedTuple):
    """The board at this port said an identity that it may not have. The state follows."""

    board_id: str


class Answer(NamedTuple):
    message: m.Ack | m.Nack


class BoardLog(NamedTuple):
    """A line for the developer: words where a frame should be."""

    text: str


class LeftOut(NamedTuple):
    """The board says more than its share; the text counts what was left out."""

    text: str


class StateChanged(NamedTuple):
    state: LinkState
    detail: str


OfAPump = Record | Truth | Summary | LostRecords | LostMinutes  # what is kept or shown under the pump's name
Outcome = OfAPump | Send | Declared | IdentityRefused | Answer | BoardLog | LeftOut | StateChanged
