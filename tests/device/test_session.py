"""The session: each record once and in order, or a range that is said to be lost."""

import random

import pytest

from pumplink import messages as m
from pumplink.codes import ErrorCode, GapReason
from pumplink.decoder import Received, Rejected
from pumplink.heads import HelloHead, MinuteHead, RecordHead
from warmflow.device import session as s
from warmflow.device.identity import REPLAYED, Boot
from warmflow.device.states import LinkState

BOOT = Boot("00" * 8, 3, 7)


class Remembered(s.NoMemory):
    """What an earlier daemon has kept."""

    def __init__(self, through: dict[Boot, int]) -> None:
        self._through = through

    def through(self, boot: Boot) -> int:
        return self._through.get(boot, 0)

    def latest(self, board_id: str) -> Boot | None:
        return max((boot for boot in self._through if boot.board_id == board_id), default=None)


def hello(boots: int = 3, oldest: int = 1, following: int = 1, major: int = m.PROTOCOL_MAJOR) -> m.Hello:
    values: dict[str, object] = dict.fromkeys(m.Hello._fields, 0)
    values |= {"protocol_major": major, "board_id": bytes(8), "boot_count": boots, "boot_random": 7, "rig_name": "t"}
    return m.Hello(**values | {"profile": "r11", "oldest_sequence": oldest, "next_sequence": following})  # type: ignore[arg-type]


def reading(sequence: int, backlog: int = 0) -> m.Telemetry:
    return m.Telemetry(backlog, sequence, sequence * 100, sequence * 100, 36_000, 0, None, 50_000, sequence, 0)


def events(*messages: m.Message) -> list[Received | Rejected]:
    return [Received(message, b"") for message in messages]


def greeted() -> s.Session:
    session = s.Session()
    session.opened(0.0)
    session.receive(events(hello()), 0.1)
    return session


def records(outcomes: list[s.Outcome]) -> list[int]:
    return [outcome.message.sequence for outcome in outcomes if isinstance(outcome, s.Record)]


def sent(outcomes: list[s.Outcome]) -> list[m.Message]:
    return [outcome.message for outcome in outcomes if isinstance(outcome, s.Send)]


def states(outcomes: list[s.Outcome]) -> list[LinkState]:
    return [outcome.state for outcome in outcomes if isinstance(outcome, s.StateChanged)]


def test_an_open_port_is_asked_who_is_there() -> None:
    assert sent(s.Session().opened(0.0)) == [m.HelloRequest(1, 0)]


def test_many_answers_to_many_hello_requests_are_answered_once() -> None:
    session = s.Session()
    session.opened(0.0)
    assert sent(session.receive(events(hello()), 0.1)) != []
    assert sent(session.receive(events(hello(), hello()), 0.5)) == []
    session.opened(1.0)
    assert m.ResendFrom in [type(message) for message in sent(session.receive(events(hello()), 1.1))]


@pytest.mark.parametrize(("known", "wanted"), [(0, 1), (7, 8)])
def test_after_hello_everything_is_asked_for_that_is_not_known_yet(known: int, wanted: int) -> None:
    session = s.Session(Remembered({BOOT: known}))
    session.opened(0.0)
    out = session.receive(events(hello(oldest=5, following=9)), 0.1)
    assert m.ResendFrom(0, 3, 7, wanted) in sent(out)
    assert states(out) == [LinkState.OK]


def test_records_before_the_hello_are_not_taken() -> None:
    session = s.Session()
    session.opened(0.0)
    assert records(session.receive(events(reading(1), reading(2)), 0.1)) == []


def test_records_come_in_order_and_once() -> None:
    session = greeted()
    assert records(session.receive(events(reading(1), reading(2), reading(2), reading(1), reading(3)), 0.2)) == [
        1,
        2,
        3,
    ]
    assert session.counts["repeated"] == 2


def test_a_hole_is_asked_for_and_nothing_passes_it() -> None:
    session = greeted()
    out = session.receive(events(reading(1), reading(3), reading(4)), 1.0)
    assert records(out) == [1]
    assert sent(out) == [m.ResendFrom(0, 3, 7, 2)]  # once, not for each record behind the hole
    assert records(session.receive(events(reading(2, 1), reading(3, 1), reading(4)), 1.1)) == [2, 3, 4]


