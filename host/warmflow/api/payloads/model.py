"""The common base of the payload models. A model is the only description of its message: the JSON, the tables of
docs/mqtt.md, the reader of `warmflow watch` and the schemas of the HTTP API are all made from it.

A field without a default is always present, as `null` if its type allows it. A field with the default None is left out
if it does not apply; its description then begins with the condition in brackets. The order of the fields is the order
in the JSON.
"""

from typing import Annotated, Any, NamedTuple, cast, get_args, get_origin

import msgspec

from warmflow.device.host_clock import Dating
from warmflow.notice import NOTICE


def doc(text: str) -> msgspec.Meta:
    """The description of a field, for `Annotated`."""
    return msgspec.Meta(description=text)


class Payload(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of all models. Payloads contain no reference cycles, so the garbage collector does not track them."""


Pump = Annotated[str, doc("the rig's name")]
BoardId = Annotated[str, doc("the board's permanent id")]
BootId = Annotated[str, doc("the boot of the board; with board_id and sequence it is the key of a record")]
Time = Annotated[str, doc("UTC, ISO 8601, milliseconds")]
Note = Annotated[str, doc(NOTICE)]
PumpTimeMs = Annotated[int, doc("the pump's clock")]
Resent = Annotated[bool, doc("the record may have been published before: count by the key")]
Redated = Annotated[
    bool | None,
    doc("(only then, true) corrects the time that was published before under the same key, from a wrong date"),
]
TimeUncertain = Annotated[bool | None, doc("(only then, true) the time is probably wrong and cannot be corrected")]
Historical = Annotated[bool, doc("did not come live from the board, or waited for the broker")]
SharedSequence = Annotated[int, doc("number within its boot; readings and events share it")]


class OfBoot(Payload, frozen=True, kw_only=True):
    """Base of what belongs to one boot of a board; these fields come first."""

    pump: Pump
    board_id: BoardId
    boot: BootId


class TimeMarks(NamedTuple):
    """Marks that belong to a time."""

    redated: bool | None
    time_uncertain: bool | None


def time_marks(dating: Dating | None) -> TimeMarks:
    """No marks for a time that was not corrected and is certain."""
    return TimeMarks((dating and dating.redated) or None, (dating and dating.uncertain) or None)


def describe(model: type[msgspec.Struct]) -> dict[str, str]:
    """The description of each field, in their order."""
    return {field.encode_name: description(field.type) for field in msgspec.structs.fields(model)}


def description(annotation: Any) -> str:
    """The text that `doc` gave an annotation; empty without one."""
    if get_origin(annotation) is not Annotated:
        return ""
    return next((each.description or "" for each in get_args(annotation)[1:] if isinstance(each, msgspec.Meta)), "")


def optional(model: type[msgspec.Struct]) -> set[str]:
    """The fields that are left out if they do not apply."""
    return {field.encode_name for field in msgspec.structs.fields(model) if not field.required}


def composed(name: str, text: str, *parts: "type[msgspec.Struct] | tuple[str, Any]") -> type[Payload]:
    """A model with the fields of several parts in order: single fields and whole models. (Inheritance can only add
    fields at the end.)
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
