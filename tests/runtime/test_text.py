"""Text of strangers made printable, the nearest name, and pydantic's faults in words: each rule once, for all users."""

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warmflow.runtime.text import did_you_mean, nearest, printable, printable_value, single_line
from warmflow.runtime.validation_text import fault_words, key_of, keys_at

any_text = st.text(st.characters(codec=None, exclude_categories=()))  # lone surrogates, too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("37.2 °C, µL/h, −4 %", "37.2 °C, µL/h, −4 %"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nb\tc\0", "a\\r\\nb\\tc\\x00"),
        ("abc\u202edcba\u2066", "abc\\u202edcba\\u2066"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
        ("half \udc80", "half \\udc80"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_as_its_escape(text, shown):
    assert printable(text) == shown


@given(any_text, st.integers(3, 40))
def test_printable_text_is_printable_encodable_and_within_its_limit(text, limit):
    for shown in (printable(text), printable(text, limit), printable_value(text, limit), single_line(text)):
        assert shown.isprintable()
        assert isinstance(shown.encode(), bytes)  # a lone surrogate would raise
        assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(printable(text, limit)) <= limit


@given(any_text)
def test_what_is_printable_stays_as_it_is(text):
    assert printable(printable(text)) == printable(text)


def test_a_cut_never_leaves_half_an_escape():
    assert printable("abcdefgh", 8) == "abcdefgh"
    assert printable("abcdefghi", 8) == "abcde..."
    assert [printable("ab\x1b\x1b\x1b", limit) for limit in (8, 9, 10)] == ["ab...", "ab\\x1b...", "ab\\x1b..."]


def test_a_value_that_python_can_not_write_is_named_by_its_type():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert printable_value(nested) == "this list"
    assert printable_value(10**5000) == "this int"
    assert printable_value("20") == "'20'"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("  Kim \t Lee\n", "Kim Lee"), ("two\nlines", "two lines"), ("a\u00a0b", "a b"), ("\x1b\u202e\udc80", "")],
)
def test_what_a_person_typed_is_stored_as_one_line(typed, stored):
    assert single_line(typed) == stored


def test_the_nearest_name_or_all_of_them_in_their_order():
    known = ["rest", "peak", "after"]
    assert nearest("peek", known) == "peak"
    assert nearest("zz", known) is None
    assert did_you_mean("peek", known) == "did you mean peak?"
    assert did_you_mean("zz", known) == "known are rest, peak, after"
    assert did_you_mean("zz", ()) == "there are none"
    assert "\x1b" not in did_you_mean("zz", ["a\x1b"])


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Bath(Strict):
    kind: Literal["bath"]
    skin_c: float = Field(41, gt=0, le=50, allow_inf_nan=False)


class Refill(Strict):
    kind: Literal["refill"]
    volume_ml: int = Field(ge=1, lt=1_000_000)


class Run(Strict):
    title: str = Field("a run", min_length=1, max_length=20)
    fluid: Literal["drug", "saline"] = "drug"
    dry: bool = False
    marks: list[int] = Field([1], min_length=1)
    event: list[Annotated[Bath | Refill, Field(discriminator="kind")]] = Field(default_factory=list)


TAGS = {"bath": Bath, "refill": Refill}


def wrong(**fields: object) -> tuple[str, str]:
    """Key and words of the one fault."""
    with pytest.raises(ValidationError) as caught:
        Run.model_validate(fields)
    [problem] = caught.value.errors()
    return key_of(problem["loc"], TAGS), fault_words(problem, keys_at(Run, problem["loc"], TAGS))


@pytest.mark.parametrize(
    ("fields", "key", "words"),
    [
        ({"titel": "x"}, "titel", "unknown key; did you mean title?"),
        ({"zz": 1}, "zz", "unknown key; known are title, fluid, dry, marks, event"),
        ({"title": ""}, "title", "may not be empty, not ''"),
        ({"title": 7}, "title", "has to be a text, not 7"),
        ({"title": "x" * 21}, "title", f"is too long: at most 20 characters, not '{'x' * 21}'"),
        ({"fluid": "salin"}, "fluid", "'salin' is not known; did you mean saline?"),
        ({"fluid": 3}, "fluid", "'3' is not known; known are drug, saline"),
        ({"dry": "yes"}, "dry", "has to be true or false, not 'yes'"),
        ({"marks": 3}, "marks", "has to be a list, not 3"),
        ({"marks": []}, "marks", "has 0: at least 1 needed"),
        ({"marks": [1, 2.5]}, "marks.2", "has to be a whole number, not 2.5"),
        ({"event": [7]}, "event.1", "has to be an object, not 7"),
        ({"event": [{}]}, "event.1", "'kind' is missing"),
        ({"event": [{"kind": "bth"}]}, "event.1", "'bth' is not known; did you mean bath?"),
        ({"event": [{"kind": "bath", "skinc": 4}]}, "event.1.skinc", "unknown key; did you mean skin_c?"),
        ({"event": [{"kind": "bath", "skin_c": 51}]}, "event.1.skin_c", "has to be 50 or less, not 51"),
        ({"event": [{"kind": "bath", "skin_c": 0}]}, "event.1.skin_c", "has to be more than 0, not 0"),
        ({"event": [{"kind": "bath", "skin_c": float("inf")}]}, "event.1.skin_c", "has to be a finite number, not inf"),
        ({"event": [{"kind": "refill"}]}, "event.1.volume_ml", "is missing"),
        ({"event": [{"kind": "refill", "volume_ml": 0}]}, "event.1.volume_ml", "has to be 1 or more, not 0"),
        (
            {"event": [{"kind": "refill", "volume_ml": 1_000_000}]},
            "event.1.volume_ml",
            "has to be less than 1000000, not 1000000",
        ),
    ],
)
def test_each_fault_of_a_value_is_named_with_its_key_and_what_is_allowed(fields, key, words):
    assert wrong(**fields) == (key, words)


def test_a_secret_is_not_shown_and_own_words_go_before_those_of_the_table():
    with pytest.raises(ValidationError) as caught:
        Run.model_validate({"title": 31337})
    [problem] = caught.value.errors()
    assert fault_words(problem, is_secret=True) == "has to be a text"
    assert fault_words(problem, words={"string_type": "needs quotes"}) == "needs quotes, not 31337"


HOST = Path(__file__).resolve().parents[2] / "host" / "warmflow"
# what only these modules do: a pattern of source, and where it may be
ONCE = {
    # watch's reader does not use `printable` yet
    r"(char|each)\.isprintable\(\) else": {"runtime/text.py", "cli/watch/parse_payloads.py"},
    r"Value error, |\[.msg.\]": {"runtime/validation_text.py"},
    r"typer\.progressbar|from rich\.progress|\\r\S*\[": {"runtime/progress_bar.py"},
    r"cannot be written:": {"runtime/output_rules.py", "runtime/console.py"},
}


@pytest.mark.parametrize("pattern", ONCE)
def test_what_is_there_once_is_not_written_a_second_time(pattern):
    found = {
        path.relative_to(HOST).as_posix()
        for path in HOST.rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }
    assert found - ONCE[pattern] == set()
    assert found


def test_an_empty_pattern_would_be_seen():
    assert re.search(next(iter(ONCE)), 'char if char.isprintable() else "?"')
