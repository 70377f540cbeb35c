"""What the daemon does about a date that was wrong: the cases of the field, on the real code, by handed clocks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clock_rig import ClockRig, days
from short_form import few

pytestmark = pytest.mark.time


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ClockRig]:
    made = ClockRig(tmp_path, (40.0, -25.0))
    yield made
    made.stop()


def right(rig: ClockRig) -> None:
    rig.deliver()
    verdict = rig.verdict()
    assert not any(verdict), verdict


@pytest.mark.parametrize("by_s", few([3.0, -days(1), days(400), -3.0, 3600.0, -days(3650)], 3))
def test_a_step_is_logged_on_health_and_repaired_within_seconds(rig: ClockRig, by_s: float) -> None:
    rig.passes(120)
    rig.step(by_s)
    rig.passes(15)
    right(rig)
    [change] = rig.changes
    assert (change.kind, change.by_s) == ("stepped", pytest.approx(by_s))
    words = "forward" if by_s > 0 else "back"
    assert any(f"was set {words} by" in line for line in rig.log)
    if by_s > -days(300):  # else the date is one of before this software
        [reason] = rig.service.reasons()
        assert f"was set {words} by" in reason
    assert rig.service.section()["redated_records"] > 0
    rig.passes(3700)
    assert rig.service.section()["state"] in ("steady", "implausible")


def test_a_computer_without_a_clock_of_its_own_starts_14_days_ago_and_is_set_right(rig: ClockRig) -> None:
    rig.reboot(-days(14))
    rig.passes(60)
    rig.step(days(14))
    rig.passes(15)
    right(rig)


def test_a_wrong_date_for_75_seconds_changes_nothing_in_the_end(rig: ClockRig) -> None:
    rig.passes(300)
    rig.step(days(400))
    rig.passes(75)
    rig.step(-days(400))
    rig.passes(15)
    right(rig)


def test_a_board_that_is_gone_is_dated_by_the_steady_clock(rig: ClockRig) -> None:
    rig.passes(60)
    rig.plug(0, False)
    rig.restart_board(0)
    rig.passes(60)
    rig.step(-days(1))
    rig.passes(15)
    right(rig)


def test_a_step_while_the_daemon_is_away_is_noticed_at_its_next_start(rig: ClockRig) -> None:
    rig.passes(60)
    rig.stop()
    rig.passes(30)
    rig.step(days(1))
    rig.start()
    rig.passes(20)
    right(rig)


def test_boards_tell_that_it_was_the_steady_clock_and_nothing_is_dated_again(rig: ClockRig) -> None:
    """A computer that is suspended with its steady clock; the date is right at once when it wakes."""
    rig.passes(120)
    rig.stand_still(3600)
    rig.step(3600)
    rig.passes(60)
    right(rig)
    assert rig.wrong_s == 0
    assert any("steady clock did not count" in line for line in rig.log)


def test_a_session_of_before_is_dated_by_a_board_that_was_heard_then_for_all_boards(rig: ClockRig) -> None:
    rig.step(-days(14))
    rig.passes(60)
    rig.restart_board(0)  # its first boot is heard no more
    rig.reboot(0.0)
    rig.passes(60)
    right(rig)
    old = [each.record for each in rig.journal.after(0) if each.record.boot == rig.boards[0].boot._replace(boots=1)]
    assert old
    assert all(each.dating is not None and each.dating.redated for each in old)  # type: ignore[union-attr]


def test_what_nothing_can_date_is_uncertain_if_it_is_later_than_now(rig: ClockRig) -> None:
    rig.passes(60)
    for number in range(2):
        rig.restart_board(number)
    rig.reboot(-days(14))
    rig.passes(90)
    old = [each.record for each in rig.journal.after(0, 10_000) if each.record.boot.boots == 1]
    assert old
    assert all(each.dating is not None and each.dating.uncertain for each in old)  # type: ignore[union-attr]
    assert rig.service.section()["uncertain_records"] == len(old)
    right(rig)


def test_slewing_is_repaired_at_its_end_and_shown_meanwhile(rig: ClockRig) -> None:
    rig.passes(60)
    rig.slewed(30.0, 0.08)
    rig.passes(200)
    assert rig.service.section()["state"] == "slewing"
    rig.passes(300)
    assert rig.service.section()["state"] == "slewed"
    right(rig)


def test_a_date_of_before_this_software_is_shown_as_long_as_it_lasts(rig: ClockRig) -> None:
    rig.reboot(-days(3650))
    rig.passes(4000)
    [reason] = rig.service.reasons()
    assert "implausible" in reason
    assert rig.journal.after(rig.journal.last() - 1)[0].record.dating.uncertain  # type: ignore[union-attr]
    rig.step(days(3650))
    rig.passes(20)
    right(rig)
    assert not any(each.record.dating and each.record.dating.uncertain for each in rig.journal.after(0, 10_000))  # type: ignore[union-attr]
