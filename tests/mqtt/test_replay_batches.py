"""What goes into which message: batches for each pump, whose own order stays, and no cursor past what was not sent."""

from hypothesis import given
from hypothesis import strategies as st
from records import BOOT, reading

from pumplink import messages as m
from warmflow.device.host_clock import Dating
from warmflow.device.updates import BoardEvent
from warmflow.journal import Entry
from warmflow.journal.row_codec import Record
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.outbox import Outbox
from warmflow.sinks.mqtt.record_messages import kind_and_payload
from warmflow.sinks.record_batches import BATCH_MAX, batches, marked

OTHER = BOOT._replace(boots=5)


def event(sequence: int, pump: str) -> BoardEvent:
    return BoardEvent(pump, BOOT, m.Event(0, sequence, 0, 0, 4, 0, ""), reading(sequence).utc, False)


def entries(*records: Record) -> list[Entry]:
    return [Entry(number, record) for number, record in enumerate(records, 1)]


def ids(entries: list[Entry]) -> list[list[int]]:
    return [[entry.id for entry in batch] for batch in batches(entries)]


def test_pumps_that_come_in_turn_get_a_message_each() -> None:
    assert ids(entries(*(reading(n // 3, pump=f"p{n % 3}") for n in range(9)))) == [[1, 4, 7], [2, 5, 8], [3, 6, 9]]


def test_an_event_stands_alone_and_nothing_of_its_pump_passes_it() -> None:
    of_two = entries(reading(1, pump="a"), event(2, "a"), reading(3, pump="a"), reading(4, pump="a"))
    assert ids(of_two) == [[1], [2], [3, 4]]


def test_another_boot_is_another_message() -> None:
    assert ids(entries(reading(1), reading(2), reading(1, boot=OTHER))) == [[1, 2], [3]]


def test_what_was_dated_again_is_a_message_of_its_own_and_says_so() -> None:
    again = Dating("run 1", 0, 0, 0, redated=True)
    doubtful = again._replace(redated=False, uncertain=True)
    three = entries(reading(1), reading(2)._replace(dating=again), reading(3)._replace(dating=doubtful))
    found = [kind_and_payload(marked(batch, 0, 0))[1] for batch in batches(three)]
    assert [(p.resent, p.redated, p.time_uncertain, p.readings[0].historical) for p in found] == [
        (False, None, None, False),
        (True, True, None, True),
        (True, None, True, True),
    ]
    assert [name in dump(found[0]).decode() for name in ("redated", "time_uncertain")] == [False, False]


def test_no_message_grows_without_end() -> None:
    assert [len(batch) for batch in batches(entries(*(reading(n) for n in range(BATCH_MAX + 1))))] == [BATCH_MAX, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from([BOOT, OTHER])), max_size=40))
def test_order_within_a_pump_stays_and_a_cursor_before_a_batch_leaves_nothing_out(kinds) -> None:
    records = [
        reading(n, boot=boot, pump=pump) if is_reading else event(n, pump)
        for n, (pump, is_reading, boot) in enumerate(kinds)
    ]
    found = batches(entries(*records))
    assert sorted(entry.id for batch in found for entry in batch) == list(range(1, len(kinds) + 1))
    for pump in "abc":
        of_pump = [entry.id for batch in found for entry in batch if entry.record.pump == pump]
        assert of_pump == sorted(of_pump)
    for index, batch in enumerate(found):
        sent = {entry.id for before in found[:index] for entry in before}
        assert set(range(1, batch[0].id)) <= sent


def test_with_many_pumps_each_state_has_its_turn() -> None:
    outbox = Outbox()
    seen = []
    for turn in range(1, 4):
        for pump in "abcdef":
            outbox.on_update(reading(turn, pump=pump))
        seen += [pump for (_, pump), _ in outbox.take_latest(2)]
    assert seen == list("abcdef")
