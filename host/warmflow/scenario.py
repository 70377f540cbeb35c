"""Exposures as data: what happens to the body, when, and what is expected to follow. See scenarios/*.toml.

Times are minutes of pump time after the first rest. Unknown keys are refused by name.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pumplink import messages as m
from warmflow.errors import Mendable


class ScenarioError(Mendable):
    """A scenario can not be used; the text names file and key."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exposure(_Strict):
    """What the body is exposed to from `at_min` on; then it returns to rest by itself."""

    at_min: float = Field(ge=0)
    duration_min: float = Field(gt=0)
    skin_c: float | None = Field(None, ge=0, le=50)
    core_c: float | None = Field(None, ge=30, le=45, description="reached on a straight line at the end")
    ambient_kpa: float | None = Field(None, ge=20, le=1000)
    outlet_kpa: float | None = Field(None, ge=0, le=100)

    def command(self, request_id: int) -> m.SetEnvironment:
        return m.SetEnvironment(
            request_id,
            round(self.duration_min * 60),
            *(None if value is None else round(value * 1000) for value in (self.skin_c, self.core_c)),
            *(None if value is None else round(value * 1000) for value in (self.ambient_kpa, self.outlet_kpa)),
        )


class Expected(_Strict):
    """The outcome with R-11 and the average body, from the literature, never from the code under test."""

    peak_percent: tuple[float, float] = Field(description="limits of the largest deviation from the reference rate")
    level: str
    cause: str


class Scenario(_Strict):
    title: str
    why: str
    illustrates: str = Field(description="statement of a source document")
    rest_before_min: float = Field(ge=0)
    rest_after_min: float = Field(ge=0, description="after the end of the last exposure")
    exposure: tuple[Exposure, ...]
    expected: Expected

    @property
    def length_min(self) -> float:
        ends = [exposure.at_min + exposure.duration_min for exposure in self.exposure]
        return self.rest_before_min + max(ends, default=0) + self.rest_after_min


def built_in() -> dict[str, Path]:
    """The scenarios that come with the program, by name."""
    folder = Path(str(resources.files("warmflow"))) / "scenarios"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load(name: str) -> Scenario:
    """A built-in scenario by name, or a file by path. Raises ScenarioError."""
    known = built_in()
    path = known.get(name, Path(name))
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text())
        return Scenario(**values)
    except OSError:
        raise ScenarioError(f"{name}: no such scenario; known are {', '.join(known)}, or give a file") from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors())
        raise ScenarioError(f"{path}: {problems}") from None