def test_a_gap_says_what_is_lost_and_the_rest_goes_on() -> None:
    session = greeted()
    session.receive(events(reading(1)), 0.2)
    out = session.receive(events(m.Gap(3, 7, 2, 9, GapReason.RING_OVERFLOW), reading(10)), 0.3)
    lost = [outcome for outcome in out if isinstance(outcome, s.LostRecords)]
    assert [(gap.first, gap.last) for gap in lost] == [(2, 9)]
    assert records(out) == [10]


def test_a_gap_of_an_earlier_boot_or_of_what_is_known_already_is_ignored() -> None:
    session = greeted()
    session.receive(events(*(reading(n) for n in range(1, 6))), 0.2)
    out = session.receive(events(m.Gap(2, 7, 6, 9, 1), m.Gap(3, 7, 1, 3, 1), reading(6)), 0.3)
    assert records(out) == [6]
    assert not any(isinstance(outcome, s.LostRecords) for outcome in out)


def test_a_hole_that_nobody_fills_is_given_up_and_said() -> None:
    session = greeted()
    lost, got, now_s = [], [], 1.0
    for sequence in range(2, 300):
        now_s += 0.5
        out = session.receive(events(reading(sequence)), now_s)
        lost += [outcome for outcome in out if isinstance(outcome, s.LostRecords)]
        got += records(out)
    assert [(gap.first, gap.last) for gap in lost] == [(1, got[0] - 1)]
    assert got == list(range(got[0], 300))


def test_a_new_boot_starts_again_and_says_that_the_old_one_ended() -> None:
    session = greeted()
    session.receive(events(reading(1), reading(2)), 0.2)
    out = session.receive(events(hello(boots=4), reading(1)), 0.3)
    lost = [outcome for outcome in out if isinstance(outcome, s.LostRecords)]
    assert [(gap.boot.boots, gap.first, gap.last) for gap in lost] == [(3, 3, None)]
    assert records(out) == [1]


def test_a_boot_that_ended_while_nobody_listened_ends_with_a_loss_too() -> None:
    session = s.Session(Remembered({BOOT: 40}))
    session.opened(0.0)
    out = session.receive(events(hello(boots=4), reading(1)), 0.1)
    lost = [outcome for outcome in out if isinstance(outcome, s.LostRecords)]
    assert [(gap.boot, gap.first, gap.last) for gap in lost] == [(BOOT, 41, None)]
    assert records(out) == [1]


def test_after_a_reopen_nothing_is_taken_before_the_board_has_said_who_it_is() -> None:
    session = greeted()
    session.receive(events(reading(1), reading(2)), 0.2)
    session.opened(1.0)
    assert records(session.receive(events(reading(3)), 1.1)) == []  # of which boot?
    out = session.receive(events(hello(boots=4), reading(1)), 1.2)
    assert [(outcome.boot.boots, outcome.message.sequence) for outcome in out if isinstance(outcome, s.Record)] == [
        (4, 1)
    ]


def test_a_board_that_says_wrong_boot_is_asked_who_it_is() -> None:
    session = greeted()
    out = session.receive(events(m.Nack(0, 0x83, ErrorCode.WRONG_BOOT, "")), 2.0)
    assert m.HelloRequest(1, 0) in sent(out)


def test_a_board_that_restarted_unseen_is_asked_who_it_is() -> None:
    session = greeted()
    session.receive(events(*(reading(n) for n in range(1, 50))), 0.2)
    assert m.HelloRequest(1, 0) in sent(session.receive(events(reading(1)), 2.0))


def test_another_protocol_version_is_refused_with_the_remedy_and_asked_no_more() -> None:
    session = s.Session()
    session.opened(0.0)
    out = session.receive(events(hello(major=9), reading(1)), 0.1)
    assert states(out) == [LinkState.WRONG_VERSION]
    assert "flash" in session.detail
    assert records(out) == []
    assert sent(session.tick(5.0)) == []


def test_only_what_is_safe_is_acknowledged_and_once() -> None:
    session = greeted()
    session.receive(events(*(reading(n) for n in range(1, 6))), 0.2)
    assert sent(session.tick(0.5)) == []
    session.safe(BOOT, 4)
    assert sent(session.tick(0.6)) == [m.AckThrough(0, 3, 7, 4)]
    assert sent(session.tick(1.2)) == []


def test_what_is_safe_of_an_earlier_boot_is_not_acknowledged_to_this_one() -> None:
    session = greeted()
    session.receive(events(hello(boots=4)), 0.2)
    session.safe(BOOT, 4)
    assert sent(session.tick(0.6)) == []


def test_an_open_port_without_frames_is_silent() -> None:
    session = greeted()
    assert states(session.tick(3.0)) == [LinkState.SILENT]
    assert states(session.receive(events(reading(1)), 3.1)) == [LinkState.OK]


