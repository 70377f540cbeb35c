"""A share and an end for each board: what it says above that is left out and counted, or stays on the board."""

from collections import Counter

from fake_ports import FakePorts, hello, info, reading
from records import reading as kept_reading

from pumplink import messages as m
from pumplink.decoder import Received, Rejected
from warmflow.device import session as s
from warmflow.device.identity import Boot
from warmflow.device.link.port_supervisor import OUTBOX_MAX
from warmflow.device.session.board_share import LIMITS, BoardShare
from warmflow.device.states import LinkState
from warmflow.device.updates import BoardEvent, Declaration, Summary
from warmflow.journal import Journal
from warmflow.journal.journal import BOOTS_MAX

MINUTE = m.MinuteSummary(*[1] * len(m.MinuteSummary._fields))


def event(sequence: int) -> m.Event:
    return m.Event(0, sequence, sequence, sequence, 1, 0, "")


def greeted() -> s.Session:
    session = s.Session()
    session.opened(0.0)
    session.receive([Received(hello("rig"), b"")], 0.1)
    return session


def of(kind: type, outcomes: list[s.Outcome]) -> list[s.Outcome]:
    return [each for each in outcomes if isinstance(each, kind)]


def flood(session: s.Session, count: int, at_s: float, *, alternating: bool = False) -> list[s.Outcome]:
    """So many events, or events and readings in turn, from the expected record on, within no time."""
    first = session.expected
    said = [reading(n) if alternating and n % 2 else event(n) for n in range(first, first + count)]
    return session.receive([Received(message, b"") for message in said], at_s)


def test_a_share_grows_again_with_time_and_has_an_upper_end() -> None:
    share, limit = BoardShare(), LIMITS["events"]
    assert sum(share.take("events", 5.0) for _ in range(5000)) == limit.at_once
    assert sum(share.take("events", 6.0) for _ in range(5000)) == limit.per_s
    assert sum(share.take("events", 1e6) for _ in range(5000)) == limit.at_once
    assert not share.take("events", 5.0), "a clock that goes back gives nothing"


def test_events_above_the_share_are_one_loss_and_the_readings_behind_them_are_taken() -> None:
    session = greeted()
    out = flood(session, 5000, 1.0)
    assert len(of(s.Record, out)) == LIMITS["events"].at_once
    out = session.receive([Received(reading(session.expected), b"")], 1.0)
    [lost] = of(s.LostRecords, out)
    assert isinstance(lost, s.LostRecords)
    assert (lost.first, lost.last) == (LIMITS["events"].at_once + 1, 5000)
    assert "more events than a board may send" in lost.reason
    assert len(of(s.Record, out)) == 1


def test_what_was_left_out_is_said_and_counted_once_in_ten_seconds() -> None:
    session = greeted()
    said: list[s.Outcome] = []
    for step in range(100):  # ten seconds
        flood(session, 500, 1.0 + step / 10)
        said += of(s.LeftOut, session.tick(1.0 + step / 10))
    assert 1 <= len(said) <= 2
    assert "events (more than 20 a second)" in said[0].text  # type: ignore[union-attr]
    assert session.share.left_out["events"] > 40_000


def test_events_and_readings_in_turn_do_not_become_a_flood_of_gaps() -> None:
    session = greeted()
    counts: Counter[type] = Counter()
    for step in range(200):  # 20 seconds
        at_s = 1.0 + step / 10
        counts.update(map(type, flood(session, 400, at_s, alternating=True)))
        counts.update(map(type, session.tick(at_s)))
    limit = LIMITS["losses"]
    assert counts[s.LostRecords] <= limit.at_once + 60 * limit.per_s + 1
    assert session._order.held, "what is above the share stays on the board"


def test_gaps_above_the_share_stay_on_the_board() -> None:
    session = greeted()
    out = [each for n in range(1, 5000) for each in session.receive([Received(m.Gap(1, 7, n, n, 1), b"")], 1.0)]
    assert len(of(s.LostRecords, out)) == LIMITS["losses"].at_once
    assert m.ResendFrom in [type(each.message) for each in of(s.Send, session.tick(5.0))]  # type: ignore[union-attr]


def test_a_flood_of_summaries_is_taken_at_its_share_and_no_minute_is_lost() -> None:
    ports = FakePorts(1)
    ports.send(0, hello("rig"))
    first = 1
    for _ in range(12):
        request = m.Ack(0xFFFF, 0x97, 0, str(first))  # what the board has next
        ports.send(0, request, *(MINUTE._replace(minute=n) for n in range(first, first + 2000)))
        first = 1 + max((each.message.minute for each in ports.updates if isinstance(each, Summary)), default=0)
        ports.pass_time(1.0)
    minutes = [each.message.minute for each in ports.updates if isinstance(each, Summary)]
    assert minutes == list(range(1, len(minutes) + 1))
    limit = LIMITS["summaries"]
    assert len(minutes) <= limit.at_once + 20 * limit.per_s


