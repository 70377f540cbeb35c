"""Acknowledgements: what is on disk is told the board until it has understood."""

from pumplink import messages as m
from pumplink.decoder import Received
from warmflow.device import session as s
from warmflow.device.identity import Boot

BOOT = Boot("00" * 8, 3, 7)


class Room(s.NoMemory):
    """A journal that remembers, and may be full."""

    def __init__(self, through: int = 0) -> None:
        self.full = False
        self._through = through

    def through(self, boot: Boot) -> int:
        return self._through


def hello() -> m.Hello:
    values: dict[str, object] = dict.fromkeys(m.Hello._fields, 0)
    values |= {"protocol_major": m.PROTOCOL_MAJOR, "board_id": bytes(8), "boot_count": 3, "boot_random": 7}
    return m.Hello(**values | {"rig_name": "t", "profile": "r11"})  # type: ignore[arg-type]


def reading(sequence: int, backlog: int = 0) -> Received:
    message = m.Telemetry(backlog, sequence, sequence * 100, sequence * 100, 36_000, 0, None, 50_000, sequence, 0)
    return Received(message, b"")


def greeted(memory: s.RecordStore | None = None) -> s.Session:
    session = s.Session(memory)
    session.opened(0.0)
    session.receive([Received(hello(), b"")], 0.1)
    return session


def acks(outcomes: list[s.Outcome]) -> list[int]:
    messages = [outcome.message for outcome in outcomes if isinstance(outcome, s.Send)]
    return [message.sequence for message in messages if isinstance(message, m.AckThrough)]


def resends(outcomes: list[s.Outcome]) -> list[int]:
    messages = [outcome.message for outcome in outcomes if isinstance(outcome, s.Send)]
    return [message.sequence for message in messages if isinstance(message, m.ResendFrom)]


def ticks(session: s.Session, begin_s: float, seconds: float) -> list[int]:
    return [ack for tenth in range(round(seconds * 10)) for ack in acks(session.tick(begin_s + tenth / 10))]


def test_an_acknowledgement_that_was_lost_is_sent_again_at_intervals() -> None:
    session = greeted()
    session.receive([reading(1), reading(2)], 0.2)
    session.safe(BOOT, 2)
    assert ticks(session, 0.3, 16) == [2, 2, 2, 2]


def test_a_record_that_comes_again_brings_its_acknowledgement_at_once() -> None:
    session = greeted()
    session.receive([reading(1), reading(2)], 0.2)
    session.safe(BOOT, 2)
    assert ticks(session, 0.3, 2) == [2]
    session.receive([reading(1, 1), reading(2, 1)], 2.4)
    assert ticks(session, 2.5, 2) == [2]


def test_nothing_is_acknowledged_before_it_is_safe() -> None:
    session = greeted()
    session.receive([reading(1), reading(2), reading(1, 1)], 0.2)
    assert ticks(session, 0.3, 16) == []


def test_what_an_earlier_daemon_has_kept_is_acknowledged_after_a_restart() -> None:
    assert ticks(greeted(Room(through=50)), 0.2, 1) == [50]


def test_a_port_that_is_opened_again_gets_no_acknowledgement_before_its_board_said_hello() -> None:
    session = greeted(Room(through=50))
    session.opened(10.0)
    assert ticks(session, 10.1, 10) == []
    session.receive([Received(hello(), b"")], 20.2)
    assert ticks(session, 20.3, 1) == [50]


def test_without_room_readings_are_shown_once_left_on_the_board_and_asked_for_later() -> None:
    room = Room()
    session = greeted(room)
    session.receive([reading(1)], 0.2)
    room.full = True
    out = session.receive([reading(2), reading(3), reading(3)], 0.3)
    assert [(each.message.sequence, each.kept) for each in out if isinstance(each, s.Record)] == [
        (2, False),
        (3, False),
    ]
    assert resends(session.tick(0.9)) == []
    room.full = False
    assert resends(session.tick(1.0)) == [2]
    out = session.receive([reading(2, 1), reading(3, 1), reading(4)], 1.1)
    kept = [(each.message.sequence, each.shown, each.kept) for each in out if isinstance(each, s.Record)]
    assert kept == [(2, True, True), (3, True, True), (4, False, True)]


def test_without_room_minutes_are_left_on_the_board_too() -> None:
    room = Room()
    session = greeted(room)
    session.receive([Received(m.Ack(0xFFFF, 0x97, 0, "1"), b"")], 0.2)
    room.full = True
    minute = m.MinuteSummary(3, 7, 1, 60_000, 60_000, 600, None, None, None, 1, 2, 3, 4, 0)
    assert not any(isinstance(each, s.Summary) for each in session.receive([Received(minute, b"")], 0.3))
    room.full = False
    asked = [each.message for each in session.tick(0.5) if isinstance(each, s.Send)]
    assert m.RequestSummaries(0xFFFF, 3, 7, 1) in asked
