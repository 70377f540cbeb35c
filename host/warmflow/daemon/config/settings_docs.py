"""docs/settings.md's tables and the annotated example file, from the models. It writes nothing by itself.

`replaced` keeps what people wrote around the tables.
"""

import textwrap
from collections.abc import Iterator

from warmflow.daemon.config.keys import KEYS, SECTIONS, Key, shown
from warmflow.daemon.config.load import FLAGS
from warmflow.runtime.model_tables import between_marks, value_words

BEGIN, END = "<!-- settings: made from the models by `make generate`, do not edit -->", "<!-- end of settings -->"
EXAMPLE_HEAD = """\
# Settings of `warmflow run`. Lines that are commented out show the defaults.
# `warmflow check-config THIS_FILE` tells whether it is right, and what is in force.
"""


def replaced(page: str) -> str:
    """The page with new tables. Raises ValueError if it lacks the marks."""
    return between_marks(page, BEGIN, END, _tables())


def example() -> str:
    """A file with every key, commented out, with what it does."""
    lines = [EXAMPLE_HEAD]
    for section, keys in sections().items():
        if section:
            lines += [_comment(_says(section)), f"[{section}]"]
        for key in keys:
            default = key.field.get_default(call_default_factory=True)
            value = "..." if default is None else shown(default)
            if key.secret:
                lines += [_comment(f"{key.description} The variable is {key.variable}.")]
            else:
                lines += [_comment(key.description), f"#{key.name} = {value}"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def sections() -> dict[str, list[Key]]:
    """The keys of each section, the top level first."""
    found: dict[str, list[Key]] = {}
    for key in KEYS.values():
        found.setdefault(key.section, []).append(key)
    return found


def _says(section: str) -> str:
    return " ".join((SECTIONS[section].__doc__ or "").split())


def _tables() -> Iterator[str]:
    for section, keys in sections().items():
        says = _says(section) if section else "At the top of the file, above all sections."
        yield from ("", f"## {f'`[{section}]`' if section else 'Top level'}", "", says, "")
        yield from ("| key | value | default | what it does |", "|---|---|---|---|")
        yield from (_row(key) for key in keys)
    yield ""
    yield from ("## Environment variables and flags", "")
    yield from ("| key | environment variable | flag of `warmflow run` |", "|---|---|---|")
    yield from (
        f"| `{key.dotted}` | `{key.variable}` | {f'`{FLAGS[key.dotted]}`' if key.dotted in FLAGS else ''} |"
        for key in KEYS.values()
    )
    yield ""


def _row(key: Key) -> str:
    default = key.field.get_default(call_default_factory=True)
    value = "" if default is None else f"`{shown(default)}`"
    return f"| `{key.name}` | {value_words(key.field, shown)} | {value} | {key.description} |"


def _comment(text: str) -> str:
    return textwrap.fill(text, 110, initial_indent="# ", subsequent_indent="# ")
