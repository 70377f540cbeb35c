"""A file that cannot be written is named, with the reason, in one line."""

import errno
from pathlib import Path

import pytest

from warmflow.errors import UserError
from warmflow.runtime.output_file import output_file, write_text, writes


def test_what_is_written_is_there_in_utf_8_with_the_line_ends_it_was_given(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv", "µL\r\n1\n")
    assert (tmp_path / "a.csv").read_bytes() == b"\xc2\xb5L\r\n1\n"


@pytest.mark.parametrize(("name", "why"), [("no/such/a.csv", "there is no folder"), ("", "it is a folder")])
def test_a_place_where_no_file_can_be_is_named(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UserError, match=f"^{tmp_path / name}: cannot be written: {why}"):
        write_text(tmp_path / name, "")


def test_a_full_disk_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written: No space left on device"), writes(tmp_path / "a.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_error_with_another_file_or_of_another_kind_is_not_explained_away(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writes(tmp_path / "a.csv"):
        raise FileNotFoundError(errno.ENOENT, "No such file", "/else/where")
    with pytest.raises(ZeroDivisionError), output_file(tmp_path / "a.csv"):
        raise ZeroDivisionError
