"""Which message makes a broker hang up: found by sending suspects alone, and never blamed on one loss."""

from warmflow.api.topic_names import TopicName
from warmflow.sinks.mqtt.suspects import Convicted, Suspects

GOOD, BAD, WORSE = (TopicName(f"warmflow/{name}") for name in ("good", "bad", "worse"))


def connection(suspects: Suspects, bad: set[str], *topics: TopicName, size: int = 100) -> Convicted | None:
    """One connection at a broker that hangs up at some topics."""
    under_way = []
    for topic in topics:
        alone = suspects.must_go_alone(topic, size)
        number = suspects.sent(topic, size, 1, alone)
        if alone and topic in bad:
            return suspects.lost(hung_up=True)
        if alone:
            suspects.acknowledged(number, topic, size)
        else:
            under_way.append((number, topic))
    if any(topic in bad for _, topic in under_way):
        return suspects.lost(hung_up=True)
    for number, topic in under_way:
        suspects.acknowledged(number, topic, size)
    return None


def test_the_topic_at_which_the_connection_breaks_is_found_and_no_other() -> None:
    suspects, convicted = Suspects(), []
    for _ in range(6):
        if found := connection(suspects, {BAD}, GOOD, BAD):
            convicted.append(found.topic)
            break
    assert convicted == [BAD]
    assert not suspects.must_go_alone(GOOD, 100)


def test_a_second_one_is_found_after_the_first() -> None:
    suspects, left_out = Suspects(), set()
    for _ in range(10):
        topics = [topic for topic in (GOOD, BAD, WORSE) if topic not in left_out]
        if found := connection(suspects, {BAD, WORSE}, *topics):
            left_out.add(found.topic)
    assert left_out == {BAD, WORSE}


def test_a_broker_that_restarts_convicts_nobody() -> None:
    suspects = Suspects()
    for _ in range(20):
        suspects.sent(GOOD, 100, 1)
        assert suspects.lost(hung_up=False) is None
    suspects.sent(GOOD, 100, 1)
    assert suspects.lost(hung_up=True) is None
    number = suspects.sent(GOOD, 100, 1, suspects.must_go_alone(GOOD, 100))
    assert suspects.lost(hung_up=True) is None  # once is not enough
    number = suspects.sent(GOOD, 100, 1, alone=True)
    suspects.acknowledged(number, GOOD, 100)
    assert not suspects.must_go_alone(GOOD, 100)


def test_a_topic_that_was_cleared_small_is_a_suspect_where_it_is_large() -> None:
    suspects = Suspects()
    suspects.acknowledged(suspects.sent(GOOD, 100, 1), GOOD, 100)
    suspects.sent(GOOD, 40_000, 1)
    suspects.lost(hung_up=True)
    assert suspects.must_go_alone(GOOD, 40_000)
    assert not suspects.must_go_alone(GOOD, 100)


def test_a_message_without_acknowledgement_is_cleared_by_what_the_broker_answers_after_it() -> None:
    suspects = Suspects()
    suspects.sent(BAD, 100, 0)
    later = suspects.sent(GOOD, 100, 1)
    suspects.acknowledged(later, GOOD, 100)
    suspects.passed(later)
    suspects.sent(WORSE, 100, 1)
    suspects.lost(hung_up=True)
    assert (suspects.must_go_alone(BAD, 100), suspects.must_go_alone(WORSE, 100)) == (False, True)
