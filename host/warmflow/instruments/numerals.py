"""Texts of a file as numbers: which sign is the decimal one is found from the whole file, and never guessed.

`1.002` may be about one or a thousand and two. It is taken only where another number of the file tells, or the tester.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from warmflow.instruments import no_value
from warmflow.instruments.columns import Column

Decimal = Literal["point", "comma"]
NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)*|[.,]\d+)(?:[eE][+-]?\d+)?")
GROUPED_POINT = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
GROUPED_COMMA = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
BLANKS = re.compile("(?<=\\d)[ \u00a0\u202f\u2009'’](?=\\d{3}(?:\\D|$))")  # thousands, as SI and the Swiss write them
MINUS = str.maketrans({"−": "-", "\u2013": "-", "＋": "+"})
AFTER_SIGN = re.compile(r"(?<=[+-])\s+(?=[\d.,])")  # balances print a sign apart from the digits
SOME = 2000  # texts of a column that are looked at for the decimal sign, beside its last ones


SAY_WHICH = "say which sign is decimal: --decimal point or --decimal comma"
ONE_SIGN = "save the file with one decimal sign"


class Signs(NamedTuple):
    """What a column tells of its decimal sign. Rows are those of the first such text, None where there is none."""

    point: int | None  # can only be a decimal point
    comma: int | None
    either_point: int | None  # 1.002
    either_comma: int | None  # 1,002


class Unsure(Exception):
    """A text that may be two numbers. `row` is its row; `remedy` says what the tester can do."""

    def __init__(self, row: int, text: str, why: str, remedy: str = SAY_WHICH) -> None:
        super().__init__(why)
        self.row, self.text, self.why, self.remedy = row, text, why, remedy


def cleaned(text: str) -> str:
    """Without blanks and with a plain minus."""
    text = text.strip().translate(MINUS)
    return AFTER_SIGN.sub("", BLANKS.sub("", text)) if not text.isascii() or " " in text or "'" in text else text


def signs(texts: Sequence[str]) -> Signs:
    """Looks at the texts of one column."""
    found: dict[str, int | None] = {"point": None, "comma": None, "either_point": None, "either_comma": None}
    one_sign = "," not in "\n".join(texts)  # then the first certain text tells all
    for row, text in enumerate(texts):
        if one_sign and found["point"] is not None:
            break
        if "." not in text and "," not in text:
            continue
        text = cleaned(text)
        if not NUMBER.fullmatch(text):
            continue
        kind = _kind(text)
        if found[kind] is None:
            found[kind] = row
    return Signs(**found)


def _kind(text: str) -> str:
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return "point" if text.rindex(".") > text.rindex(",") else "comma"
    if points > 1:
        return "comma"  # 1.234.567 groups with points, so its decimal sign is the comma
    if commas > 1:
        return "point"
    if points:
        return "either_point" if GROUPED_POINT.fullmatch(text) else "point"
    return "either_comma" if GROUPED_COMMA.fullmatch(text) else "comma"


def decimal_of(columns: Sequence[tuple[str, Sequence[str]]], delimiter: str) -> Decimal:
    """The decimal sign of a file from its named columns of numbers. Raises Unsure with the row.

    Evidence of one column holds for the file. Without any, a grouped-looking number is taken as a decimal one only
    where the other numbers of its column lie beside it.
    """
    each = [(name, texts, signs(texts)) for name, texts in columns]
    points = [name for name, _, one in each if one.point is not None]
    commas = [(texts, one.comma) for _, texts, one in each if one.comma is not None]
    if points and commas:
        texts, row = commas[0]
        raise Unsure(row, texts[row], f"a decimal comma, but {points[0]} has a decimal point", ONE_SIGN)
    if points:
        for _, texts, one in each:
            if one.either_comma is not None and delimiter != ",":
                raise Unsure(one.either_comma, texts[one.either_comma], "a comma among decimal points")
        return "point"
    if commas:
        return "comma"
    for _, texts, one in each:
        for sign, either in ((".", one.either_point), (",", one.either_comma)):
            if either is not None:
                return _by_neighbours(texts, either, sign, delimiter)
    return "point"


def _by_neighbours(texts: Sequence[str], row: int, sign: str, delimiter: str) -> Decimal:
    """The sign is decimal if whole numbers of the same column lie beside the number so read. Without such a point is,
    except between semicolons: who writes those may group with points.
    """
    whole = [float(cleaned(text)) for text in texts if re.fullmatch(r"[+-]?\d+", cleaned(text))]
    as_decimal = float(cleaned(texts[row]).replace(",", "."))
    if whole:
        room = max(whole) - min(whole) + 1.0
        near = [min(whole) - room <= value <= max(whole) + room for value in (as_decimal, 1000 * as_decimal)]
        if near == [True, False]:
            return "point" if sign == "." else "comma"
    elif sign == "." and delimiter != ";":
        return "point"
    raise Unsure(row, texts[row], f"may be {as_decimal:g} or {1000 * as_decimal:g}")


class Parsed(NamedTuple):
    """Values, NaN where the instrument had none; `words` counts those by their text. `step`: one of the last place."""

    values: Column
    words: dict[str, int]
    step: float | None


class NoNumber(Exception):
    """A text that is neither a number nor a word for none."""

    def __init__(self, row: int, text: str) -> None:
        super().__init__(text)
        self.row, self.text = row, text


def parsed(texts: Sequence[str], decimal: Decimal, is_temperature: bool = False, is_time: bool = False) -> Parsed:
    """A column as numbers. Raises NoNumber. A time has no numbers that stand for "no value"."""
    texts = list(texts)
    words: dict[str, int] = {}
    try:  # the fast way; float() takes digits with underscores, too, which no instrument writes
        if decimal == "comma" or "_" in "".join(texts):
            raise ValueError
        values = np.array(list(map(float, texts)))
    except ValueError:
        values = np.array([_number(row, text, decimal, words) for row, text in enumerate(texts)])
    for row in np.flatnonzero(np.isnan(values)).tolist():
        words.setdefault(texts[row].strip(), 0)
    found = no_value.Found(values, {}) if is_time else no_value.without_codes(texts, values, is_temperature)
    for word in words:
        words[word] = sum(1 for text in texts if text.strip() == word)
    return Parsed(found.values, words | found.words, _step(texts, decimal))


def _number(row: int, text: str, decimal: Decimal, words: dict[str, int]) -> float:
    text = cleaned(text)
    if no_value.is_word(text):
        words[text] = 0
        return float("nan")
    if not NUMBER.fullmatch(text):
        raise NoNumber(row, text)
    point, group = (".", ",") if decimal == "point" else (",", ".")
    plain = text
    if group in text:
        grouped = GROUPED_COMMA if group == "," else GROUPED_POINT
        if not grouped.fullmatch(text):
            raise NoNumber(row, text)
        plain = text.replace(group, "")
    try:
        return float(plain.replace(point, "."))
    except ValueError:
        raise NoNumber(row, text) from None


def _step(texts: Sequence[str], decimal: Decimal) -> float | None:
    """One unit of the last place that is written, in the first texts of the column."""
    point = "." if decimal == "point" else ","
    places = [len(text.strip().partition(point)[2]) for text in texts[:SOME] if "e" not in text.lower()]
    return 10.0 ** -max(places) if places else None
