"""What is published once: who waits, in which order, and what goes where the broker takes nothing."""

import json
from datetime import UTC, datetime, timedelta

from warmflow.api.topic_names import TopicName
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.news import (
    ALARM_EVENTS_MAX,
    ANSWERS_MAX,
    LOSSES_MAX,
    NEWS_MAX,
    SHARE,
    AnswerQueue,
    News,
    NewsQueue,
    Reply,
)


def numbered(kind: str, number: int) -> News:
    return News(kind, {"number": number})  # type: ignore[arg-type]


def drained(queue: NewsQueue) -> list[tuple[str, int]]:
    return [(news.kind, news.payload["number"]) for news in iter(queue.get, None)]  # type: ignore[index]


def test_news_are_bounded_and_what_goes_is_counted() -> None:
    queue = NewsQueue()
    for number in range(NEWS_MAX + 5):
        queue.enqueue(numbered("log", number))
    assert queue.dropped == 5
    assert len(drained(queue)) == NEWS_MAX


def test_log_lines_go_before_events_and_the_oldest_of_them() -> None:
    queue = NewsQueue()
    queue.enqueue(numbered("bridge_event", 0))
    for number in range(1, NEWS_MAX):
        queue.enqueue(numbered("log", number))
    queue.enqueue(numbered("bridge_event", NEWS_MAX))
    assert drained(queue)[:3] == [("bridge_event", 0), ("bridge_event", NEWS_MAX), ("log", 2)]
    assert queue.dropped == 1


def test_a_log_line_never_takes_the_place_of_an_event() -> None:
    queue = NewsQueue()
    for number in range(NEWS_MAX):
        queue.enqueue(numbered("bridge_event", number))
    queue.enqueue(numbered("log", -1))
    queue.enqueue(numbered("bridge_event", NEWS_MAX))
    assert [number for _, number in drained(queue)] == list(range(1, NEWS_MAX + 1))
    assert queue.dropped == 2


def test_events_of_alarms_are_never_dropped_for_others_and_go_first() -> None:
    queue = NewsQueue()
    for number in range(NEWS_MAX + 100):
        queue.enqueue(numbered("alarm_event", number))
        queue.enqueue(numbered("bridge_event", number))
        queue.enqueue(numbered("log", number))
    found = drained(queue)
    assert found[: NEWS_MAX + 100] == [("alarm_event", number) for number in range(NEWS_MAX + 100)]
    assert len(found) == 2 * NEWS_MAX + 100


def test_events_of_alarms_have_an_end_and_what_is_left_out_is_said() -> None:
    """Of a pump whose alarms come and go the oldest; none of the others'."""
    queue = NewsQueue()
    at = [datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(ALARM_EVENTS_MAX + 10)]
    queue.enqueue(numbered("alarm_event", -1)._replace(name="calm"))
    for number in range(ALARM_EVENTS_MAX + 9):
        queue.enqueue(numbered("alarm_event", number)._replace(name="noisy", at=at[number]))
    assert len(queue) == ALARM_EVENTS_MAX + 1  # and a message
    said = queue.get()
    assert said
    queue.put_back(said)  # the connection has ended
    for number in range(NEWS_MAX + 1):
        queue.enqueue(numbered("bridge_event", number))  # which pushes it not out
    assert queue.get() == said
    assert said.kind == "bridge_event"
    assert json.loads(dump(said.payload)) == {
        "event": "alarm_gap", "time": "2026-11-21T00:00:00.000Z", "pump": "noisy", "left_out": 10,
        "last": "2026-11-21T00:09:00.000Z",
    }  # fmt: skip
    found = [number for kind, number in drained(queue) if kind == "alarm_event"]
    assert found == [-1, *range(10, ALARM_EVENTS_MAX + 9)]


def test_what_was_not_sent_is_the_next_of_its_kind() -> None:
    queue = NewsQueue()
    for number in range(2):
        queue.enqueue(numbered("alarm_event", number))
    first = queue.get()
    assert first
    queue.put_back(first)
    assert drained(queue) == [("alarm_event", 0), ("alarm_event", 1)]


def answer(topic: str, number: int) -> Reply:
    return Reply(TopicName(topic), {"number": number})


def test_an_asker_has_a_share_and_its_oldest_answers_go() -> None:
    queue = AnswerQueue()
    queue.enqueue(answer("you/answers", 0))
    for number in range(SHARE + 30):
        queue.enqueue(answer(f"me/answers/{number}", number))
    found = list(iter(queue.get, None))
    assert [reply.payload["number"] for reply in found if reply.asker == "me/answers"] == list(range(30, SHARE + 30))
    assert found[0].asker == "you/answers"
    assert queue.dropped == 30


def test_answers_go_out_in_turn_of_their_askers() -> None:
    queue = AnswerQueue()
    for number in range(3):
        for asker in ("a", "b"):
            queue.enqueue(answer(asker, number))
    found = [(reply.asker, reply.payload["number"]) for reply in iter(queue.get, None)]
    assert found == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_all_answers_together_are_bounded() -> None:
    queue = AnswerQueue()
    for number in range(ANSWERS_MAX * 3):
        queue.enqueue(answer(f"{number}", number))
    assert len(queue) == ANSWERS_MAX
    assert queue.dropped == ANSWERS_MAX * 2


def test_an_asker_whose_answers_break_the_connection_gets_no_more_and_others_do() -> None:
    queue = AnswerQueue()
    for number in range(LOSSES_MAX):
        queue.lost(answer(f"bad/asker/{number}", number))
    for topic in ("bad/asker/9", "good/asker"):
        queue.enqueue(answer(topic, 0))
    assert [reply.topic for reply in iter(queue.get, None)] == ["good/asker"]


def test_one_loss_now_and_then_silences_nobody() -> None:
    queue = AnswerQueue()
    for number in range(10 * LOSSES_MAX):
        queue.lost(answer("me/answers", number))
        queue.sent(answer("me/answers", number))
    queue.enqueue(answer("me/answers", 0))
    assert len(queue) == 1
