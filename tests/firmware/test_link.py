"""The board's end of the wire: order, repair, and a port that takes nothing."""

import os

from firmware_on_cpython import Rig

from pump.ring import Ring
from pumplink import messages as m
from pumplink.codes import ErrorCode, GapReason


def sequences(said: list[m.Message]) -> list[int]:
    return [message.sequence for message in said if isinstance(message, (m.Telemetry, m.Event))]


def boot(rig) -> tuple[int, int]:
    return rig.app.boot


def test_it_says_hello_first_and_then_counts_from_one(rig) -> None:
    said = rig.run_ms(1000)
    assert isinstance(said[0], m.Hello)
    assert sequences(said) == list(range(1, 12))


def test_a_port_that_takes_nothing_does_not_stop_the_pump(rig, board) -> None:
    rig.run_ms(1000)
    board.port_takes = 0
    rig.run_ms(5000)
    board.port_takes = None
    said = rig.run_ms(100)
    assert sequences(said) == list(range(12, 63))
    assert rig.app.late_samples == 0


def test_a_frame_that_is_taken_in_parts_arrives_whole(rig, board) -> None:
    rig.run_ms(500)
    for takes in [1, 7, 50, 0, 3] * 60:
        board.port_takes = takes
        rig.app.link.service()
    board.port_takes = None
    rig.run_ms(500)


def test_what_is_asked_for_again_comes_as_backlog_and_the_live_reading_does_not(rig) -> None:
    rig.run_ms(1000)
    said = rig.send(m.ResendFrom(0, *boot(rig), 3))
    again = [message for message in said if isinstance(message, m.Telemetry)]
    assert sequences(said) == list(range(3, 13))  # and the reading that was due meanwhile
    assert [message.backlog for message in again] == [1] * 9 + [0]
    live = [message for message in rig.run_ms(300) if isinstance(message, m.Telemetry)]
    assert [message.backlog for message in live] == [0, 0, 0]


def test_repeated_records_are_the_same_but_for_the_backlog_mark(rig) -> None:
    first = {message.sequence: message for message in rig.run_ms(1000) if isinstance(message, m.Telemetry)}
    again = [message for message in rig.send(m.ResendFrom(0, *boot(rig), 1)) if isinstance(message, m.Telemetry)][:-1]
    assert all(
        message._replace(backlog=first[message.sequence].backlog) == first[message.sequence] for message in again
    )


def test_asking_for_acknowledged_records_gives_a_gap_with_both_ends(rig) -> None:
    rig.run_ms(1000)
    rig.send(m.AckThrough(0, *boot(rig), 5))
    said = rig.send(m.ResendFrom(0, *boot(rig), 2))
    gap = next(message for message in said if isinstance(message, m.Gap))
    assert (gap.first, gap.last, gap.reason) == (2, 5, GapReason.NOT_IN_RING)
    assert sequences(said)[0] == 6


def test_a_ring_that_overflows_unread_says_which_readings_are_lost(board) -> None:
    from firmware_on_cpython import Rig

    board.heap = 4 * 2000  # a ring of 2,000 bytes: about 41 readings
    rig = Rig(board)
    rig.run_ms(200)
    board.port_takes = 0
    rig.run_ms(10_000)
    board.port_takes = None
    said = rig.run_ms(200)
    gap = next(message for message in said if isinstance(message, m.Gap))
    assert gap.reason == GapReason.RING_OVERFLOW
    got = sequences(said)
    # one frame was on its way already when the port stopped; what follows it is the gap, and then all that is held
    assert got == [gap.first - 1, *range(gap.last + 1, got[-1] + 1)]


def test_acknowledging_another_boot_is_refused(rig) -> None:
    rig.run_ms(500)
    said = rig.send(m.AckThrough(7, 99, 99, 5))
    nack = next(message for message in said if isinstance(message, m.Nack))
    assert (nack.request_id, nack.error) == (7, ErrorCode.WRONG_BOOT)


def test_noise_on_the_input_costs_no_command_after_it(rig, board) -> None:
    for seed in range(20):
        board.incoming = bytes(byte for byte in os.urandom(4096) if byte != 3)
        said = rig.send(m.Ping(seed + 2))
        assert any(isinstance(message, m.Ack) and message.request_id == seed + 2 for message in said)
    assert rig.app.link.lines_bad > 0


def test_a_heap_in_pieces_gives_a_smaller_ring_and_no_boot_loop(board, monkeypatch) -> None:
    def ring(size: int) -> Ring:
        if size > 20_000:
            raise MemoryError
        return Ring(size)

    monkeypatch.setattr("pump.link.Ring", ring)
    assert Rig(board).app.link.ring.size == 15_000


def test_two_minutes_without_a_host_at_10_hz_then_all_arrive_in_order_each_once(board) -> None:
    board.heap = 155_000  # what is free on a Pico when the ring is made; measured in tests/rp2040
    board.ring_percent = 20
    rig = Rig(board)
    before = rig.run_ms(5000)
    before += rig.send(m.AckThrough(0, *boot(rig), sequences(before)[-1]))
    board.port_takes = 0
    rig.run_ms(120_000)
    board.port_takes = None
    said = before + rig.run_ms(10_000)
    got = [message for message in said if isinstance(message, (m.Telemetry, m.Event))]
    assert not [message for message in said if isinstance(message, m.Gap)]
    assert [message.sequence for message in got] == list(range(1, got[-1].sequence + 1))
    assert got[-1].uptime_ms >= 134_000
    late = [message for message in got if 6000 < message.uptime_ms < 124_000]
    assert all(message.backlog for message in late)
    assert not got[-1].backlog
