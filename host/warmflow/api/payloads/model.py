"""What all payload models have in common. A model is the only description of its message: the JSON, the tables of
docs/mqtt.md, the reader of `warmflow watch` and the schemas of the HTTP API are all made from it.

A field without a default is always there, as `null` where its type allows that; a field with the default None is left
out where there is nothing to say, and its description begins with the condition in brackets. The order of the fields is
the order in the JSON.
"""

from typing import Annotated, Any, NamedTuple, cast, get_args, get_origin

import msgspec

from warmflow.device.host_clock import Dating
from warmflow.notice import NOTICE


def doc(text: str) -> msgspec.Meta:
    """The description of a field, for `Annotated`."""
    return msgspec.Meta(description=text)


class Payload(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of all models. Nothing refers back to a payload: the garbage collector need not look at them."""


Pump = Annotated[str, doc("the rig's name")]
BoardId = Annotated[str, doc("the board, for ever")]
BootId = Annotated[str, doc("which run of the board; with board_id and sequence it is a record's key")]
Time = Annotated[str, doc("UTC, ISO 8601, milliseconds")]
Note = Annotated[str, doc(NOTICE)]
PumpTimeMs = Annotated[int, doc("the pump's clock")]
Resent = Annotated[bool, doc("an earlier attempt may have arrived already")]
Redated = Annotated[
    bool | None,
    doc("(only then, true) its time replaces an earlier one of the same key, which a wrong date had given"),
]
TimeUncertain = Annotated[bool | None, doc("(only then, true) the time is doubtful, and nothing tells the right one")]
Historical = Annotated[bool, doc("did not come live from the board, or waited for the broker")]
SharedSequence = Annotated[int, doc("number within its boot; readings and events share it")]


class TimeMarks(NamedTuple):
    """What is said of a time, beside the time."""

    redated: bool | None
    time_uncertain: bool | None


def time_marks(dating: Dating | None) -> TimeMarks:
    """Nothing for a time that is as it came and sure."""
    return TimeMarks((dating and dating.redated) or None, (dating and dating.uncertain) or None)


def describe(model: type[msgspec.Struct]) -> dict[str, str]:
    """The description of each field, in their order."""
    return {field.encode_name: description(field.type) for field in msgspec.structs.fields(model)}


def description(annotation: Any) -> str:
    """What `doc` says in an annotation; empty without one."""
    if get_origin(annotation) is not Annotated:
        return ""
    return next((each.description or "" for each in get_args(annotation)[1:] if isinstance(each, msgspec.Meta)), "")


def optional(model: type[msgspec.Struct]) -> set[str]:
    """The fields that are left out where there is nothing to say."""
    return {field.encode_name for field in msgspec.structs.fields(model) if not field.required}


def composed(name: str, text: str, *parts: "type[msgspec.Struct] | tuple[str, Any]") -> type[Payload]:
    """A model whose fields are those of several parts, one after the other: single fields and whole models. Inheritance
    can only add fields at the end.
    """
    fields: list[Any] = []
    for part in parts:
        if isinstance(part, tuple):
            fields.append(part)
        else:
            for field in msgspec.structs.fields(part):
                required = (field.name, field.type)
                fields.append(required if field.required else (*required, field.default))
    model: Any = msgspec.defstruct(
        name, fields, bases=(Payload,), namespace={"__doc__": text}, frozen=True, kw_only=True
    )
    return cast(type[Payload], model)
