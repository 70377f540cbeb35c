"""Numbers keep their meaning for ever: vectors/numbers.json is what has been published, and only grows."""

import enum
import json

from wire import MESSAGES, ROOT, walk

from pumplink import codes
from pumplink.messages import TYPES

PUBLISHED = json.loads((ROOT / "protocol/vectors/numbers.json").read_text(encoding="utf-8"))
MESSAGE_NOW = {
    f"0x{spec.type:02X} {spec.name}": [f"{row.name} {row.kind}" for row in walk.rows(spec)] for spec in MESSAGES
}
CODES_NOW = {
    name: {member.name: int(member) for member in group}
    for name, group in vars(codes).items()
    if isinstance(group, enum.EnumType) and group.__module__ == codes.__name__
}
ADD = "add it to protocol/vectors/numbers.json: from then on it is fixed"


def test_every_published_code_keeps_its_number():
    for group, numbers in PUBLISHED["codes"].items():
        kept = {name: CODES_NOW[group].get(name) for name in numbers}
        assert kept == numbers, f"codes.{group}: a published number changed its meaning"


def test_every_published_message_keeps_its_number_and_its_fields_in_order():
    for name, fields in PUBLISHED["messages"].items():
        published = fields.split(", ")
        assert MESSAGE_NOW.get(name, [])[: len(published)] == published, f"{name}: published fields moved"


def test_a_message_that_ends_in_a_text_is_never_extended():
    for name, fields in PUBLISHED["messages"].items():
        if fields.endswith("text") and "u16 length" in fields:
            assert MESSAGE_NOW[name] == fields.split(", "), f"{name} ends in a text: make a new message instead"


def test_what_is_new_is_published_too():
    assert {group: list(numbers) for group, numbers in CODES_NOW.items()} == {
        group: list(numbers) for group, numbers in PUBLISHED["codes"].items()
    }, ADD
    assert {name: ", ".join(fields) for name, fields in MESSAGE_NOW.items()} == PUBLISHED["messages"], ADD


def test_a_number_that_is_no_longer_used_is_never_given_again():
    reserved = PUBLISHED["reserved"]
    assert not {f"0x{number:02X}" for number in TYPES.values()} & set(reserved["messages"])
    for group, numbers in reserved.items():
        if group != "messages":
            assert not set(CODES_NOW[group].values()) & set(numbers), group


def test_no_number_is_used_twice():
    assert len(set(TYPES.values())) == len(TYPES) == len(MESSAGES)
    for group, numbers in CODES_NOW.items():
        assert len(set(numbers.values())) == len(list(getattr(codes, group).__members__)), group


def test_events_of_the_emulator_lie_above_those_that_the_monitor_may_see():
    hidden = {"EXPOSURE_BEGAN", "EXPOSURE_ENDED", "FAULT_BEGAN", "FAULT_ENDED"}
    assert {event.name for event in codes.EventCode if event >= codes.FIRST_TRUTH_EVENT} == hidden