PROMPTS = [
    b'\r\nMicroPython v1.26.1 on 2025-09-11; Raspberry Pi Pico with RP2040\r\nType "help()"\r\n>>> ',
    b"\r\n>>> ",
    b'Traceback (most recent call last):\r\n  File "main.py", line 4\r\nKeyboardInterrupt: \r\n>>> ',
]


@pytest.mark.parametrize("pending", PROMPTS)
def test_a_board_at_its_prompt_is_shown_so_with_the_remedy_and_left_alone(pending: bytes) -> None:
    session = greeted()
    out = session.tick(1.0, pending)
    assert states(out) == [LinkState.AT_PROMPT]
    assert "Ctrl-D" in session.detail
    assert sent(session.tick(9.0, pending)) == []
    assert states(session.receive(events(hello(boots=4)), 9.1)) == [LinkState.OK]


def test_a_frame_on_its_way_is_no_prompt() -> None:
    assert states(greeted().tick(1.0, b"\x05\x03>>> \x02")) == []


def test_many_bad_frames_are_a_crc_storm_until_they_end() -> None:
    session = greeted()
    out = session.receive([Rejected("crc", 10, b"")] * 30, 1.0)
    assert states(out) == [LinkState.CRC_STORM]
    for sequence in range(1, 120):
        session.receive(events(reading(sequence)), 1.0 + sequence / 10)
        session.tick(1.0 + sequence / 10)
    assert session.state is LinkState.OK


def test_any_losses_on_the_wire_end_in_all_records_in_order() -> None:
    """A small world: a board that remembers, a wire that loses frames both ways, a session that repairs."""
    for seed in range(60):
        chance = random.Random(seed)
        session = greeted()
        cursor, got = 1, []
        for made in range(1, 900):
            asked = None
            for sequence in range(cursor, made + 1):
                if chance.random() < 0.1:
                    continue
                out = session.receive(events(reading(sequence)), 1.0 + made / 10)
                got += records(out)
                assert not any(isinstance(outcome, s.LostRecords) for outcome in out)
                for command in sent(out):
                    if isinstance(command, m.ResendFrom) and chance.random() > 0.1:
                        asked = command.sequence
            cursor = asked or made + 1
        assert got == list(range(1, got[-1] + 1))
        assert got[-1] > 850


@pytest.mark.parametrize("last", [m.Gap(3, 7, 1, 0xFFFFFFFF, 1), reading(0xFFFFFFFF)], ids=["gap", "record"])
def test_the_last_number_of_all_is_no_sequence_and_the_board_can_be_asked_again(last: m.Message) -> None:
    session = greeted()
    session.receive(events(last), 0.2)
    assert session.expected == 1
    assert records(session.receive(events(reading(1)), 0.3)) == [1]


def recorded(oldest: int) -> s.Session:
    session = s.Session(mark=REPLAYED)
    session.opened(0.0)
    session.receive(events(hello(oldest=oldest, following=400)), 0.1)
    return session


def losses(outcomes: list[s.Outcome]) -> list[tuple[int, int | None]]:
    return [(outcome.first, outcome.last) for outcome in outcomes if isinstance(outcome, s.LostRecords)]


def test_a_recording_begins_with_what_the_board_had_kept_though_live_readings_came_before() -> None:
    session = recorded(oldest=148)
    out = session.receive(events(reading(218), reading(219), *(reading(n, 1) for n in range(148, 230))), 0.2)
    assert records(out) == list(range(148, 230))
    assert losses(out) == [(1, 147)]


def test_a_recording_of_a_board_that_had_kept_nothing_begins_at_once() -> None:
    out = recorded(oldest=218).receive(events(reading(218), reading(219)), 0.2)
    assert (records(out), losses(out)) == ([218, 219], [(1, 217)])


def test_a_recording_in_which_the_kept_ones_never_come_loses_none_that_it_holds() -> None:
    session = recorded(oldest=1)
    out = session.receive(events(reading(218), reading(219), reading(225)), 0.2)
    assert records(out) == []
    out = session.closed(LinkState.PORT_LOST, "unplugged")
    assert (records(out), losses(out)) == ([218, 219, 225], [(1, 217), (220, 224)])


def test_a_hole_in_a_recording_costs_the_hole_and_not_what_came_after_it() -> None:
    session = recorded(oldest=1)
    session.receive(events(*(reading(n) for n in range(1, 5))), 0.2)
    out = [each for n in range(9, 700) for each in session.receive(events(reading(n)), n / 10)]
    assert (records(out), losses(out)) == (list(range(9, 700)), [(5, 8)])


