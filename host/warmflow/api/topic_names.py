"""What a topic may look like. A `TopicName` is checked when it is made, so whoever has one can publish on it.

The rules are those of MQTT and the narrowest of the common brokers: what one of them answers by closing the connection
is refused here, by name. It knows no topic of ours; `topics` does.
Ref: MQTT 5, 1.5.4 and 4.7; mosquitto TOPIC_HIERARCHY_LIMIT (200); EMQX max_topic_levels (128) and 4,096 bytes a topic.
"""

import re

BYTES_MAX = 4096
LEVELS_MAX = 128
FOR_WILDCARDS = re.compile(r"[+#]")
# control characters, halves of characters and non-characters: mosquitto calls a packet with one of them malformed
NOT_FOR_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


class TopicError(ValueError):
    """This text is no topic; the message says why."""


class TopicName(str):
    """A topic that can be published on. Raises TopicError."""

    __slots__ = ()

    def __new__(cls, text: str) -> "TopicName":
        if fault := topic_fault(text):
            raise TopicError(f"{text[:60]!a} cannot be a topic: {fault}")
        return super().__new__(cls, text)


def topic_fault(text: str) -> str:
    """Why no message can be published on it; "" if one can."""
    if not text:
        return "it is empty"
    if NOT_FOR_TEXT.search(text):
        return "it holds a control character, or half a character"
    if FOR_WILDCARDS.search(text):
        return "it holds + or #"
    if text.startswith("$"):
        return "it begins with $, which is the broker's own"
    if (levels := text.count("/") + 1) > LEVELS_MAX:
        return f"it has {levels} levels, at most {LEVELS_MAX} are allowed"
    if (size := len(text.encode())) > BYTES_MAX:
        return f"it has {size} bytes, at most {BYTES_MAX} are allowed"
    return ""


def level_fault(text: str) -> str:
    """Why a name cannot be one level of a topic; "" if it can."""
    return "it holds a /" if "/" in text else topic_fault(text)
