"""The keys of the settings (`section.key`), their environment variables, and the nearest key to a typo.

Loading, checking and documentation use this one table, so they cannot differ.
"""

from typing import Any, NamedTuple

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from warmflow.daemon.config.model import Settings
from warmflow.runtime.text import nearest

PREFIX = "WARMFLOW_"
# variables of warmflow that are not settings of the daemon
OTHER_VARIABLES = {"WARMFLOW_CONFIG", "WARMFLOW_UF2", "WARMFLOW_CI", "WARMFLOW_CHROMIUM"}


class Key(NamedTuple):
    """One setting: `section` is empty at the top level."""

    section: str
    name: str
    field: FieldInfo

    @property
    def dotted(self) -> str:
        return f"{self.section}.{self.name}".removeprefix(".")

    @property
    def variable(self) -> str:
        return PREFIX + self.dotted.replace(".", "_").upper()

    @property
    def description(self) -> str:
        return self.field.description or ""

    @property
    def secret(self) -> bool:
        return "SecretStr" in repr(self.field.annotation)

    def value(self, settings: Settings) -> Any:
        """Its value."""
        holder: Any = getattr(settings, self.section) if self.section else settings
        return getattr(holder, attribute(type(holder), self.name))


def attribute(model: type[BaseModel], name: str) -> str:
    """The attribute of a key. The names differ if pydantic reserves the name."""
    return next(own for own, field in model.model_fields.items() if name in (own, field.alias))


def _keys() -> list[Key]:
    found = []
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            found += [Key(name, inner.alias or own, inner) for own, inner in SECTIONS[name].model_fields.items()]
        else:
            found.append(Key("", name, field))
    return found


SECTIONS: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}
KEYS = {key.dotted: key for key in _keys()}
VARIABLES = {key.variable: key for key in KEYS.values()}


def nearest_key(dotted: str) -> str | None:
    """The key that was probably meant: the same name in another section, or the closest spelling."""
    last = dotted.rpartition(".")[2]
    same = [key for key in KEYS if key.rpartition(".")[2] == last]
    alike = (key for key in KEYS if nearest(last, [key.rpartition(".")[2]], 0.75))
    return next(iter(same), None) or nearest(dotted, [*KEYS, *SECTIONS]) or next(alike, None)


def nearest_variable(variable: str) -> str | None:
    near = nearest(variable.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in VARIABLES])
    return PREFIX + near if near else None


def shown(value: Any) -> str:
    """A value in TOML syntax; a secret as asterisks."""
    match value:
        case None:
            return "-"
        case SecretStr():
            return "********"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:_}" if isinstance(value, int) and value >= 100_000 else f"{value}"
        case tuple() | list():
            return "[" + ", ".join(shown(each) for each in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {shown(each)}" for key, each in value.items()) + "}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
