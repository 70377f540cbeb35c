"""Who may touch the table of records: `record_table`, through which all is stored and read, and who tends the file."""

import re
from pathlib import Path

HOST = Path(__file__).resolve().parents[2] / "host" / "warmflow"
SQL = re.compile(r"\b(?:FROM|INTO|JOIN|UPDATE) records\b")
TENDERS = {
    "journal/record_table.py": "the one place that the daemon's writes and reads go through",
    "journal/bounds.py": "boots of which no record is left",
    "journal/gaps.py": "holes among the sequences, after damage",
    "journal/held.py": "counts all records anew",
    "journal/migration.py": "files of older versions",
    "journal/redating.py": "gives records other times",
    "journal/retention.py": "removes records",
    "journal/salvage.py": "brings rows out of a damaged file",
    "report/from_journal.py": "reads a whole pump's columns into arrays",
}


def test_records_are_stored_and_read_in_one_place() -> None:
    files = {path.relative_to(HOST).as_posix(): path.read_text(encoding="utf-8") for path in HOST.rglob("*.py")}
    assert {name for name, text in files.items() if SQL.search(text)} == set(TENDERS)
