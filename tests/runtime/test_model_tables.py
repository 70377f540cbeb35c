"""Tables of a model's keys for the pages, whoever's model it is."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from warmflow.runtime.model_tables import between_marks, key_tables, value_words


class Bath(BaseModel):
    """One row of a file."""

    skin_c: float = Field(gt=0, le=50, description="how warm")


class Run(BaseModel):
    """A file."""

    title: str = Field(description="its title")
    raw_bytes: int = Field(1_000_000, ge=1_000_000, description="how much")
    fluid: Literal["drug", "saline"] | None = Field(None, description="what flows")
    range: tuple[float, float] | None = Field(None, description="from, to")
    marks: tuple[int, ...] = Field((), description="where")
    places: tuple[Annotated[Literal["skin", "water"], "word"], ...] = Field((), description="of what")
    event: tuple[Bath, ...] = Field((), description="what happens")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("title", "text"),
        ("raw_bytes", "whole number from 1000000"),
        ("fluid", "`drug` or `saline`"),
        ("range", "[low, high]"),
        ("marks", "list of whole numbers"),
        ("places", "list of: `skin` or `water`"),
        ("event", "tables"),
    ],
)
def test_a_key_is_described_by_its_type_and_limits(name, words):
    assert value_words(Run.model_fields[name]) == words


def test_choices_may_be_written_otherwise_or_have_a_name():
    fluid = Run.model_fields["fluid"]
    assert value_words(fluid, written=repr) == "`'drug'` or `'saline'`"
    assert value_words(fluid, named={("drug", "saline"): "a fluid"}) == "a fluid"


def test_each_model_is_a_table_without_the_keys_that_are_left_out():
    lines = list(key_tables({"Top": Run, "`[[event]]`": Bath}, left_out=("event", "range", "marks", "places")))
    assert lines == [
        "",
        "### Top",
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
        "| `title` | text | **required** | its title |",
        "| `raw_bytes` | whole number from 1000000 | `1000000` | how much |",
        "| `fluid` | `drug` or `saline` |  | what flows |",
        "",
        "### `[[event]]`",
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
        "| `skin_c` | number above 0 to 50 | **required** | how warm |",
        "",
    ]


def test_tables_go_between_the_marks_of_a_page_and_nothing_else_changes():
    assert between_marks("a\n<b>\nold\n<e>\nz\n", "<b>", "<e>", ["new"]) == "a\n<b>\nnew\n<e>\nz\n"
    with pytest.raises(ValueError, match="needs the lines <b> and <e>"):
        between_marks("a\n<b>\n", "<b>", "<e>", [])