def test_a_hole_that_was_repaired_then_is_repaired_in_the_recording_with_the_same_frames() -> None:
    session = recorded(oldest=1)
    out = session.receive(events(reading(1), reading(3), reading(4), reading(2, 1), reading(3, 1), reading(4, 1)), 0.2)
    assert [(o.message.sequence, o.message.backlog) for o in out if isinstance(o, s.Record)] == [
        *((1, 0), (2, 1), (3, 1), (4, 1))
    ]
    assert not losses(out)


def unreadable(sequence: int, cause: str = "value") -> Rejected:
    return Rejected(cause, 40, b"", RecordHead(0, sequence))


def info(uptime_ms: int) -> m.Info:
    values: dict[str, object] = dict.fromkeys(m.Info._fields, 0)
    return m.Info(**values | {"uptime_ms": uptime_ms, "rig_name": "t", "profile": "r11"})  # type: ignore[arg-type]


def test_a_record_that_can_not_be_read_is_one_loss_and_costs_none_behind_it() -> None:
    session = greeted()
    out = session.receive([*events(reading(1)), unreadable(2), *events(reading(3), reading(4))], 0.2)
    assert (records(out), losses(out), sent(out)) == ([1, 3, 4], [(2, 2)], [])
    [lost] = [each for each in out if isinstance(each, s.LostRecords)]
    assert "could not be read" in lost.reason


def test_unreadable_records_in_a_row_are_one_loss_also_if_nothing_readable_follows() -> None:
    session = greeted()
    out = session.receive([unreadable(n) for n in range(1, 9)], 0.2)
    assert losses(out) == []
    assert losses(session.tick(5.0)) == []
    assert losses(session.tick(11.0)) == [(1, 8)]
    assert losses(session.receive([unreadable(9), *events(hello(boots=4))], 11.1))[0] == (9, 9)
    assert losses(session.closed(LinkState.PORT_LOST, "")) == []


def test_an_unreadable_record_behind_a_hole_waits_for_it_as_any_other() -> None:
    session = greeted()
    assert sent(session.receive([unreadable(2)], 1.0)) == [m.ResendFrom(0, 3, 7, 1)]
    out = session.receive([*events(reading(1, 1)), unreadable(2), *events(reading(3, 1))], 1.1)
    assert (records(out), losses(out)) == ([1, 3], [(2, 2)])


def test_a_record_that_a_board_leaves_out_each_time_costs_that_record_and_ends() -> None:
    session, got, lost, asked = greeted(), [], [], 0
    cursor, now_s = 1, 1.0
    for made in range(1, 400):  # a board that never sends 20
        now_s += 0.1
        out = session.receive(events(*(reading(n) for n in range(cursor, made + 1) if n != 20)), now_s)
        requests = [each for each in sent(out) if isinstance(each, m.ResendFrom)]
        cursor = requests[-1].sequence if requests else made + 1
        got, lost, asked = got + records(out), lost + losses(out), asked + len(requests)
    assert lost == [(20, 20)]
    assert got == [n for n in range(1, 400) if n != 20]
    assert asked < 30


def test_a_gap_that_lies_further_on_does_not_cost_what_is_before_it() -> None:
    session = greeted()
    out = session.receive(events(reading(1), m.Gap(3, 7, 5, 9, GapReason.RING_OVERFLOW)), 1.0)
    assert (sent(out), losses(out)) == ([m.ResendFrom(0, 3, 7, 2)], [])
    out = session.receive(events(reading(2, 1), reading(3, 1), reading(4, 1), m.Gap(3, 7, 5, 9, 1), reading(10)), 1.1)
    assert (records(out), losses(out)) == ([2, 3, 4, 10], [(5, 9)])


def test_a_live_link_without_readings_is_not_ok_until_they_come() -> None:
    session, seen = greeted(), []
    for second in range(1, 15):
        seen += states(session.receive(events(info(1000 * second)), float(second)))
        seen += states(session.tick(second + 0.2))
    assert seen == [LinkState.NO_READINGS]
    assert "no reading" in session.detail
    assert states(session.receive(events(hello()), 15.0)) == []  # it is there, and that was known
    assert states(session.receive(events(reading(1)), 15.1)) == [LinkState.OK]


