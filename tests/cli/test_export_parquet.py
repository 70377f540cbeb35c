"""Parquet: the same readings as the CSV, units in the metadata, opened by programs that know nothing of us."""

import csv
import io
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet
import pytest
from lab_files import command, report
from records import BOOT, reading

from warmflow.cli.export import COLUMNS, write
from warmflow.cli.export_parquet import FIELDS
from warmflow.device.updates import Gap
from warmflow.journal import Journal, JournalReader

pytestmark = pytest.mark.time


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    target = Journal(tmp_path / "journal.sqlite")
    target.append([*(reading(n) for n in range(1, 30)), Gap("rig", BOOT, 30, None, "full"), reading(60)])
    target.close()
    return target.path


@pytest.fixture
def path(journal: Path, tmp_path: Path) -> Path:
    assert "31 rows" in command("export", tmp_path / "out.parquet", "--journal", journal).text
    return tmp_path / "out.parquet"


def test_the_columns_are_those_of_the_csv_with_their_units(path: Path) -> None:
    assert tuple(FIELDS) == COLUMNS
    schema = pyarrow.parquet.read_schema(path)
    assert tuple(schema.names) == COLUMNS
    assert schema.field("flow_uL_h").metadata[b"unit"] == "µL/h".encode()
    assert schema.field("probe_degC").metadata[b"unit"] == "°C".encode()
    assert str(schema.field("time_utc").type) == "timestamp[ms, tz=UTC]"


def test_pandas_polars_and_duckdb_read_the_same_sums(path: Path, journal: Path) -> None:
    out = io.StringIO()
    write(journal, out, None, None, None, lambda share: None)
    rows = [row for row in csv.DictReader(io.StringIO(out.getvalue())) if row["flow_uL_h"]]
    expected = sum(float(row["flow_uL_h"]) for row in rows)
    assert pandas.read_parquet(path)["flow_uL_h"].sum() == pytest.approx(expected)
    assert polars.read_parquet(path)["flow_uL_h"].sum() == pytest.approx(expected)
    [(total, count)] = duckdb.sql(f"SELECT sum(flow_uL_h), count(*) FROM '{path}'").fetchall()
    assert total == pytest.approx(expected)
    assert count == 31


def test_a_report_and_an_import_of_it_are_those_of_the_csv(path: Path, journal: Path, tmp_path: Path) -> None:
    assert command("export", tmp_path / "out.csv", "--journal", journal).status == 0
    assert report(path).mean_ul_h == pytest.approx(report(tmp_path / "out.csv").mean_ul_h)
    for name in ("out.parquet", "out.csv"):
        assert "31 records added" in command("import", tmp_path / name, "--journal", tmp_path / f"{name}.sqlite").text
    one, other = (JournalReader(tmp_path / f"{name}.sqlite") for name in ("out.parquet", "out.csv"))
    messages = [[getattr(each.record, "message", None) for each in reader.after(0)] for reader in (one, other)]
    assert messages[0] == messages[1]
    one.close()
    other.close()


def test_half_a_file_is_refused_with_a_remedy(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:400])
    refused = report(path).refused
    assert "out.parquet" in refused
    assert "write it anew" in refused


@pytest.mark.parametrize("name", ["-2", "-cmd"])
def test_a_name_that_could_be_a_formula_is_guarded_and_comes_back(name: str, tmp_path: Path) -> None:
    target = Journal(tmp_path / "journal.sqlite")
    target.append([reading(n, pump=name) for n in range(1, 5)])
    target.close()
    out = tmp_path / "out.csv"
    assert command("export", out, "--journal", target.path).status == 0
    with out.open(newline="", encoding="utf-8") as file:
        [cell] = {row["pump"] for row in csv.DictReader(file)}
    assert cell == f"'{name}"
    assert report(out, "--pump", name).numbers["run"]["title"] == name
