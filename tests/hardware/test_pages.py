"""The pages of hardware/: commands, links and figures hold, and each step of the guide has a picture and a check."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import command_line

from pump.config import check
from rig import __main__ as commands_of_rig
from rig import accuracy
from rig.draw import Sheet

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
HARDWARE = ROOT / "hardware"
PAGES = [HARDWARE / name for name in ("README.md", "specifications.md", "build_guide.md", "pins.md")]
PAGES += sorted((HARDWARE / "bom").glob("*.md"))
GUIDE = (HARDWARE / "build_guide.md").read_text()


def commands() -> list[str]:
    """What is shown to be typed, each program and its subcommands once."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.S):
            found += [line for line in block.splitlines() if line]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("command", commands())
def test_each_command_is_understood(command: str) -> None:
    program, *words = shlex.split(command)
    if Path(program).name == "warmflow":
        ours = command_line(*words, "--help")
        assert ours.status == 0, ours.out + ours.err
        return
    argv = (
        ["make", "--dry-run", "-C", str(ROOT), *words] if program == "make" else [str(BIN / program), *words, "--help"]
    )
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_of_the_guide_is_one_that_the_board_allows() -> None:
    settings = re.findall(r"config set ([^`\n]+)", GUIDE)
    assert len(settings) > 5
    for setting in (word for line in settings for word in shlex.split(line)):
        key, _, value = setting.partition("=")
        try:
            given = json.loads(value)
        except ValueError:
            given = value
        assert check(key, given) is None, f"{setting}: {check(key, given)}"


def test_every_link_leads_to_a_file() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_numbered_step_has_a_picture_and_a_check() -> None:
    steps = re.split(r"^## (?=\d)", GUIDE, flags=re.M)[1:]
    assert [int(step.split(".")[0]) for step in steps] == list(range(len(steps)))
    for step in steps:
        title = step.splitlines()[0]
        assert re.search(r"!\[.+\]\(pictures/.+\.svg\)", step), f"{title}: no picture"
        assert "**Check.**" in step, f"{title}: no check"


def test_every_picture_is_shown_on_a_page() -> None:
    text = "".join(page.read_text() for page in PAGES)
    assert [path.name for path in sorted((HARDWARE / "pictures").iterdir()) if path.name not in text] == []


@pytest.mark.parametrize("page", ["README.md", "specifications.md", "build_guide.md"])
def test_a_page_for_people_says_what_the_rig_is_not(page: str) -> None:
    text = (HARDWARE / page).read_text()
    for words in ("no medical device", "ever near a patient", "o mains near water", "ever immersed"):
        assert words in text, words


def test_the_slope_of_the_flow_is_the_domains() -> None:
    """The project's own table: R-11 13.3 % a degC, n-butane 6.2, R-123 20.1."""
    for profile, percent in (("r11", 13.3), ("n-butane", 6.2), ("r123", 20.1), ("isopentane", 20.5), ("r114", 6.6)):
        assert accuracy.percent_per_c(profile, 37.0) == pytest.approx(percent, abs=0.06)
    assert "| r11 | 13.3 | 0.075 |" in (HARDWARE / "specifications.md").read_text()


def test_no_price_is_named() -> None:
    for page in [*PAGES, *(HARDWARE / "bom").glob("*.csv")]:
        assert not re.search(r"[$€£]|\b(EUR|USD|GBP)\b", page.read_text()), page.name


def test_a_sheet_sees_labels_that_overlap_or_stick_out() -> None:
    sheet = Sheet(100, 100, "a test")
    sheet.text(10, 50, "first")
    sheet.text(20, 52, "second")
    sheet.text(95, 90, "far out")
    assert list(sheet.overlaps()) == ["'first' overlaps 'second'", "'far out' sticks out of the sheet"]


def test_without_the_cad_package_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(commands_of_rig, "find_spec", lambda name: None)
    assert commands_of_rig.cad(tmp_path) == 2
    said = capsys.readouterr().err
    assert "build123d is missing" in said
    assert "pip install -e '.[hardware]'" in said
    assert list(tmp_path.iterdir()) == []
