"""Made files of each kind: no PASS and no FAIL is wrong. What cannot be known is refused or not judged.

Twelve of each kind in the normal suite, of the seed that the long version begins with; three hundred in the soak.
"""

from collections import Counter
from pathlib import Path

import pytest
from lab_files import Answer, report, written
from lab_generator import KINDS, LIMIT, LabFile, files

pytestmark = pytest.mark.time
SHORT, LONG = 12, 100
SEEDS = (1, 2, 3)
REFUSED_MOST = {"columns": 0.95, "summer time": 0.6, "sizes": 0.6, "dresses": 0.15}  # shares; of other kinds 0.03
COURSE = ("worst_hour_percent", "outside_percent")


def wrong(file: LabFile, found: Answer) -> list[str]:
    """Verdicts that the truth contradicts."""
    inside = None if file.percent is None else abs(file.percent) < LIMIT
    judged = found.verdicts if file.name != "holes.csv" else {"rate_percent": found.verdicts["rate_percent"]}
    if file.name == "course.csv":  # its mean is right, its course is not
        return ["all PASS"] if set(found.verdicts.values()) == {"PASS"} else []
    return [
        f"{name} {verdict}" for name, verdict in judged.items()
        if (verdict == "PASS" and inside is not True) or (verdict == "FAIL" and inside is not False)
    ]  # fmt: skip


def judged(kind: str, count: int, seed: int, folder: Path) -> Counter[str]:
    """Verdicts on so many files, none of them wrong."""
    counts: Counter[str] = Counter()
    for number, file in enumerate(files(kind, count, seed)):
        path = written(folder, f"{number}/{file.name}", file.content)
        found = report(
            path, *file.options, "--reference-ul-h", str(file.reference_ul_h), "--limits", f"rate_percent={LIMIT:g}"
        )
        if found.refused:
            counts["refused"] += 1
            assert str(path) in found.refused, found.refused
            continue
        faults = wrong(file, found)
        assert not faults, (number, file.name, file.percent, faults, found.mean_ul_h, found.doubt_ul_h)
        counts[found.verdicts["rate_percent"]] += 1
    assert counts["PASS"] + counts["FAIL"] + counts["not judged"] + counts["refused"] == count
    return counts


@pytest.mark.parametrize("kind", KINDS)
def test_no_verdict_on_a_made_file_is_wrong(kind: str, tmp_path: Path) -> None:
    judged(kind, SHORT, SEEDS[0], tmp_path)


@pytest.mark.soak  # 2,700 files: some minutes
@pytest.mark.timeout(900)  # of each kind: up to 90 s on a busy machine
@pytest.mark.parametrize("kind", KINDS)
def test_no_verdict_on_many_made_files_is_wrong(kind: str, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        counts += judged(kind, LONG, seed, tmp_path / str(seed))
    print(kind, dict(counts))
    assert counts["refused"] <= REFUSED_MOST.get(kind, 0.03) * LONG * len(SEEDS), counts


@pytest.mark.parametrize("kind", ["steps", "noise"])
def test_a_step_that_was_left_out_is_said_with_each_verdict(kind: str, tmp_path: Path) -> None:
    for number, file in enumerate(files(kind, 6, seed=2)):
        path = written(tmp_path, f"{number}/{file.name}", file.content)
        found = report(path, *file.options, "--reference-ul-h", str(file.reference_ul_h), "--limits", "rate_percent=10")
        if found.refused or not found.numbers["run"]["steps"]:
            continue
        for row in found.numbers["verdicts"]:
            assert row["verdict"] == "not judged" or "of the total" in row["why"], row
