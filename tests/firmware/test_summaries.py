"""Minutes in which nobody listened: kept in flash, sent on request between live readings, then forgotten."""

import pytest
from firmware_on_cpython import PaperBoard, Rig

from pump import codec, shelf
from pump.shelf import CAPACITY, FILES, PER_FILE, RECORD_BYTES, Shelf
from pumplink import messages as m
from pumplink.codes import ErrorCode, Status
from pumplink.fastcodec import DECODERS

MINUTE_MS = 60_000


def payload(minute: int) -> bytes:
    return codec.encode_minute_summary(1, 2, minute, 3, 4, 5, None, None, None, 6, 7, 8, 9, 10)


def filled(board: PaperBoard, count: int) -> Shelf:
    kept = Shelf(board, 1, 0)
    for minute in range(1, count + 1):
        kept.put(payload(minute))
    return kept


def taken(kept: Shelf) -> list[int]:
    got = []
    kept.seek(0)
    while kept.waiting():
        if found := kept.take():
            got.append(DECODERS[5](found).minute)
    return got


def boot(rig: Rig) -> tuple[int, int]:
    return rig.app.boot


def summaries(said: list[m.Message]) -> list[m.MinuteSummary]:
    return [message for message in said if isinstance(message, m.MinuteSummary)]


def asked_for(rig: Rig, minute: int = 0) -> list[m.MinuteSummary]:
    return summaries(rig.send(m.RequestSummaries(0, *boot(rig), minute)) + rig.run_ms(3000))


