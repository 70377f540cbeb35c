"""The catalogue of texts: every key that code, templates and pages ask for is there, and nothing in it is left over."""

import re
from pathlib import Path

import pytest
from wire import ROOT

from pumpmodel import BODY_NAMES
from warmflow.training import texts as module
from warmflow.training.lesson import GUESSED
from warmflow.training.playback_modes import MOST_X
from warmflow.training.predictions import TRUTHS
from warmflow.training.quantities import NUMBERS
from warmflow.training.session_log import DIAGNOSES, KINDS
from warmflow.training.step_conditions import PHASES
from warmflow.training.texts import TextMissing, Texts, faults, flat, texts

HOST = ROOT / "host/warmflow"
USERS = (
    "training/*.py",
    "training/*.html",
    "training/live/*.py",
    "sinks/web/training_*.py",
    "daemon/*.py",
    "cli/lesson.py",
    "cli/train.py",
)
STATIC = HOST / "sinks/web/static"
# how a key is asked for: say("a.b"), texts()("a.b") and, in a page, data-text="a.b"
ASKED = re.compile(r"""(?:\bsay\(|texts\(\)\(|data-text=)\s*["']([a-z_]+(?:\.[a-z_]+)+)["']""")
WHY_NOT = re.compile(r'"(why_not\.[a-z_]+)"')
# a page chooses between keys before it asks: each that it names counts
NAMED = re.compile(r"""["'`]((?:train|instructor|notice|verdict|play)\.[a-z_]+)["'`]""")
# what is asked for by a name that is put together
FAMILIES = {
    *(f"number.{name}.{part}" for name in NUMBERS for part in ("label", "unit")),
    *(f"guess.{what}.{part}" for what in GUESSED for part in ("label", "unit")),
    *(f"kind.{kind}" for kind in ("modelled", "measured", "declared")),
    *(f"phase.{phase}" for phase in PHASES),
    *(f"way.{way}" for way in MOST_X),
    *(f"verdict.{verdict}" for verdict in ("near", "low", "high", "never", "not_yet")),
    *(f"fault.{fault}" for fault in DIAGNOSES),
    *(f"session.{kind}" for kind in KINDS),
    *(f"plan.bring_{what}" for what in ("rig", "thermos", "thermometer", "towel", "screen")),
    *(f"plan.safety_{what}" for what in ("hot", "mains", "puck", "spill")),
    *("report.is_right", "report.is_wrong"),
    *(f"stage.in_{phase}" for phase in ("predict", "run", "done")),
    *(f"train.way_{way}" for way in MOST_X),
    *(f"train.no_{what}" for what in ("probe", "board", "virtual", "guess", "truth")),
    *(f"train.group_{group}" for group in ("heat", "pressure", "trouble", "pump")),
    *(f"train.view_{view}" for view in ("results", "questions", "compare", "play", "sources")),
    *(f"train.phase_{phase}" for phase in ("choose", "predict", "run", "done")),
    *(f"train.level_{level}" for level in ("low", "medium", "high")),
    *(f"train.theme_{theme}" for theme in ("auto", "dark", "light")),
    *("train.guess", "train.truth"),
    *(f"play.{name}{part}" for name in ("water", "minutes", "fever", "days", "altitude") for part in ("", "_value")),
    *(f"play.{name}" for name in ("bath", "body", "fill", "peak", "late", "dose")),
    *(f"play.body_{body}" for body in BODY_NAMES),
}
DRAWING = "drawing."  # its texts are asked for by the drawing itself, in tests/browser/test_train_drawing.py


def sources():
    files = [path for users in USERS for path in HOST.glob(users)]
    return [*files, *STATIC.glob("training/**/*.js"), *STATIC.glob("training/*.html")]


def asked(files):
    found = {}
    for path in files:
        content = Path(path).read_text(encoding="utf-8")
        speeds = WHY_NOT.findall(content) if str(path).endswith("playback_modes.py") else []
        page = NAMED.findall(content) if Path(path).suffix in (".js", ".html") else []
        for key in [*ASKED.findall(content), *speeds, *page]:
            found.setdefault(key, path)
    return found


def test_every_key_that_is_asked_for_is_in_the_catalogue():
    missing = {key: str(path) for key, path in asked(sources()).items() if key not in texts()}
    assert missing == {}
    assert {key for key in FAMILIES if key not in texts()} == set()
    assert len(asked(sources())) > 40, "the search finds what is asked for"


def test_a_key_that_is_missing_is_found_by_this_search(tmp_path):
    page = tmp_path / "train.js"
    page.write_text('say("train.no_such_text"); say(a ? "train.next" : "train.nor_this"); `<b data-text="plan.aim">`')
    assert {key for key in asked([page]) if key not in texts()} == {"train.no_such_text", "train.nor_this"}


def test_no_text_is_left_over():
    known = set(asked(sources())) | FAMILIES
    assert {key for key in texts().all() if key not in known and not key.startswith(DRAWING)} == set()


def test_a_missing_key_or_word_is_an_error():
    with pytest.raises(TextMissing, match=r"train\.nothing: no such text"):
        texts()("train.nothing")
    with pytest.raises(TextMissing, match="nobody gives 'speed'"):
        texts()("way.replay")
    with pytest.raises(TextMissing, match=r"a\.b: a text is needed"):
        flat({"a": {"b": " "}})


def test_a_translation_needs_the_same_keys_and_the_same_words_in_braces():
    original = {"a": "{n} steps", "b": "end", "c": "x"}
    assert list(faults(original, original)) == []
    found = sorted(faults({"a": "{m} Schritte", "b": "Ende", "d": "y"}, original))
    assert found == ["a: its words in braces are ['n']", "c: not translated", "d: nobody shows it"]


def test_all_that_can_be_guessed_is_computed():
    assert set(GUESSED) == set(TRUTHS)


def test_the_catalogue_says_what_it_is_not():
    assert "no medical device" in texts()("notice.long")
    assert "dosing advice" in texts()("notice.long")
    assert isinstance(module.texts(), Texts)
