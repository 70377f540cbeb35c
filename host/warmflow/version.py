"""The version of this program, as it was installed."""

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """As in pyproject.toml; "unknown" for a copy that was not installed."""
    try:
        return metadata.version("warmflow")
    except metadata.PackageNotFoundError:
        return "unknown"
