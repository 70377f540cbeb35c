"""Phrases that no text of warmflow uses: each with what to write in its place. Read from docs, and from the docstrings,
comments and texts of the Python code. A phrase may go over a line end.
"""

import ast
import io
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WRONG = {
    r"can not(?! only)": "cannot",
    r"told (of|once)": "reported, logged, sent",
    r"sa(ys?|id) hello": "sends HELLO, connects",
    r"(the|its|their) own words?|(disk|broker|board|daemon)'s word|the last word": "answer, error text, reason",
    r"(is|are|was|were|be) said(?! (of|by))": "reported, logged, shown",
    r"said to be": "reported as",
    r"t(akes?|ook) nothing": "accepts no data, cannot be written",
    r"hal(f a|ves of) characters?": "lone surrogate",
    r"(?<!hour )of (ours|theirs)": "of warmflow, of this daemon, supplied",
    r"(is|are) (ours|theirs)": "belongs to",
    r"(pump|board|name|port) that is no more|(is|are) no more[.;:,]": "was removed, no longer exists",
    r"in vain": "without success",
    r"(?<!- )for ever": "permanently, without limit",
    r"held against": "compared with",
    r"the house": "warmflow, this repository",
    r"of then": "at that time, recorded",
    r"no book|an ear|(?<!/)deeds?(?!/)": "the field's term",
}
PHRASES = {re.compile(rf"\b(?:{phrase})(?!\w)", re.IGNORECASE): right for phrase, right in WRONG.items()}
LEADER = re.compile(r"\s+(?:#+ )?")


def faults(text: str) -> list[str]:
    """The wrong phrases in a text, each with some words around it and with what to write."""
    plain = LEADER.sub(" ", text)
    return [
        f"{plain[max(0, found.start() - 30) : found.end() + 20]!r}: write {right}"
        for phrase, right in PHRASES.items()
        for found in phrase.finditer(plain)
    ]


def prose(source: str) -> str:
    """Comments and texts of a Python file, in their order; names and code are left out."""
    texts = [
        (node.lineno, node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    return "\n".join(text for _, text in sorted(texts + comments))


@cache
def files() -> tuple[str, ...]:
    wanted = ("*.md", "host/**/*.py", "protocol/**/*.py")
    listed = subprocess.run(["git", "ls-files", "-z", *wanted], cwd=ROOT, capture_output=True, text=True, check=True)
    # decisions and the change log are history
    return tuple(
        name for name in listed.stdout.split("\0") if name and not name.startswith(("docs/decisions/", "CHANGELOG"))
    )


JOINT = re.compile(r'"\s*\n\s*f?"')  # between the pieces of one text


def faults_of(name: str) -> list[str]:
    """Parsing is slow, so only a file whose plain source has a phrase somewhere is parsed."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if not name.endswith(".py"):
        return faults(text)
    return faults(prose(text)) if faults(JOINT.sub("", text)) else []


def test_no_text_has_a_wrong_phrase() -> None:
    assert {name: found for name in files() if (ROOT / name).is_file() and (found := faults_of(name))} == {}


def test_the_rule_looks_at_real_files() -> None:
    assert {"README.md", "docs/mqtt.md", "host/warmflow/cli/run.py", "protocol/pumplink/schema.py"} <= set(files())


@pytest.mark.parametrize(
    "text",
    [
        "It can\nnot be read.",
        "# the board can\n    # not answer",
        "A token is no book.",
        "What it did not take is lost, and has to be said.",
        "It was never told of.",
        "in the broker's word",
        "a pump that is no more",
    ],
)
def test_a_wrong_phrase_is_seen(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize("text", ["It cannot be read.", "no more than three", "can not only read", "the board's text"])
def test_a_good_one_is_not(text: str) -> None:
    assert not faults(text)


def test_names_are_not_prose() -> None:
    assert prose('def is_said(deed):\n    """A text."""\n    return "x"  # a comment\n') == "A text.\n# a comment"
