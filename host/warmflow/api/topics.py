"""Topics: the one table of what is published and subscribed to. State is retained; readings, events and requests are
not.

docs/mqtt.md carries this table; a test keeps them equal.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from warmflow.api.topic_names import TopicError, TopicName, level_fault

JSON = "application/json"
WORD = "text/plain"
FIELD = re.compile(r"{(\w+)}")


class Topic(NamedTuple):
    """One kind of topic: its path, how it is published, and its meaning. Words in braces in `path` are replaced by
    names.
    """

    path: str
    retained: bool
    qos: int
    says: str
    content: str = JSON
    expires_s: int | None = None  # MQTT 5: message expiry interval


TOPICS = {
    "state": Topic(
        "{base}/{pump}/state",
        True,
        0,
        "latest values, at most 5 a second and 125 of all pumps together, for people and dashboards",
        expires_s=3600,
    ),
    "telemetry": Topic("{base}/{pump}/telemetry", False, 1, "every reading, several to a message"),
    "event": Topic("{base}/{pump}/event", False, 1, "what happened on the board; shares the readings' sequence"),
    "summary": Topic(
        "{base}/{pump}/summary",
        False,
        1,
        "minimum, mean and maximum of a minute that the board stored while it was not connected",
    ),
    "gap": Topic("{base}/{pump}/gap", False, 1, "lost records, with first and last sequence"),
    "summary_gap": Topic("{base}/{pump}/summary_gap", False, 1, "lost minute summaries, with first and last number"),
    "alarm": Topic("{base}/{pump}/alarm/{alarm}", True, 1, "one alarm: state, priority, cause, who acknowledged it"),
    "alarm_event": Topic("{base}/{pump}/alarm_event", False, 1, "what happened to an alarm, when, and who did it"),
    "diagnosis": Topic(
        "{base}/{pump}/diagnosis",
        True,
        0,
        "once a second: the likely cause of the flow's deviation, in shares and in words",
        expires_s=3600,
    ),
    "availability": Topic(
        "{base}/{pump}/availability", True, 1, "online or offline: whether the board answers", content=WORD
    ),
    "status": Topic("{base}/{pump}/status", True, 1, "link and device: state, reason, remedy, since when"),
    "truth": Topic(
        "{base}/{pump}/truth", False, 0, "the emulator's internal state, modelled, for teaching only", expires_s=60
    ),
    "bridge": Topic("{base}/bridge/state", True, 1, "the daemon: running, stopped, or dead (last will)", content=WORD),
    "info": Topic("{base}/bridge/info", True, 1, "version, settings without secrets, and their JSON schema"),
    "pumps": Topic("{base}/bridge/pumps", True, 1, "all pumps: port, board, firmware, status"),
    "link": Topic(
        "{base}/bridge/link/{port}",
        True,
        1,
        "a port whose board is not identified yet: status, reason, remedy; deleted when it is",
    ),
    "bridge_event": Topic(
        "{base}/bridge/event",
        False,
        1,
        "changes of links, requests carried out, connections, steps of the date",
        expires_s=3600,
    ),
    "log": Topic("{base}/bridge/log", False, 0, "the daemon's log, line by line", expires_s=60),
    "request": Topic(
        "{base}/bridge/request/{request}", False, 1, "**subscribed**: a request to the daemon or to a pump"
    ),
    "response": Topic("{base}/bridge/response/{request}", False, 1, "the answer to each request", expires_s=300),
    "discovery": Topic(
        "{prefix}/device/warmflow_{board}/config", True, 1, "Home Assistant's device, if `home_assistant` is set"
    ),
    "birth": Topic(
        "{prefix}/status",
        False,
        1,
        "**subscribed**: at `online` all retained topics are published again",
        content=WORD,
    ),
}


@lru_cache(maxsize=4096)
def path(kind: str, base: str, prefix: str = "homeassistant", name: str = "") -> TopicName:
    """The topic of this kind; `name` is the pump, port, board id or request in it, of an alarm `pump/id`. A port's
    slashes are escaped. The one place where topics are made.

    Raises TopicError for a name that cannot be one level of a topic.
    """
    if kind == "link":
        name = quote(name, safe=":@=,~ ", errors="replace")
    names = name.split("/", 1) if kind == "alarm" else [name]
    fields = [field for field in FIELD.findall(TOPICS[kind].path) if field not in ("base", "prefix")]
    if len(names) != len(fields or [""]):
        raise TopicError(f"{name[:60]!a} is not a valid name in a topic of the kind {kind}")
    for each in names if fields else ():
        if fault := level_fault(each):
            raise TopicError(f"{each[:60]!a} is not allowed in a topic: {fault}")
    return TopicName(TOPICS[kind].path.format(base=base, prefix=prefix, **dict(zip(fields, names, strict=False))))


def topic_filter(kind: str, base: str, prefix: str = "homeassistant") -> str:
    """The topic filter that matches all topics of this kind."""
    return FIELD.sub(lambda match: {"base": base, "prefix": prefix}.get(match[1], "+"), TOPICS[kind].path)


def stem(kind: str, base: str) -> str:
    """The common beginning of all topics of this kind, up to the name at the end."""
    return topic_filter(kind, base).removesuffix("+")