def test_readings_that_can_not_be_read_are_named_as_the_reason() -> None:
    session = greeted()
    for second in range(1, 14):  # one a second: too few for a storm
        session.receive([*events(info(1000 * second)), unreadable(second, "length")], float(second))
        session.tick(second + 0.2)
    assert session.state is LinkState.NO_READINGS
    assert "length" in session.detail
    assert "flash" in session.detail


def test_many_frames_that_can_not_be_read_are_a_firmware_that_does_not_match() -> None:
    session, seen = greeted(), []
    for tenth in range(1, 40):
        seen += states(session.receive([unreadable(tenth, "length")], 1.0 + tenth / 10))
        seen += states(session.tick(1.0 + tenth / 10))
    assert seen == [LinkState.MISMATCH]
    assert "flash" in session.detail


@pytest.mark.parametrize(
    ("major", "state"), [(9, LinkState.WRONG_VERSION), (m.PROTOCOL_MAJOR, LinkState.MISMATCH)], ids=["other", "ours"]
)
def test_a_hello_that_can_not_be_read_is_refused_at_once_with_the_remedy(major: int, state: LinkState) -> None:
    session = s.Session()
    session.opened(0.0)
    out = session.receive([Rejected("length", 90, b"", HelloHead(major, 0, 4, 5, 6))], 0.1)
    assert states(out) == [state]
    assert "4.5.6" in session.detail
    assert "flash" in session.detail
    assert sent(session.tick(5.0)) == []


def test_a_board_that_never_says_who_it_is_is_a_state_and_is_asked_less_and_less() -> None:
    session, seen = s.Session(), []
    asked = sent(session.opened(0.0))
    for tenth in range(1, 6000):
        out = session.receive(events(info(100 * tenth)), tenth / 10) + session.tick(tenth / 10)
        seen, asked = seen + states(out), asked + sent(out)
    assert seen == [LinkState.MISMATCH]
    assert len(asked) < 30  # in ten minutes
    assert states(session.receive(events(hello(), reading(1)), 601.0)) == [LinkState.OK]


def test_minutes_that_do_not_come_are_one_loss_said_and_asked_for_with_an_end() -> None:
    session = with_minutes()
    asked, lost, got = 0, [], []
    for turn in range(100):
        now_s = 1.0 + turn / 10
        # minute 2 is damaged on the board: it answers each request with that number, and sends 3
        out = session.receive(events(minute(1), m.Ack(0xFFFF, 0x97, 0, "2"), minute(3), minute(4)), now_s)
        asked += len([each for each in sent(out) if isinstance(each, m.RequestSummaries)])
        lost += [(each.first, each.last) for each in out if isinstance(each, s.LostMinutes)]
        got += [each.message.minute for each in out if isinstance(each, s.Summary)]
    assert (lost, got) == ([(2, 2)], [1, 3, 4])
    assert asked <= 10


def test_a_minute_that_can_not_be_read_is_one_loss() -> None:
    session = with_minutes()
    bad = Rejected("length", 60, b"", MinuteHead(3, 7, 1))
    out = session.receive([bad, *events(minute(2))], 0.3)
    assert [(each.first, each.last) for each in out if isinstance(each, s.LostMinutes)] == [(1, 1)]
    assert [each.message.minute for each in out if isinstance(each, s.Summary)] == [2]


def with_minutes() -> s.Session:
    """The board has minutes from 1 on."""
    session = s.Session()
    session.opened(0.0)
    session.receive(events(hello(), m.Ack(0xFFFF, 0x97, 0, "1")), 0.1)
    return session


def minute(number: int) -> m.MinuteSummary:
    return m.MinuteSummary(3, 7, number, 60_000, 60_000, 600, None, 36_000, 36_100, 1, 2, 3, 4, 0)


@pytest.mark.parametrize(
    ("layout", "minor", "state"),
    [
        (m.LAYOUT, m.PROTOCOL_MINOR, LinkState.OK),
        (None, m.PROTOCOL_MINOR, LinkState.OK),
        (m.LAYOUT ^ 1, m.PROTOCOL_MINOR, LinkState.MISMATCH),
        (m.LAYOUT ^ 1, m.PROTOCOL_MINOR + 1, LinkState.OK),  # it has grown: what is known is where it was
    ],
)
def test_a_board_of_this_version_with_other_fields_is_refused(layout: int | None, minor: int, state: LinkState) -> None:
    session = s.Session()
    session.opened(0.0)
    session.receive(events(hello()._replace(layout=layout, protocol_minor=minor), reading(1)), 0.1)
    assert session.state is state
    assert "flash" in session.detail or state is LinkState.OK
