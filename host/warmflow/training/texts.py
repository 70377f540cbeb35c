"""The catalogue of texts: everything that a page shows and no lesson's file has. A key that is missing is an error.

One file a language; a translation is checked against the English one: the same keys, the same words in braces.
"""

import string
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from warmflow.errors import UserError
from warmflow.runtime.text_file import parse_toml


class TextMissing(UserError):
    """The catalogue lacks a key, or a text lacks one of its words."""


class Texts:
    """Texts by dotted key."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found

    def __call__(self, key: str, /, **words: object) -> str:
        """The text with its words filled in. Raises TextMissing."""
        if key not in self._found:
            raise TextMissing(f"texts.toml: {key}: no such text; add it there")
        try:
            return self._found[key].format(**words)
        except (KeyError, IndexError) as error:
            raise TextMissing(f"texts.toml: {key}: nobody gives {error} to it") from None

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def all(self) -> dict[str, str]:
        """By key, as the page gets them."""
        return dict(self._found)


@cache
def texts() -> Texts:
    """The English catalogue."""
    content = (resources.files("warmflow.training") / "texts.toml").read_text(encoding="utf-8")
    return Texts(flat(parse_toml(content, "texts.toml")))


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Tables in tables as dotted keys. Raises TextMissing for what is no text, or an empty one."""
    found: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= flat(value, f"{above}{key}.")
        elif isinstance(value, str) and value.strip():
            found[above + key] = value
        else:
            raise TextMissing(f"{above}{key}: a text is needed, not {value!r}")
    return found


def faults(translation: Mapping[str, str], original: Mapping[str, str]) -> Iterator[str]:
    """What a translation lacks, has too much, or fills in otherwise; nothing if it fits."""
    for key in original.keys() - translation.keys():
        yield f"{key}: not translated"
    for key in translation.keys() - original.keys():
        yield f"{key}: nobody shows it"
    for key in original.keys() & translation.keys():
        if words_in(translation[key]) != words_in(original[key]):
            yield f"{key}: its words in braces are {sorted(words_in(original[key]))}"


def words_in(text: str) -> set[str]:
    """The words in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
