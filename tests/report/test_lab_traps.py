"""Files as laboratories have them: no PASS and no FAIL is wrong, and `import` and `report` agree on every one.

Pure: the reader, the report and the import are called as functions.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from lab_files import written
from lab_traps import RATE_UL_H, TRAPS, Trap

from warmflow.device.updates import Reading
from warmflow.errors import UserError
from warmflow.instruments.errors import InstrumentFileError
from warmflow.instruments.reader import read
from warmflow.journal.csv_import import ImportFault, Weighing, imported
from warmflow.report import from_csv
from warmflow.report.build import Asked, Lab, build
from warmflow.report.declared_rig import Declared

DAY = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = 10.0
OTHER_UL_H = 80.0  # a reference rate from which the pump of a file is far off


class Answer(NamedTuple):
    mean_ul_h: float
    doubt_ul_h: float
    volume_ul: float
    verdict: str


def reported(path: Path, trap: Trap, reference_ul_h: float) -> Answer:
    density = float(dict(trap.options).get("density", 0)) or None
    record = from_csv.read(path, None, from_csv.Instrument(density, reference_ul_h=reference_ul_h))
    declared = Declared(None, "average", "skin", "drug", 0.0, 101.325, None, reference_ul_h)
    found = build(record, declared, Lab(), Asked({"rate_percent": LIMIT}), DAY)
    whole = found.accuracy[0]
    return Answer(whole.mean_ul_h, whole.mean_uncertainty_ul_h, whole.volume_ul, found.verdicts[0].verdict)


def journaled_ul(path: Path, trap: Trap) -> float:
    """Volume between the first and the last reading that an import makes of the file."""
    weighing = Weighing(float(dict(trap.options).get("density", 0)) or None)
    try:
        content = imported(path, "x", DAY, weighing=weighing)
    except ImportFault as error:
        if "times of its own" not in str(error):
            raise
        content = imported(path, "x", weighing=weighing)
    totals = [one.message.metered_volume_nl for one in content.records if isinstance(one, Reading)]
    return (totals[-1] - totals[0]) / 1000


def asked(path: Path, trap: Trap) -> tuple[dict[float, Answer], str]:
    """The answers by reference rate, or the refusal."""
    try:
        return {reference: reported(path, trap, reference) for reference in (RATE_UL_H, OTHER_UL_H)}, ""
    except UserError as refused:
        return {}, str(refused)


@pytest.mark.parametrize("name", TRAPS)
def test_no_verdict_on_a_trap_is_wrong(name: str, tmp_path: Path) -> None:
    trap = TRAPS[name]
    path = written(tmp_path, "trap.csv", trap.content)
    answers, refusal = asked(path, trap)
    if refusal:
        assert str(path) in refusal
        if "a report needs at least" in refusal:  # a journal takes one reading, too: others may follow
            return
        with pytest.raises(UserError, match=r"trap\.csv"):
            journaled_ul(path, trap)
        return
    assert not trap.refused
    for reference, found in answers.items():
        if trap.rate_ul_h is None:
            assert found.verdict == "not judged", (reference, found)
            continue
        assert abs(found.mean_ul_h - trap.rate_ul_h) <= found.doubt_ul_h + 0.01
        inside = abs(trap.rate_ul_h / reference - 1) < LIMIT / 100
        near = abs(abs(trap.rate_ul_h / reference - 1) - LIMIT / 100) < 0.01
        assert near or found.verdict in ("not judged", "PASS" if inside else "FAIL"), (reference, found)
    assert journaled_ul(path, trap) == pytest.approx(answers[RATE_UL_H].volume_ul, abs=0.01)


def test_most_traps_are_read_and_not_refused(tmp_path: Path) -> None:
    """A reader that refuses everything is never wrong, and of no use."""
    right = 0
    for number, trap in enumerate(TRAPS.values()):
        path = written(tmp_path, f"{number}.csv", trap.content)
        try:
            right += trap.rate_ul_h is not None and bool(read(path).lines.size)
        except InstrumentFileError:
            continue
    assert right >= 38


def test_a_file_of_millions_of_lines_is_refused_before_it_is_parted(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"time_s,volume_ul\n")
        file.truncate(2_100_000_000)  # holes: no such bytes on the disk
    with pytest.raises(InstrumentFileError, match=r"huge\.csv: .*MB"):
        read(path)