def test_minutes_of_ever_new_boots_are_few() -> None:
    session = greeted()
    session.receive([Received(m.Ack(0xFFFF, 0x97, 0, "1"), b"")], 0.2)
    said = [Received(MINUTE._replace(minute=n, boot_count=n), b"") for n in range(1, 9000)]
    assert len(of(s.Summary, session.receive(said, 1.0))) <= LIMITS["boots of summaries"].at_once


def test_lines_of_a_board_are_limited() -> None:
    session = greeted()
    out = session.receive([Rejected("text", 5, b"hello")] * 3000, 1.0)
    assert len(of(s.BoardLog, out)) == LIMITS["log lines"].at_once
    assert [each.text for each in of(s.LeftOut, session.tick(1.0))] == [  # type: ignore[union-attr]
        "left out of what the board says: 2950 log lines (more than 5 a second)"
    ]


def test_a_board_that_restarts_without_an_end_is_heard_a_few_times_a_second() -> None:
    session = greeted()
    said = [Received(hello("rig", boot=n), b"") for n in range(2, 3000)]
    out = session.receive(said, 1.0)
    assert len(of(s.Declared, out)) <= LIMITS["HELLOs"].at_once
    assert of(s.Record, session.receive([Received(reading(1), b"")], 1.0)) == [], "nobody knows of which boot"
    assert m.HelloRequest in [type(each.message) for each in of(s.Send, session.tick(3.0))]  # type: ignore[union-attr]
    out = session.receive([Received(hello("rig", boot=3000), b""), Received(reading(1), b"")], 3.1)
    assert session.state is LinkState.OK
    assert [each.boot.boots for each in of(s.Record, out)] == [3000]  # type: ignore[union-attr]


def test_declarations_that_always_differ_are_few_and_the_newest_one_comes() -> None:
    ports = FakePorts(1)
    ports.send(0, hello("rig"))
    for n in range(1000):
        ports.pass_time(1.0)
        ports.send(0, info("rig")._replace(site_pressure_pa=n))
    declared = [each for each in ports.updates if isinstance(each, Declaration)]
    limit = LIMITS["declarations"]
    assert len(declared) <= limit.at_once + 1 + 1000 * limit.per_s
    assert declared[-1].message.site_pressure_pa > 900


def test_an_honest_board_is_never_near_its_share() -> None:
    ports = FakePorts(1)
    ports.send(0, hello("rig"))
    for n in range(1, 600):
        ports.pass_time(0.1)
        ports.send(0, event(n) if n % 10 == 0 else reading(n))
        if n % 100 == 0:
            ports.send(0, info("rig"))
    assert ports.links[0].session.share.left_out == {}
    assert len([each for each in ports.updates if isinstance(each, BoardEvent)]) == 59


def test_what_waits_for_a_port_that_takes_nothing_is_bounded() -> None:
    ports = FakePorts(1)
    ports.send(0, hello("rig"))
    for n in range(2000):
        ports.send(0, reading(n + 1))
        ports.links[0].safe(Boot(bytes(7).hex() + "01", 1, 7), n + 1)
        ports.pass_time(1.0)
    wire = ports.links[0].wire
    assert wire._outbox.qsize() == OUTBOX_MAX
    assert wire.count.unsent > 0
    assert not [line for line in ports.log if "failed" in line]


def test_what_is_remembered_of_boots_is_bounded(tmp_path: object) -> None:
    journal = Journal(tmp_path / "j.sqlite")  # type: ignore[operator]
    for first in range(0, BOOTS_MAX + 4000, 2000):
        minutes = [Summary("rig", Boot("b1", n, 7), MINUTE, None) for n in range(first, first + 2000)]  # type: ignore[arg-type]
        journal.append(minutes)
        for entry in journal.after(journal.last() - 2000, 2000):
            assert entry.record.pump == "rig"
    assert len(journal._heard) == 0
    assert len(journal._boots) <= BOOTS_MAX
    assert len(journal.reader._boots) <= BOOTS_MAX
    journal.append([kept_reading(1)])
    assert len(journal._heard) == 1
    journal.close()
    journal = Journal(tmp_path / "j.sqlite")  # type: ignore[operator]
    assert len(journal._heard) == 1
