"""What is in force and why: the settings as TOML, each line with where its value came from. Secrets are stars."""

from collections.abc import Iterator
from pathlib import Path

from warmflow.daemon.config.keys import shown
from warmflow.daemon.config.load import DEFAULT, Loaded
from warmflow.daemon.config.settings_docs import sections

WIDTH = 44


def effective(loaded: Loaded) -> str:
    """One line a key, in the order of the documentation."""
    return "\n".join(_lines(loaded))


def _lines(loaded: Loaded) -> Iterator[str]:
    yield f"# {source(loaded.file)}"
    for section, keys in sections().items():
        if section:
            yield from ("", f"[{section}]")
        for key in keys:
            value, origin = key.value(loaded.settings), loaded.origin(key.dotted)
            if key.secret and (file := loaded.origin("broker.password_file")) != DEFAULT:
                value, origin = loaded.settings.broker.secret(), f"the file that {file} names"
            line = f"{key.name} = {shown(value)}"
            yield f"{'# ' if value is None or key.secret else ''}{line:{WIDTH}}  # {origin}"


def source(file: Path | None) -> str:
    """Which file was read, in words for the log."""
    return f"settings from {file}" if file else "no settings file: defaults, environment and flags"
