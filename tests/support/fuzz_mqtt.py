"""Fuzz targets of MQTT: what may be a topic, and whatever a broker has stored or a stranger sends."""

import asyncio
import json
import random
from types import SimpleNamespace
from typing import Any

from fuzz_inputs import TEXTS, WORDS, mutated
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from warmflow.api.payloads import PumpEntry
from warmflow.api.topic_names import BYTES_MAX, LEVELS_MAX, TopicError, TopicName, topic_fault
from warmflow.api.topics import TOPICS, path
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.incoming import IncomingMessages
from warmflow.sinks.mqtt.news import AnswerQueue
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Outbox
from warmflow.sinks.mqtt.pump_list import PumpListTopics

PIECES = (
    *TEXTS,
    "warmflow",
    "rig",
    "bridge",
    "pumps",
    "info",
    "link",
    "availability",
    "/",
    "//",
    "\ud800",
    "\ufffe",
    "€",
)
ENTRY: dict[str, Any] = dict.fromkeys(PumpEntry.__struct_fields__) | {
    "status": "ok", "reason": "", "remedy": "", "since": "", "pump": "rig", "board_id": "00112233",
    "discovery": "homeassistant/device/warmflow_00112233/config",
}  # fmt: skip


def _text(dice: random.Random) -> str:
    return "".join(dice.choice(PIECES) for _ in range(dice.choice((0, 1, 1, 2, 3, 300)))) * dice.choice((1, 1, 1, 500))


def _publishable(topic: str) -> None:
    """As the client library and mosquitto look at a topic."""
    encoded = topic.encode()
    assert topic
    assert len(encoded) <= BYTES_MAX
    assert topic.count("/") < LEVELS_MAX
    assert not set(topic) & set("+#\0")
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in topic)
    assert not topic.startswith("$")


def topics(dice: random.Random) -> None:
    """A topic that can be published on, or one error; a name never leaves its level."""
    text = _text(dice)
    if not topic_fault(text):
        _publishable(TopicName(text))
    kind, base = dice.choice(list(TOPICS)), dice.choice(("warmflow", "site/one", text))
    try:
        made = path(kind, base, dice.choice(("homeassistant", text)), text)
    except TopicError:
        return
    _publishable(made)
    if base == "warmflow" and made.startswith("warmflow/"):
        assert made.count("/") == TOPICS[kind].path.count("/"), made


class _Answers:
    """A dispatcher that answers, and fails now and then."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    async def answer(self, kind: str, payload: bytes, **ways: Any) -> dict[str, Any]:
        if self._dice.random() < 0.1:
            raise RuntimeError("a bug")
        return {"status": "ok"}

    def refuse(self, kind: str, payload: bytes, error: str) -> dict[str, Any]:
        return {"status": "error", "error": error}


def _payload(dice: random.Random) -> bytes:
    fields = dict.fromkeys(ENTRY)
    entry = ENTRY | {
        dice.choice(list(fields)): dice.choice([_text(dice), None, 5, [], {}, True])
        for _ in range(dice.choice((0, 1, 2)))
    }
    match dice.randrange(5):
        case 0:
            return dice.choice((b"online", b"offline", b"running", b"dead", b"", *WORDS))
        case 1:
            return json.dumps({"id": _text(dice), "since": dice.choice([_text(dice), None, 3])}).encode()
        case 2:
            return mutated(dice, json.dumps({"pumps": [entry]}).encode())
        case _:
            return json.dumps({"pumps": [entry] * dice.choice((1, 2))}).encode()


def _properties(dice: random.Random) -> Properties | None:
    if dice.random() < 0.4:
        return None
    found = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    found.ResponseTopic = _text(dice)
    if dice.random() < 0.5:
        found.CorrelationData = dice.randbytes(dice.choice((0, 1, 1000)))
    return found


def _topic(dice: random.Random) -> str:
    known = [
        "warmflow/bridge/state", "warmflow/bridge/info", "warmflow/bridge/pumps", "warmflow/bridge/link/%2Fdev",
        "warmflow/rig/availability", "warmflow/rig/status", "warmflow/rig/alarm/rate", "warmflow/bridge/request/list",
        "warmflow/bridge/request", "homeassistant/status",
    ]  # fmt: skip
    parts = dice.choice(known).split("/")
    if dice.random() < 0.4:
        parts[dice.randrange(len(parts))] = _text(dice)
    return "/".join(parts)


async def _received(dice: random.Random) -> None:
    outbox, answers, log, now = Outbox(), AnswerQueue(), [], SimpleNamespace(s=0.0)
    options = PublisherOptions(
        daemon_id="me", answers=_Answers(dice), home_assistant=dice.random() < 0.5, pumps=lambda: [PumpEntry(**_own)]
    )
    incoming = IncomingMessages("warmflow", options, outbox, answers, log.append, lambda: now.s)
    listed = PumpListTopics("warmflow", options, outbox, incoming)
    outbox.retain("availability", "rig", b"online")
    incoming.left_behind.connected(0.0)
    for _ in range(dice.choice((1, 3, 8))):
        message = SimpleNamespace(
            topic=SimpleNamespace(value=_topic(dice)), payload=_payload(dice), retain=dice.random() < 0.6,
            properties=_properties(dice),
        )  # fmt: skip
        incoming.on_message(message, echo=dice.random() < 0.5)  # type: ignore[arg-type]
        now.s += dice.choice((0.0, 1.0, 3.0, 100.0))
        incoming.settle()
        listed.look()
        await asyncio.sleep(0)
    assert not incoming.bad, log
    for kind, name in [key for key, _ in outbox.next_changes(10_000)]:
        _publishable(path(kind, "warmflow", name=name))
    for reply in iter(answers.get, None):
        _publishable(reply.topic)
        dump(reply.payload)
    assert all(line.isprintable() for line in log), log


_own = {name: value for name, value in ENTRY.items() if name != "discovery"}


def junk(dice: random.Random) -> None:
    """Nothing that comes from a broker raises, and all that follows from it can be published."""
    asyncio.get_event_loop_policy().get_event_loop().run_until_complete(_received(dice))
