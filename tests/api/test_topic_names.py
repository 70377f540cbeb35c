"""Topics are made in one place, which takes nothing that a broker would answer by hanging up."""

import pytest

from warmflow.api.topic_names import BYTES_MAX, LEVELS_MAX, TopicError, TopicName, topic_fault
from warmflow.api.topics import TOPICS, path, topic_filter

NO_TOPICS = {
    "empty": "",
    "NUL": "a/\0",
    "control character": "a/\x1b[2J",
    "C1 control": "a\x9f",
    "half a character": "a\ud800",
    "non-character": "a\ufffe",
    "non-character of another plane": "a\U0001ffff",
    "plus": "a/+/b",
    "number sign": "a/#",
    "the broker's own": "$SYS/x",
    "shared": "$share/g/x",
    "levels": "a/" * LEVELS_MAX + "a",
    "bytes": "€" * (BYTES_MAX // 3 + 1),
}


@pytest.mark.parametrize("kind", NO_TOPICS)
def test_what_no_broker_takes_is_no_topic_name_and_says_why(kind: str) -> None:
    assert topic_fault(NO_TOPICS[kind])
    with pytest.raises(TopicError, match="is not a valid topic: it ") as caught:
        TopicName(NO_TOPICS[kind])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("topic", ["a", "a/b", "/a//b/", "ü/€", "a b", "a/" * (LEVELS_MAX - 1) + "a", "x" * BYTES_MAX])
def test_what_brokers_take_is_a_topic_name_and_a_text(topic: str) -> None:
    assert TopicName(topic) == topic


NAMED = [kind for kind, row in TOPICS.items() if row.path.count("{") > 1 and kind not in ("link", "birth", "alarm")]


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("name", ["", "a/b", "a/../b", "#", "+", "a#", "\0", "\ud800", "x" * 70_000])
def test_a_name_that_is_no_level_makes_no_topic_of_any_kind(kind: str, name: str) -> None:
    with pytest.raises(TopicError):
        path(kind, "warmflow", name=name)


@pytest.mark.parametrize("name", ["rig", "/rate", "rig/", "rig/a/b", "a/#", "", "/"])
def test_an_alarm_has_a_pump_and_an_id(name: str) -> None:
    with pytest.raises(TopicError):
        path("alarm", "warmflow", name=name)


@pytest.mark.parametrize("port", ["/dev/ttyACM0", "COM3", "a+b#", "\0", "\ud800", "$x", "x\x1b"])
def test_a_port_is_escaped_whatever_it_is_called(port: str) -> None:
    assert path("link", "warmflow", name=port).count("/") == 3


@pytest.mark.parametrize("kind", TOPICS)
def test_a_filter_has_a_wildcard_for_each_name(kind: str) -> None:
    found = topic_filter(kind, "site/one", "home/a")
    assert not set(found) & set("{}")
    assert found.count("+") == TOPICS[kind].path.replace("{base}", "").replace("{prefix}", "").count("{")
