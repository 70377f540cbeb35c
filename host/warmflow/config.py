"""Settings of the daemon: a TOML file, environment variables over it, flags over both. Unknown keys are refused by
name.
"""

import difflib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warmflow.errors import Mendable

EMBEDDED = "embedded"


class ConfigError(Mendable):
    """The settings are wrong; the text names file, key and what is allowed."""


class Settings(BaseModel):
    """What `warmflow run` does. The descriptions are the documentation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: tuple[str, ...] = Field(
        (), description="Serial ports: paths, USB serial numbers of Picos, or URLs of pyserial. Default: every Pico."
    )
    broker: str | None = Field(
        None,
        description="mqtt://[user:password@]host[:port], mqtts://..., or 'embedded' for the one that comes with this "
        "program. Default: mosquitto from PATH, else embedded.",
    )
    broker_port: int | None = Field(
        None, ge=1, le=65535, description="Port of a broker started here. Default: a free one."
    )
    base_topic: str = Field(
        "warmflow", min_length=1, pattern=r"^[^#+/][^#+]*$", description="First part of every topic."
    )
    journal: Path | None = Field(None, description="File of the durable log. Default: in this user's state folder.")
    state_dir: Path | None = Field(None, description="Where a broker started here keeps what it has to keep.")


ENVIRONMENT = {f"WARMFLOW_{name.upper()}": name for name in Settings.model_fields}


def load(file: Path | None, environment: dict[str, str], flags: dict[str, Any]) -> Settings:
    """Settings from all three; a flag that is None was not given. Raises ConfigError."""
    values = _read(file) if file else {}
    given = {name: environment[variable] for variable, name in ENVIRONMENT.items() if variable in environment}
    values |= given | ({"port": tuple(given["port"].split(","))} if "port" in given else {})
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigError("; ".join(_words(problem, file) for problem in error.errors())) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None


def _words(problem: Any, file: Path | None) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    where = f"{file}: " if file else ""
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, Settings.model_fields, 1)
        return f"{where}{key}: unknown key" + (f"; did you mean {near[0]}?" if near else "")
    return f"{where}{key}: {problem['msg']}"