def acknowledging(rig: Rig, minutes: int) -> None:
    """A host that takes everything, for so long."""
    for _ in range(minutes * 6):
        rig.send(m.AckThrough(0, *boot(rig), rig.app.link.ring.next - 1))
        rig.run_ms(MINUTE_MS // 6)


def test_it_holds_at_least_a_day_in_files_of_one_flash_block(board) -> None:
    assert CAPACITY >= 24 * 60
    assert PER_FILE * RECORD_BYTES <= 4096
    assert len(payload(1)) + 4 == RECORD_BYTES
    kept = filled(board, 3 * CAPACITY)
    assert taken(kept) == list(range(2 * CAPACITY + 1, 3 * CAPACITY + 1))
    assert len(board.files) == FILES
    assert all(len(data) <= 4096 for data in board.files.values())


@pytest.mark.parametrize("count", [0, 1, PER_FILE - 1, PER_FILE, PER_FILE + 1, CAPACITY + 5, FILES * PER_FILE])
def test_a_boot_finds_all_that_was_kept(board, count) -> None:
    before = filled(board, count)
    for told in (count + 1, max(1, count)):  # the totals were written after the last summary, or were not
        again = Shelf(board, told, 0)
        assert (again.next, again.oldest) == (before.next, before.oldest)
        assert taken(again) == taken(before)


@pytest.mark.parametrize("size", [0, 1, RECORD_BYTES - 1])
def test_a_torn_record_costs_itself_alone(board, size) -> None:
    filled(board, 70)
    name = "minutes/01"
    board.files[name] = board.files[name][: 10 * RECORD_BYTES + size]
    kept = Shelf(board, 70, 0)  # number 70 had not come to its end
    assert kept.next == 70
    kept.put(payload(70))
    kept.put(payload(71))
    assert taken(kept) == list(range(1, 72))


@pytest.mark.parametrize("size", [0, 1, RECORD_BYTES - 1])
def test_a_record_that_was_torn_after_the_totals_were_written_leaves_no_hole(board, size) -> None:
    filled(board, 70)
    name = "minutes/01"
    board.files[name] = board.files[name][: 10 * RECORD_BYTES + size]
    kept = Shelf(board, 71, 0)  # the totals count number 70, which had not come to its end
    kept.put(payload(kept.next))
    kept.put(payload(kept.next))
    assert taken(kept) == list(range(1, 72))
    assert Shelf(board, 90, 89).next == 90  # a number that the host has acknowledged is never given again


def test_a_damaged_record_is_left_out(board) -> None:
    kept = filled(board, 10)
    data = bytearray(board.files["minutes/00"])
    data[4 * RECORD_BYTES + 20] ^= 1
    board.files["minutes/00"] = bytes(data)
    assert taken(kept) == [1, 2, 3, 4, 6, 7, 8, 9, 10]


def test_what_is_acknowledged_is_forgotten_and_no_number_comes_twice(board) -> None:
    kept = filled(board, 100)
    kept.release(40)
    assert taken(kept) == list(range(41, 101))
    kept.release(1 << 31)
    assert taken(kept) == []
    kept.put(payload(101))
    assert taken(kept) == [101]


def test_a_host_that_listens_leaves_nothing_on_the_flash(rig) -> None:
    acknowledging(rig, 5)
    assert asked_for(rig) == []
    assert not any(name.startswith(shelf.FOLDER) for name in rig.board.files)


def test_minutes_without_a_host_are_kept_from_the_one_on_in_which_it_went(rig) -> None:
    acknowledging(rig, 3)
    rig.run_ms(5 * MINUTE_MS)
    got = asked_for(rig)
    assert [one.minute for one in got] == [1, 2, 3, 4, 5, 6]
    assert [round(one.uptime_ms / MINUTE_MS, 1) for one in got] == [3, 4, 5, 6, 7, 8]  # it went in the third
    assert {one.readings for one in got} == {600}
    assert {(one.boot_count, one.boot_random) for one in got} == {boot(rig)}


def test_a_minute_whose_readings_the_ring_had_to_drop_is_kept_though_the_host_came_back(board) -> None:
    board.heap = 4 * 2000  # a ring of 41 readings
    rig = Rig(board)
    acknowledging(rig, 2)
    rig.run_ms(20_000)
    acknowledging(rig, 1)
    assert [one.minute for one in asked_for(rig)][-1:] != []


def test_a_summary_says_what_its_minutes_readings_said(rig) -> None:
    rig.run_ms(10)
    readings = [one for one in rig.run_ms(MINUTE_MS) if isinstance(one, m.Telemetry)][:600]
    rig.run_ms(MINUTE_MS)
    first = asked_for(rig)[0]
    probes = [one.probe_mc for one in readings if one.probe_mc is not None]
    flows = [one.metered_flow_nl_h for one in readings]
    assert (first.probe_min_mc, first.probe_max_mc) == pytest.approx((min(probes), max(probes)), abs=70)
    assert first.probe_mean_mc == pytest.approx(sum(probes) / len(probes), abs=5)
    assert first.flow_mean_nl_h == pytest.approx(sum(flows) / len(flows), rel=0.002)
    assert first.flow_min_nl_h <= first.flow_mean_nl_h <= first.flow_max_nl_h
    assert first.metered_volume_nl == pytest.approx(readings[-1].metered_volume_nl, abs=5)
    assert first.status == Status.PROBE_EMULATED | Status.PROBE_OUT  # in the air, after 10 s


def test_no_summary_comes_before_it_is_asked_for(rig) -> None:
    assert summaries(rig.run_ms(4 * MINUTE_MS)) == []
    assert asked_for(rig) != []  # though there were some


def test_they_come_oldest_first_after_a_power_cut_and_name_their_own_boot(rig) -> None:
    rig.run_ms(4 * MINUTE_MS + 1000)
    first_boot = boot(rig)
    rig = Rig(PaperBoard(rig.board.files))
    rig.run_ms(2 * MINUTE_MS + 1000)
    got = asked_for(rig)
    assert [one.minute for one in got] == [1, 2, 3, 4, 5, 6]
    assert [(one.boot_count, one.boot_random) for one in got] == [first_boot] * 4 + [boot(rig)] * 2


def test_live_readings_are_neither_late_nor_behind_while_a_day_is_sent(rig) -> None:
    rig.run_ms(2 * MINUTE_MS)
    kept = rig.app.diary.shelf
    while kept.next < 1441:
        kept.put(payload(kept.next))
    late = rig.app.late_samples
    rig.send(m.AckThrough(0, *boot(rig), rig.app.link.ring.next - 1), m.RequestSummaries(0, *boot(rig), 0))
    said = rig.run_ms(150_000)
    assert [one.minute for one in summaries(said)][:1440] == list(range(1, 1441))
    readings = [one for one in said if isinstance(one, m.Telemetry)]
    assert len(readings) == pytest.approx(1500, abs=2)
    assert rig.app.late_samples == late
    assert not any(one.backlog for one in readings[2:])


def test_only_what_follows_the_acknowledged_one_comes_again(rig) -> None:
    rig.run_ms(6 * MINUTE_MS + 1000)
    assert len(asked_for(rig)) == 6
    rig.send(m.AckSummaries(0, *boot(rig), 4))
    assert [one.minute for one in asked_for(rig)] == [5, 6]
    assert [one.minute for one in asked_for(rig, 6)] == [6]
    rig.run_ms(MINUTE_MS)  # then it is on the flash too
    assert Rig(PaperBoard(rig.board.files)).app.diary.shelf.oldest == 5


@pytest.mark.parametrize("command", [m.RequestSummaries, m.AckSummaries])
def test_a_command_for_another_boot_is_refused(rig, command) -> None:
    said = rig.send(command(7, 99, 99, 1))
    nack = next(message for message in said if isinstance(message, m.Nack))
    assert (nack.request_id, nack.error) == (7, ErrorCode.WRONG_BOOT)
