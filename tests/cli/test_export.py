"""Readings as CSV: what was measured, when, and where something is missing."""

import csv
import io
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from records import BOOT, START, reading
from typer.testing import CliRunner

from warmflow.cli.export import COLUMNS, NOTE_COLUMNS, ExportError, export, moment, write, write_notes
from warmflow.cli.main import _register, app
from warmflow.device.updates import Gap
from warmflow.errors import UserError
from warmflow.journal import Journal, annotation_rows

pytestmark = pytest.mark.time


@pytest.fixture
def path(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([reading(1), reading(2), Gap("rig", BOOT, 3, 9, "the ring was full"), reading(10)])
    journal.append([reading(1, BOOT._replace(boots=9), pump="other")])
    journal.close()
    return tmp_path / "journal.sqlite"


def rows(path: Path, **only: object) -> list[dict[str, str]]:
    out = io.StringIO()
    arguments = {"pump": None, "since": None, "until": None} | only
    write(path, out, progress=lambda share: None, **arguments)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_every_reading_has_its_time_and_units(path: Path) -> None:
    first = rows(path)[0]
    assert tuple(first) == COLUMNS
    assert first["time_utc"] == "2026-11-21T12:00:00.100Z"
    assert (first["probe_degC"], first["flow_uL_h"]) == ("24.001", "48.88")


def test_notes_go_into_a_file_of_their_own_with_no_formula_in_it(path: Path) -> None:
    journal = Journal(path)
    at_ms = round(START.timestamp() * 1000)
    for pump, text in (("rig", "into the tub, at last"), ("rig", "=1+1"), ("other", "elsewhere")):
        journal.write(partial(annotation_rows.store, pump=pump, utc_ms=at_ms, text=text, by="Kim", written_ms=at_ms))
    journal.close()
    out = io.StringIO()
    assert write_notes(path, out, "rig", START, None) == 2
    found = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert tuple(found[0]) == NOTE_COLUMNS
    assert [(row["time_utc"], row["pump"], row["note"], row["by"]) for row in found] == [
        ("2026-11-21T12:00:00.000Z", "rig", "into the tub, at last", "Kim"),
        ("2026-11-21T12:00:00.000Z", "rig", "'=1+1", "Kim"),
    ]
    assert write_notes(path, io.StringIO(), None, None, START - timedelta(seconds=1)) == 0


def test_a_gap_is_a_row_of_its_own(path: Path) -> None:
    gap = rows(path, pump="rig")[2]
    assert (gap["sequence"], gap["lost_through"], gap["flow_uL_h"]) == ("3", "9", "")


def test_pump_and_time_choose_what_is_written(path: Path) -> None:
    assert {row["pump"] for row in rows(path, pump="other")} == {"other"}
    late = rows(path, pump="rig", since=START + timedelta(milliseconds=500))
    assert [row["sequence"] for row in late if row["time_utc"]] == ["10"]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ExportError, match="2026-11-21"):
        moment(text)


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nothing\.sqlite"):
        export(journal=tmp_path / "nothing.sqlite")
    _register()
    assert CliRunner().invoke(app, ["run", "--help"]).exit_code == 0


def test_a_place_where_no_export_can_be_is_named(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "no" / "such" / "folder.csv"
    with pytest.raises(UserError, match=rf"^{out}: cannot be written: there is no folder"):
        export(out=out, journal=path)
