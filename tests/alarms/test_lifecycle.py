"""The life-cycle: one table, complete, and what the words of ISA-18.2 / IEC 62682 promise of it."""

import itertools

import pytest

from warmflow.alarms import Ends, Event, Refused, Standing, State
from warmflow.alarms.catalogue import ALARMS, LATCHING, Priority, ending, priority
from warmflow.alarms.lifecycle import TABLE, Back, ByEnding, step
from warmflow.monitor import Level

pytestmark = pytest.mark.time

DEEDS = {Event.ACKNOWLEDGE, Event.RESET, Event.SHELVE, Event.UNSHELVE, Event.COMMENT}


def test_every_state_has_an_answer_to_every_event_and_the_table_nothing_else():
    assert {(state, event) for state, row in TABLE.items() for event in row} == set(itertools.product(State, Event))
    for row in TABLE.values():
        for outcome in row.values():
            assert isinstance(outcome, State | ByEnding | Back | Refused)


def test_only_people_are_refused_and_with_a_reason():
    refused = [(state, event) for state, row in TABLE.items() for event, out in row.items() if isinstance(out, Refused)]
    assert {event for _, event in refused} <= DEEDS
    assert all(TABLE[state][event].why for state, event in refused)
    assert all(not isinstance(TABLE[state][Event.COMMENT], Refused) for state in State)


@pytest.mark.parametrize("ends", Ends)
def test_whatever_happens_normal_means_that_the_condition_is_gone(ends: Ends):
    """All standings that can be reached from normal, by any row of events."""
    reached, found = {Standing()}, [Standing()]
    while found:
        now = found.pop()
        for event in Event:
            if event is Event.RAISE and now.active:
                continue
            if event in (Event.CLEAR, Event.WORSEN, Event.EASE) and not now.active:
                continue
            after = step(now, event, ends)
            if isinstance(after, Standing) and after not in reached:
                reached.add(after)
                found.append(after)
    assert len(reached) >= 6
    for standing in reached:
        if standing.active:
            assert standing.state in (State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.SHELVED, State.SUPPRESSED)
        if standing.state is State.NORMAL:
            assert standing == Standing()
        if ends is not Ends.RESET:
            assert standing.state is not State.LATCHED
        if ends is Ends.ITSELF:
            assert standing.state is not State.RETURNED


def walk(ends: Ends, *events: Event) -> State:
    now = Standing()
    for event in events:
        after = step(now, event, ends)
        assert isinstance(after, Standing), (event, after)
        now = after
    return now.state


R, C, A, U = Event.RAISE, Event.CLEAR, Event.ACKNOWLEDGE, Event.RESET
PATHS = [
    (Ends.ITSELF, (R, C), State.NORMAL),
    (Ends.ACKNOWLEDGED, (R, C), State.RETURNED),
    (Ends.ACKNOWLEDGED, (R, C, A), State.NORMAL),
    (Ends.ACKNOWLEDGED, (R, A, C), State.NORMAL),
    (Ends.ACKNOWLEDGED, (R, C, R), State.UNACKNOWLEDGED),
    (Ends.ACKNOWLEDGED, (R, A, Event.WORSEN), State.UNACKNOWLEDGED),
    (Ends.ACKNOWLEDGED, (R, A, Event.EASE), State.ACKNOWLEDGED),
    (Ends.RESET, (R, A, C), State.LATCHED),
    (Ends.RESET, (R, C, A), State.LATCHED),
    (Ends.RESET, (R, A, C, U), State.NORMAL),
    (Ends.RESET, (R, A, C, R), State.UNACKNOWLEDGED),
    (Ends.ACKNOWLEDGED, (R, A, Event.SHELVE, Event.UNSHELVE), State.UNACKNOWLEDGED),
    (Ends.ACKNOWLEDGED, (R, Event.SHELVE, C, Event.EXPIRE), State.NORMAL),
    (Ends.ACKNOWLEDGED, (Event.SHELVE, R, Event.EXPIRE), State.UNACKNOWLEDGED),
    (Ends.RESET, (R, Event.SHELVE, C, Event.EXPIRE), State.RETURNED),
    (Ends.RESET, (Event.SHELVE, Event.EXPIRE), State.NORMAL),
]


@pytest.mark.parametrize(("ends", "events", "state"), PATHS)
def test_a_path_ends_where_the_standard_s_words_put_it(ends: Ends, events: tuple[Event, ...], state: State):
    assert walk(ends, *events) is state


def test_a_latched_alarm_is_not_unlatched_while_its_condition_is_there():
    now = Standing(State.ACKNOWLEDGED, True, True)
    assert isinstance(step(now, Event.RESET, Ends.RESET), Refused)


def test_the_rate_is_one_alarm_whose_priority_rises():
    assert [priority("rate", level) for level in Level] == [None, Priority.LOW, Priority.MEDIUM, Priority.HIGH]
    for name in ALARMS:
        for level in (Level.LOW, Level.MEDIUM, Level.HIGH):
            assert priority(name, level) in Priority


def test_latching_is_a_choice():
    assert LATCHING == ("dose",)
    assert ending("rate", ["rate"]) is Ends.RESET
    assert ending("link", ["link"]) is Ends.RESET
    assert ending("dose", []) is Ends.ACKNOWLEDGED
    assert ending("rate", ["dose"]) is ALARMS["rate"].ends
