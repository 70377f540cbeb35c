"""What survives a power cut: boot count and totals."""

import pytest
from firmware_on_cpython import PaperBoard, Rig

from pump import store
from pumplink import messages as m
from pumplink.codes import EventCode

FIRST = {"serial": 0, "boots": 0, "metered_nl": 0, "level_nl": None, "minute": 1, "acknowledged": 0}
LATER = {"boots": 7, "metered_nl": 5_000_000_000, "level_nl": 0, "minute": 1441, "acknowledged": 1440}


def saved(board: PaperBoard, times: int) -> dict[str, int | None]:
    totals = FIRST | LATER
    for _ in range(times):
        store.save(board, totals)
    return totals


def power_cut(rig: Rig) -> Rig:
    """The same flash, and nothing else, after a cut."""
    return Rig(PaperBoard(rig.board.files))


def test_a_new_board_starts_from_zero(board) -> None:
    assert store.load(board) == FIRST


@pytest.mark.parametrize("times", [1, 2, 3, 10])
def test_what_was_saved_last_is_loaded(board, times) -> None:
    assert saved(board, times) == store.load(board) == FIRST | LATER | {"serial": times}


@pytest.mark.parametrize("times", [1, 2, 9])
def test_a_torn_write_leaves_the_record_before_it(board, times) -> None:
    totals = saved(board, times)
    before = dict(board.files)
    store.save(board, totals)
    [(name, whole)] = [(name, data) for name, data in board.files.items() if before.get(name) != data]
    for size in range(len(whole)):
        torn = PaperBoard(before | {name: whole[:size]})
        assert store.load(torn)["serial"] == times


def test_no_changed_bit_is_taken_for_a_record(board) -> None:
    saved(board, 2)
    [newest] = [name for name, data in board.files.items() if data[4] == 2]
    data = bytearray(board.files[newest])
    for bit in range(len(data) * 8):
        data[bit // 8] ^= 1 << bit % 8
        board.files[newest] = bytes(data)
        assert store.load(board)["serial"] == 1
        data[bit // 8] ^= 1 << bit % 8


@pytest.mark.parametrize("rubbish", [b"", b"{}", bytes(32), b"\xff" * 36, bytes(10_000)])
def test_rubbish_on_the_flash_never_stops_a_boot(board, rubbish) -> None:
    board.files |= dict.fromkeys((*store.SLOTS, "minutes/00"), rubbish)
    rig = Rig(board)
    assert isinstance(rig.said()[0], m.Hello)
    assert rig.app.boot[0] == 1


def test_every_boot_has_a_number_of_its_own_before_anybody_hears_of_it(rig) -> None:
    boots = []
    for _ in range(5):
        hello = rig.said()[0]
        assert isinstance(hello, m.Hello)
        boots.append(hello.boot_count)
        rig = power_cut(rig)
    assert boots == [1, 2, 3, 4, 5]


def test_a_power_cut_costs_less_than_a_minute_of_the_totals(rig) -> None:
    rig.run_ms(179_000)
    last_nl, at_2_min_nl = rig.app.meter.total_nl, store.load(rig.board)["metered_nl"]
    again = power_cut(rig).app.meter.total_nl
    assert again == at_2_min_nl
    assert 0 < last_nl - again <= last_nl / 179 * 60


def test_an_empty_reservoir_is_still_empty_after_a_power_cut(rig) -> None:
    rig.send(m.Withdraw(9, None))
    left_nl = rig.app.pump.reservoir_nl
    assert left_nl < rig.app.pump.profile.reservoir_nl // 100
    assert power_cut(rig).app.pump.reservoir_nl == left_nl


def test_a_reset_of_the_totals_keeps_the_boot_count(rig) -> None:
    rig.run_ms(130_000)
    rig.send(m.Reset(9, 1))
    rig.run_ms(400)
    again = power_cut(rig).app
    assert (again.meter.total_nl, again.boot[0]) == (0, 2)
    assert again.pump.reservoir_nl == again.pump.profile.reservoir_nl


def test_a_flash_that_refuses_to_be_written_stops_no_boot_and_is_told(board) -> None:
    def full(name: str, data: bytes) -> None:
        raise OSError(28, "ENOSPC")

    board.save = full
    said = Rig(board).run_ms(61_000)
    texts = [x.text for x in said if isinstance(x, m.Event) and x.code == EventCode.TASK_FAILED]
    assert any(text.startswith("boot count: ") and "ENOSPC" in text for text in texts)
    assert any(text.startswith("housekeeping: ") for text in texts)
    assert sum(isinstance(x, m.Telemetry) for x in said) >= 600
