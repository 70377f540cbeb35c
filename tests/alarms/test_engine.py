"""Alarms over time: delays, chattering, shelves, latches, what people did, and a daemon that was started again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from warmflow.alarms import Alarm, AlarmChange, AlarmEngine, Condition, Event, NotPossible, State, shown
from warmflow.alarms.alarm import COMMENTS_MAX, kept, read_back
from warmflow.alarms.alarm_history import episodes, line
from warmflow.alarms.catalogue import ALARMS
from warmflow.alarms.chatter import DAMPED_S, MORE_THAN
from warmflow.monitor import Level

pytestmark = pytest.mark.time

T0 = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def rate(level: Level, seconds: float, cause: str = "heat", likely: str = "") -> Condition:
    return Condition("rate", level, cause if level else "", f"level {level.word}", at(seconds), likely=likely)


def events(happened: list[AlarmChange]) -> list[str]:
    return [each.event for each in happened]


def book_with(level: Level = Level.MEDIUM) -> AlarmEngine:
    book = AlarmEngine()
    assert events(book.report("rig", rate(Level.NORMAL, 0), at(0))) == ["normal"]
    assert events(book.report("rig", rate(level, 10), at(10))) == ["raised"]
    return book


def state(book: AlarmEngine, name: str = "rate") -> State:
    held = book.get("rig", name)
    assert held
    return held.standing.state


def test_an_alarm_that_is_told_again_and_again_happens_once():
    book = book_with()
    assert book.report("rig", rate(Level.MEDIUM, 11), at(11)) == []
    assert book.tick(at(12)) == []


def test_since_stays_while_the_level_rises_and_time_says_when_it_did():
    book = book_with(Level.LOW)
    [happened] = book.report("rig", rate(Level.HIGH, 40), at(40))
    said = shown(happened.held)
    assert (happened.event, said["priority"], said["level"]) == ("level rose", "high", "high")
    assert said["since"] == "2026-11-21T12:00:10.000Z"
    assert said["time"] == "2026-11-21T12:00:40.000Z"


def test_an_acknowledged_alarm_that_gets_worse_has_to_be_acknowledged_again():
    book = book_with(Level.LOW)
    book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(20), "seen")
    [happened] = book.report("rig", rate(Level.MEDIUM, 30), at(30))
    said = shown(happened.held)
    assert (said["state"], said["acknowledged_by"]) == ("unacknowledged", None)
    assert said["comments"] == [{"by": "Kim", "at": "2026-11-21T12:00:20.000Z", "text": "seen"}]


def test_a_lower_level_leaves_the_acknowledgement():
    book = book_with(Level.HIGH)
    book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(20))
    assert events(book.report("rig", rate(Level.LOW, 30), at(30))) == ["level fell"]
    assert state(book) is State.ACKNOWLEDGED


def test_what_is_over_unacknowledged_keeps_its_priority_and_says_what_it_was():
    book = book_with(Level.HIGH)
    [happened] = book.report("rig", rate(Level.NORMAL, 60), at(60))
    said = shown(happened.held)
    assert (said["state"], said["active"], said["level"], said["priority"]) == (
        "returned unacknowledged", False, "normal", "high",
    )  # fmt: skip
    assert said["was"]["cause"] == "heat"
    [happened] = book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(70))
    said = shown(happened.held)
    assert (said["state"], said["priority"], said["was"]) == ("normal", None, None)


def test_a_diagnosis_that_comes_later_is_told_and_moves_no_time():
    book = book_with(Level.MEDIUM)
    [happened] = book.report("rig", rate(Level.MEDIUM, 25, likely="heat exposure"), at(25))
    assert (happened.event, happened.held.condition.at) == ("explained", at(10))
    assert shown(happened.held)["likely"] == "heat exposure"


def test_a_condition_has_to_stand_for_the_delay_of_its_row():
    book = AlarmEngine()
    delay_s = ALARMS["probe"].raise_s
    book.report("rig", Condition("probe", Level.LOW, "no valid reading", at=at(0)), at(0))
    assert book.tick(at(delay_s - 1)) == []
    book.report("rig", Condition("probe", at=at(delay_s - 1)), at(delay_s - 1))
    assert book.tick(at(delay_s + 5)) == []
    book.report("rig", Condition("probe", Level.LOW, "no valid reading", at=at(20)), at(20))
    assert events(book.tick(at(20 + delay_s))) == ["raised"]
    assert book.get("rig", "probe").since == at(20)  # type: ignore[union-attr]


def flap(book: AlarmEngine, times: int, begin_s: float, every_s: float) -> list[AlarmChange]:
    """The condition comes and goes; time passes each second."""
    happened = []
    for n in range(times):
        from_s = begin_s + n * every_s
        happened += book.report("rig", rate(Level.LOW, from_s), at(from_s))
        for second in range(1, int(every_s)):
            if second == int(every_s / 2):
                happened += book.report("rig", rate(Level.NORMAL, from_s + second), at(from_s + second))
            happened += book.tick(at(from_s + second))
    return happened


def test_what_chatters_is_counted_marked_and_damped_until_it_is_calm():
    book = AlarmEngine()
    happened = flap(book, 12, 0, 20)
    said = events(happened)
    assert said.count("chatters") == 1
    assert said.count("raised") == MORE_THAN  # from the next one on it has to stand for longer
    held = book.get("rig", "rate")
    assert held
    assert happened[-1].held.chattering == held.chattering  # a number that is shown does not change in silence
    assert held.chattering == 12
    assert shown(held)["chattering"] == 12
    quiet = [each for second in range(240, 900) for each in book.tick(at(second))]
    assert [event for event in events(quiet) if event] == ["chatters no more"]
    assert book.get("rig", "rate").chattering == 0  # type: ignore[union-attr]


def test_a_chattering_condition_that_stays_is_raised_after_the_longer_delay():
    book = AlarmEngine()
    flap(book, 8, 0, 20)
    book.report("rig", rate(Level.HIGH, 200), at(200))
    assert book.tick(at(200 + DAMPED_S - 1)) == []
    assert events(book.tick(at(200 + DAMPED_S))) == ["raised"]


def test_rises_that_are_remembered_are_bounded():
    book = AlarmEngine()
    flap(book, 200, 0, 2)
    assert len(book.get("rig", "rate").rises) <= 50  # type: ignore[union-attr]


def test_a_shelf_hides_an_alarm_until_its_time_is_over():
    book = book_with()
    [happened] = book.act("rig", "rate", Event.SHELVE, "Kim", at(20), "known", at(80))
    said = shown(happened.held)
    assert (said["state"], said["shelved_by"], said["shelved_until"]) == ("shelved", "Kim", "2026-11-21T12:01:20.000Z")
    assert book.tick(at(79)) == []
    assert events(book.tick(at(80))) == ["shelving expired"]
    assert state(book) is State.UNACKNOWLEDGED
    assert shown(book.get("rig", "rate"))["shelved_until"] is None  # type: ignore[arg-type]


def test_a_shelf_of_a_normal_alarm_catches_what_comes():
    book = AlarmEngine()
    book.report("rig", rate(Level.NORMAL, 0), at(0))
    book.act("rig", "rate", Event.SHELVE, "Kim", at(1), "", at(100))
    book.report("rig", rate(Level.HIGH, 10), at(10))
    assert state(book) is State.SHELVED
    book.act("rig", "rate", Event.UNSHELVE, "Kim", at(20))
    assert state(book) is State.UNACKNOWLEDGED


def test_a_latching_alarm_stays_until_somebody_unlatches_it():
    book = AlarmEngine(latching=["rate"])
    book.report("rig", rate(Level.LOW, 0), at(0))
    with pytest.raises(NotPossible, match="condition is still present"):
        book.act("rig", "rate", Event.RESET, "Kim", at(1))
    book.report("rig", rate(Level.NORMAL, 10), at(10))
    assert state(book) is State.RETURNED
    book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(20))
    assert state(book) is State.LATCHED
    [happened] = book.act("rig", "rate", Event.RESET, "Lee", at(30), "taken into account")
    assert (happened.event, happened.by, happened.held.standing.state) == ("unlatched", "Lee", State.NORMAL)


def test_what_can_not_be_done_is_refused_in_words_and_changes_nothing():
    book = book_with()
    book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(11))
    before = book.all()
    for pump, name, word in (
        ("rig", "dose", "known alarms: rate"),
        ("gone", "rate", "none"),
        ("rig", "rate", "already"),
    ):
        with pytest.raises(NotPossible, match=word):
            book.act(pump, name, Event.ACKNOWLEDGE, "Lee", at(12), "late")
    assert book.all() == before


def test_comments_are_bounded_and_the_newest_stay():
    book = book_with()
    for n in range(COMMENTS_MAX + 5):
        book.act("rig", "rate", Event.COMMENT, "Kim", at(20 + n), f"no. {n}")
    comments = shown(book.get("rig", "rate"))["comments"]  # type: ignore[arg-type]
    assert len(comments) == COMMENTS_MAX
    assert comments[-1]["text"] == f"no. {COMMENTS_MAX + 4}"


def again(book: AlarmEngine, now: datetime) -> AlarmEngine:
    """A daemon that was started again: through JSON, as the journal has it."""
    return AlarmEngine(kept=[read_back(json.loads(json.dumps(kept(held)))) for held in book.all()], now=now)


def test_everything_is_read_back_as_it_was_kept():
    book = book_with(Level.HIGH)
    book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(20), "seen, Übung")
    book.act("rig", "rate", Event.SHELVE, "Kim", at(30), "", at(500))
    flap(book, 8, 100, 20)
    assert again(book, at(300)).all() == book.all()
    bare = Alarm("rig", "dose", condition=Condition("dose"))
    assert read_back(kept(bare)) == bare


def test_a_restart_neither_loses_an_acknowledgement_nor_raises_the_alarm_again():
    """The monitor begins anew, finds nothing at first, and the level again after its hold time."""
    book = book_with(Level.MEDIUM)
    book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(20))
    after = again(book, at(100))
    assert after.report("rig", rate(Level.NORMAL, 101), at(101)) == []
    assert after.tick(at(150)) == []
    assert after.report("rig", rate(Level.MEDIUM, 160), at(160)) == []
    assert state(after) is State.ACKNOWLEDGED
    assert shown(after.get("rig", "rate"))["acknowledged_by"] == "Kim"  # type: ignore[arg-type]
    assert events(after.report("rig", rate(Level.NORMAL, 200), at(200))) == ["cleared"]


def test_after_a_restart_a_condition_that_really_is_gone_ends_the_alarm_a_little_later():
    after = again(book_with(Level.MEDIUM), at(100))
    after.report("rig", rate(Level.NORMAL, 101), at(101))
    settle_s = ALARMS["rate"].settle_s
    assert after.tick(at(100 + settle_s - 1)) == []
    assert events(after.tick(at(100 + settle_s))) == ["cleared"]


def test_a_monitor_that_came_after_the_fill_does_not_end_a_dose_alarm_that_was_kept():
    book = AlarmEngine()
    book.report("rig", Condition("dose", Level.LOW, "too much", at=at(0)), at(0))
    after = again(book, at(100))
    unsure = Condition("dose", at=at(101), sure=False)
    assert after.report("rig", unsure, at(101)) == []
    assert after.tick(at(100_000)) == []
    assert state(after, "dose") is State.UNACKNOWLEDGED
    refilled = Condition("dose", at=at(200_000))
    assert events(after.report("rig", refilled, at(200_000))) == ["cleared"]


def test_a_pump_that_is_no_more_leaves_no_alarm():
    book = book_with()
    assert book.forget("rig") == [("rig", "rate")]
    assert book.all() == []
    assert book.tick(at(50)) == []


def test_a_history_folds_into_episodes_with_who_acknowledged_them():
    book = book_with(Level.LOW)
    happened = [AlarmChange(book.get("rig", "rate"), "raised", at(10))]  # type: ignore[arg-type]
    happened += book.report("rig", rate(Level.HIGH, 30), at(30))
    happened += book.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at(40), "seen")
    happened += book.report("rig", rate(Level.NORMAL, 90), at(90))
    happened += book.report("rig", rate(Level.LOW, 200), at(200))
    first, second = episodes([line(each) for each in happened])
    assert (first["from"], first["to"]) == ("2026-11-21T12:00:10.000Z", "2026-11-21T12:01:30.000Z")
    assert (first["level"], first["priority"], first["acknowledged_by"]) == ("high", "high", "Kim")
    assert (second["to"], second["level"], second["acknowledged_by"]) == (None, "low", None)
