"""A board that floods the journal pushes out what it said itself, nothing of its neighbours; everything has an end."""

from pathlib import Path

import pytest
from fuzz_inputs import GOLDEN
from records import BOOT, START, reading

from warmflow.device.identity import Boot
from warmflow.device.updates import Declaration, Reading
from warmflow.journal import Journal, Limits, bounds, held

OTHER = Boot("8899aabbccddeeff", 1, 7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def held_of(journal: Journal) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in journal.after(0, 1_000_000):
        if isinstance(entry.record, Reading):
            counts[entry.record.pump] = counts.get(entry.record.pump, 0) + 1
    return counts


def retain(journal: Journal) -> None:
    while journal.remove_old():
        pass


def test_what_goes_by_size_is_the_oldest_of_the_board_that_holds_the_most(path: Path) -> None:
    journal = Journal(path, Limits(raw_bytes=300_000))
    journal.append([reading(n) for n in range(1, 501)])
    journal.append([reading(n, OTHER, "flood") for n in range(1, 10_001)])
    retain(journal)
    assert held_of(journal)["rig"] == 500
    assert journal.raw_bytes() <= 300_000
    left = [entry.record for entry in journal.after(0, 100_000) if entry.record.pump == "flood"]
    assert max(each.message.sequence for each in left if isinstance(each, Reading)) == 10_000  # its newest stay
    journal.close()


def test_a_board_that_restarts_all_the_time_has_one_share(path: Path) -> None:
    journal = Journal(path, Limits(raw_bytes=300_000))
    journal.append([reading(n) for n in range(1, 501)])
    for boot in range(100):
        journal.append([reading(n, OTHER._replace(boots=boot), "flood") for n in range(1, 101)])
    retain(journal)
    assert held_of(journal)["rig"] == 500
    assert journal.raw_bytes() <= 300_000
    journal.close()


def test_boards_that_hold_the_same_lose_the_same(path: Path) -> None:
    journal = Journal(path, Limits(raw_bytes=800_000))
    for at in range(1, 16_001, 2000):
        for name, boot in (("rig", BOOT), ("other", OTHER)):
            journal.append([reading(n, boot, name) for n in range(at, at + 2000)])
        retain(journal)
    counts = held_of(journal)
    assert abs(counts["rig"] - counts["other"]) <= 4000
    journal.close()


def test_what_is_held_is_known_for_each_boot_and_counted_anew_in_a_file_of_an_earlier_version(path: Path) -> None:
    journal = Journal(path)
    journal.append([reading(n) for n in range(1, 51)])
    journal.append([reading(n, OTHER, "other") for n in range(1, 11)])
    before = journal._db.execute("SELECT * FROM held ORDER BY what").fetchall()
    journal.write(lambda db: db.execute("DELETE FROM held WHERE what LIKE 'boot %'"))
    journal.close()
    journal = Journal(path)
    assert journal._db.execute("SELECT * FROM held ORDER BY what").fetchall() == before
    assert held.counted(journal._db)
    journal.close()


def test_declarations_that_always_differ_push_out_only_their_board_s_own(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "DECLARATIONS_MAX", 20)
    journal = Journal(path)
    hello = GOLDEN["Hello"]
    journal.append([Declaration("rig", BOOT, hello, START)])
    for n in range(100):
        journal.append([Declaration("flood", OTHER, hello._replace(site_pressure_pa=n), START)])
    retain(journal)
    assert len(journal.reader.declared("flood")) == 20
    assert len(journal.reader.declared("rig")) == 1
    assert journal.removed() == {"declarations": 80}
    journal.close()


def test_conflicts_have_an_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "CONFLICTS_MAX", 20)
    journal = Journal(path)
    journal.append([reading(1), reading(1, OTHER, "flood")])
    journal.append([reading(1, flow=7)])
    for n in range(100):
        journal.append([reading(1, OTHER, "flood", flow=n)])
    retain(journal)
    assert journal._db.execute("SELECT count(*) FROM conflicts").fetchone()[0] == 21
    journal.close()


def test_boots_without_records_have_an_end_and_those_with_records_stay(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "BOOTS_MAX", 10)
    journal = Journal(path)
    journal.append([reading(1)])
    for n in range(100):
        journal.append([Declaration("flood", OTHER._replace(boots=n), GOLDEN["Hello"], START)])
    retain(journal)
    boots = journal._db.execute("SELECT boots FROM boots ORDER BY id").fetchall()
    assert boots == [(BOOT.boots,), *((n,) for n in range(90, 100))]
    assert len(journal._heard) == 1  # only those with records are kept in memory
    journal.append([reading(1, OTHER._replace(boots=3), "flood")])  # one that was removed comes again
    assert journal.through(OTHER._replace(boots=3)) == 1
    journal.close()
