"""Valid topics. A `TopicName` is checked when it is made, so it can always be published on.

The rules are those of MQTT and of the strictest common brokers: a topic for which one of them would close the
connection is refused here, with the reason. The topics of warmflow are in `topics`.
Ref: MQTT 5, 1.5.4 and 4.7; mosquitto TOPIC_HIERARCHY_LIMIT (200); EMQX max_topic_levels (128) and 4,096 bytes a topic.
"""

import re

BYTES_MAX = 4096
LEVELS_MAX = 128
FOR_WILDCARDS = re.compile(r"[+#]")
# control characters, surrogates and non-characters: for mosquitto, a packet with one of them is malformed
NOT_FOR_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


class TopicError(ValueError):
    """The text is not a valid topic; the message says why."""


class TopicName(str):
    """A topic that can be published on. Raises TopicError."""

    __slots__ = ()

    def __new__(cls, text: str) -> "TopicName":
        if fault := topic_fault(text):
            raise TopicError(f"{text[:60]!a} is not a valid topic: {fault}")
        return super().__new__(cls, text)


def topic_fault(text: str) -> str:
    """Why nothing can be published on it; "" if it is valid."""
    if not text:
        return "it is empty"
    if NOT_FOR_TEXT.search(text):
        return "it contains a control character or a lone surrogate"
    if FOR_WILDCARDS.search(text):
        return "it contains + or #"
    if text.startswith("$"):
        return "it begins with $, which is reserved for the broker"
    if (levels := text.count("/") + 1) > LEVELS_MAX:
        return f"it has {levels} levels; at most {LEVELS_MAX} are allowed"
    if (size := len(text.encode())) > BYTES_MAX:
        return f"it has {size} bytes; at most {BYTES_MAX} are allowed"
    return ""


def level_fault(text: str) -> str:
    """Why a name is not a valid topic level; "" if it is."""
    return "it contains a /" if "/" in text else topic_fault(text)
