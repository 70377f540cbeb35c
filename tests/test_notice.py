"""The notice has one wording in the whole repository: whatever speaks of a medical device says the notice."""

import re
import subprocess
from pathlib import Path

import pytest

from warmflow.notice import NOTICE, SENTENCE, SHORT

ROOT = Path(__file__).resolve().parents[1]
SPEAKS = re.compile(r"medical device|for bench and training", re.IGNORECASE)
LEADER = re.compile(r"[\s#*>]+")  # what a line may begin with: the notice may go over two lines
# what may show the short form, for it has no room for more
SHORT_OF = {"host/warmflow/training/texts.toml"}


def other_wordings(text: str, allowed: tuple[str, ...] = (NOTICE,)) -> list[str]:
    """What is left of a text that speaks of it once the notice is taken out."""
    plain = LEADER.sub(" ", text)
    for wording in allowed:
        plain = re.sub(re.escape(wording), "", plain, flags=re.IGNORECASE)
    return [plain[max(0, found.start() - 40) : found.end() + 40] for found in SPEAKS.finditer(plain)]


def committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and not name.startswith("tests/") and (ROOT / name).is_file()]


def test_no_file_has_another_wording() -> None:
    found = {}
    for name in committed():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        if others := other_wordings(text, (NOTICE, SHORT) if name in SHORT_OF else (NOTICE,)):
            found[name] = others
    assert found == {}


def test_the_host_writes_it_once() -> None:
    """Every other module of the host imports it."""
    modules = (ROOT / "host/warmflow").rglob("*.py")
    assert [path.name for path in modules if NOTICE in path.read_text(encoding="utf-8").lower()] == ["notice.py"]


def test_its_forms() -> None:
    assert SENTENCE.lower() == f"{NOTICE}."
    assert SENTENCE[0].isupper()
    assert NOTICE.startswith(f"{SHORT}, ")


@pytest.mark.parametrize("text", ["It is no medical device.", "# for bench\n# and training: no dosing advice"])
def test_another_wording_is_seen(text: str) -> None:
    assert other_wordings(text)


def test_the_notice_over_two_lines_is_the_notice() -> None:
    assert not other_wordings("> " + SENTENCE.replace("training, ", "training,\n> "))
