"""Loads the settings from a TOML file, then environment variables, then flags; each overrides the one before. The
origin of each value is recorded.

pydantic-settings is not used, because it does not record the origin of a value, silently ignores a misspelt environment
variable, and reads a list in a variable as JSON. This loader refuses unknown keys and variables, with the nearest name.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import site_config_path, user_config_path
from pydantic import ValidationError

from warmflow.daemon.config.keys import (
    KEYS,
    OTHER_VARIABLES,
    PREFIX,
    SECTIONS,
    VARIABLES,
    nearest_key,
    nearest_variable,
)
from warmflow.daemon.config.model import Settings
from warmflow.errors import UserError
from warmflow.runtime.text_file import NotParsed, TextFileError, read_toml
from warmflow.runtime.validation_text import fault_words

FILE_NAME = "warmflow.toml"
DEFAULT = "default"
FLAGS = {
    "port": "--port",
    "broker.url": "--broker",
    "broker.port": "--broker-port",
    "journal.file": "--journal",
    "mqtt.base_topic": "--base-topic",
    "http.listen": "--listen",
    "record.folder": "--record",
}
WORDS = {  # texts about TOML; all others are in runtime.validation_text
    "dict_type": "needs a table: {{ name = value }}",
    "string_type": "needs a text in quotes",
    "tuple_type": 'needs a list of texts: ["...", "..."]',
    "path_type": "needs a path in quotes",
    "literal_error": "may be {expected}",
}


class ConfigError(UserError):
    """The settings are invalid; the text names file, key and what is allowed."""


@dataclass(frozen=True)
class Loaded:
    """Settings, the file that was read, and the origin of each key that was set."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, str]

    def origin(self, key: str) -> str:
        return self.origins.get(key, DEFAULT)


def default_file() -> Path | None:
    """The file that is read if none is named: the user's, else the system's; None if neither exists."""
    folders = (user_config_path("warmflow"), site_config_path("warmflow"))
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def user_settings_file() -> Path:
    """Path of the user's settings, whether or not the file exists."""
    return user_config_path("warmflow") / FILE_NAME


def load(file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Loaded:
    """Merges all three in order. A flag that is None was not given. The keys of `flags` and `origins` are
    `section.key`.

    Raises: ConfigError, with every fault that was found.
    """
    values, origins = _standing(file, environment)
    for key, value in flags.items():
        if value is not None:
            _put(values, origins, key, value, FLAGS.get(key, key))
    if origins.get("broker.password", PREFIX).startswith(PREFIX):
        return Loaded(_checked(values, origins, file), file, origins)
    raise ConfigError(
        f"{origins['broker.password']}: broker.password: others can read it there; "
        "name a file as broker.password_file, or set WARMFLOW_BROKER_PASSWORD"
    )


def journal_file(named: Path | None, environment: Mapping[str, str] | None = None) -> Path:
    """The named journal, or the one that `warmflow run` would use with the settings in force here.

    The other settings are not checked: a certificate that only the daemon may read must not prevent finding the
    journal. Raises ConfigError.
    """
    if named:
        return named
    environment = os.environ if environment is None else environment
    file = chosen_file(None, environment)
    values, origins = _standing(file, environment)
    of_journal: dict[str, Any] = {key: values[key] for key in ("state_dir", "journal") if key in values}
    return _checked(of_journal, origins, file).journal_file()


def _standing(file: Path | None, environment: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the file, overridden by the environment, and the origin of each."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, value in _read(file).items() if file else ():
        _put(values, origins, key, value, str(file))
    for key, value, variable in _variables(environment):
        _put(values, origins, key, value, variable)
    return values, origins


def _checked(values: dict[str, Any], origins: Mapping[str, str], file: Path | None) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigError("; ".join(_words(problem, origins, file) for problem in error.errors())) from None


def _put(values: dict[str, Any], origins: dict[str, str], key: str, value: Any, origin: str) -> None:
    """Sets `section.key`, or a whole section."""
    section, dot, name = key.partition(".")
    if not dot and isinstance(value, dict) and section in SECTIONS:
        for inner, each in value.items():
            _put(values, origins, f"{section}.{inner}", each, origin)
    elif not dot:
        values[key], origins[key] = value, origin
    else:
        inside = values.setdefault(section, {})
        if isinstance(inside, dict):
            inside[name], origins[key] = value, origin


def _read(file: Path) -> dict[str, Any]:
    try:
        return read_toml(file)
    except NotParsed as error:
        raise ConfigError(str(error)) from None
    except TextFileError as error:
        raise ConfigError(f"{error}; --config names another file") from None


def _variables(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for variable, value in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable in OTHER_VARIABLES or not value:
            continue
        if variable not in VARIABLES:
            near = nearest_variable(variable)
            hint = f"did you mean {near}?" if near else "docs/settings.md lists all of them"
            raise ConfigError(f"{variable}: unknown environment variable; {hint}")
        found.append((VARIABLES[variable].dotted, value, variable))
    return found


def _words(problem: Any, origins: Mapping[str, str], file: Path | None) -> str:
    """One fault: its origin, the key, what is wrong and what is allowed."""
    parts = [str(part) for part in problem["loc"]]
    key = ".".join(parts[:2] if parts[0] in SECTIONS else parts[:1])
    where = origins.get(key) or ", ".join(sorted({origins[name] for name in origins if name.startswith(key + ".")}))
    prefix = f"{where}: " if where else ""
    if problem["type"] == "extra_forbidden":
        near = nearest_key(key)
        kind = "section" if isinstance(problem["input"], dict) and len(parts) == 1 else "key"
        return f"{prefix}{key}: unknown {kind}; " + (f"did you mean {near}?" if near else "docs/settings.md lists all")
    name = key + "".join(f".{part}" for part in parts[2:] if not part.startswith("["))
    if problem["type"] == "model_type":
        return f"{prefix}{name}: is a section; write [{key}] on a separate line, and its keys below it"
    is_secret = key in KEYS and KEYS[key].secret
    return f"{prefix}{name}: {fault_words(problem, words=WORDS, is_secret=is_secret)}"


def chosen_file(named: Path | None, environment: Mapping[str, str] | None = None) -> Path | None:
    """The file to read: the named one, else that of WARMFLOW_CONFIG, else the default file if it exists."""
    variable = (os.environ if environment is None else environment).get("WARMFLOW_CONFIG")
    return named or (Path(variable) if variable else default_file())
