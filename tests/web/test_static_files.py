"""The dashboard's files without a browser: they keep to the policy that the server sends, load what is there, and offer
what the daemon knows.
"""

import re
from typing import get_args

import pytest
from browser_modules import graph
from pydantic import BaseModel

from pumplink.codes import Fault
from warmflow.alarms.lifecycle import State
from warmflow.api import vocabulary
from warmflow.api.requests import KINDS, board_commands
from warmflow.cli.watch.format import LEVELS
from warmflow.device.link.scenario_run import STATES
from warmflow.notice import SENTENCE
from warmflow.simulation import events
from warmflow.sinks.web import vocabulary_js
from warmflow.sinks.web.pages import STATIC
from warmflow.training.live import action_fields
from warmflow.training.texts import texts

OURS = [path for path in STATIC.rglob("*") if path.is_file() and "vendor" not in path.parts]
PAGES = [path for path in OURS if path.suffix == ".html"]


def read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def test_no_page_has_a_script_or_a_style_inside() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), page
        assert all(re.search(r"src=", tag) for tag in re.findall(r"<script[^>]*>", text)), page


def test_nothing_names_another_host() -> None:
    for path in OURS:
        found = re.findall(r"(?:https?:)?//[\w-]+\.\w+[^\s\"']*", path.read_text(encoding="utf-8"))
        assert [each for each in found if "www.w3.org" not in each] == [], path  # the name space of SVG is no address


def test_every_import_and_every_linked_file_is_there() -> None:
    linked = {
        page.name: set(re.findall(r"(?:href|src)=\"/static/([^\"]+)\"", page.read_text("utf-8"))) for page in PAGES
    }
    for asking, names in (graph() | linked).items():
        missing = {name for name in names if not name.startswith("vendor/") and not (STATIC / name).is_file()}
        assert missing == set(), asking


def test_every_page_says_what_this_is_not() -> None:
    for page in PAGES:
        assert SENTENCE in page.read_text(encoding="utf-8")


def test_controls_offer_what_the_daemon_knows() -> None:
    text = read("pages/control_table.js")
    for kind, fields in re.findall(r"kind: \"(\w+)\".*?fields: \[(.*?)\]", text, re.DOTALL):
        assert kind in KINDS
        names = re.findall(r"(?:number|whole|choice)\(\"(\w+)\"", fields)
        assert set(names) <= set(KINDS[kind].ask.model_fields), kind
        for name, low, high in re.findall(r"(?:number|whole)\(\"(\w+)\", \"[^\"]*\", ([\d.]+), ([\d.]+)", fields):
            limits = {type(each).__name__: each for each in KINDS[kind].ask.model_fields[name].metadata}
            assert float(high) == limits["Le"].le, (kind, name)
            assert float(low) == limits["Ge"].ge if "Ge" in limits else float(low) > limits["Gt"].gt, (kind, name)


def test_the_vocabulary_of_the_browser_is_what_python_decides() -> None:
    assert read(vocabulary_js.FILE) == vocabulary_js.module(), "run `make generate`"


LOOKS = {  # the browser's tables of marks and words, and whose words their keys are
    "ALARM_STATES": [state.value for state in State],
    "SCENARIO_STATES": STATES,
}


@pytest.mark.parametrize("table", LOOKS)
def test_each_word_has_its_look(table: str) -> None:
    """And nothing has a look that is no word."""
    found = re.search(rf"const {table} = \{{(.*?)\}};$", read("core/texts.js"), re.DOTALL | re.MULTILINE)
    assert found is not None
    keys = re.findall(r"(?:^\s*|, )\"?(\w[\w ]*?)\"?: (?=[\"{])", re.sub(r"\{.*?\}", "{", found[1]), re.MULTILINE)
    assert sorted(keys) == sorted(LOOKS[table])


def test_the_terminal_has_a_look_for_each_level() -> None:
    assert {level: look.rank for level, look in LEVELS.items()} == {
        level: at for at, level in enumerate(vocabulary.LEVELS)
    }


FAULT_FIELDS = (board_commands.Fault, events.Fault, action_fields.Inject, action_fields.Reveal, action_fields.Diagnose)


@pytest.mark.parametrize("model", FAULT_FIELDS)
def test_every_field_for_a_fault_takes_the_pumps_faults(model: type[BaseModel]) -> None:
    taken = get_args(model.model_fields["fault"].annotation)
    assert [name for name in taken if name != "none"] == list(vocabulary.FAULTS)
    assert [fault.name.lower() for fault in Fault] == ["none", *vocabulary.FAULTS]


def test_modules_hold_one_idea_each() -> None:
    for path in OURS:
        if path.suffix == ".js":
            lines = path.read_text(encoding="utf-8").splitlines()
            assert len(lines) <= 223, path  # 170 before biome, which takes 31 % more lines for the same code
            assert lines[0].startswith("//"), path


def test_the_icon_of_each_level_is_there() -> None:
    assert {path.stem for path in (STATIC / "core/icons").glob("*.svg")} == {
        "normal",
        "low",
        "medium",
        "high",
        "away",
    }


@pytest.mark.parametrize(
    ("page", "script"), [("pages/index.html", "pages/app.js"), ("training/training.html", "training/app.js")]
)
def test_all_modules_are_asked_for_at_once(page: str, script: str) -> None:
    """A browser finds imports one level at a time, each a round trip: the page names them all."""
    named = set(re.findall(r"rel=\"modulepreload\" href=\"/static/([^\"]+)\"", read(page)))
    modules, needed, open_ends = graph(), set[str](), [script]
    while open_ends:
        fresh = modules.get(open_ends.pop(), set()) - needed  # what is vendored imports nothing
        needed |= fresh
        open_ends += fresh
    assert named == needed


def test_every_text_that_a_script_names_is_in_the_catalogue() -> None:
    """Keys that are chosen by a condition, too; those that are put together are met when the pages are played."""
    families = "train|instructor|notice|report|plan|kind|guess|number|verdict|fault"
    named = re.compile(rf'"((?:{families})\.[a-z_]+(?:\.[a-z_]+)*)"')
    keys = {key for path in STATIC.glob("training/**/*.js") for key in named.findall(path.read_text(encoding="utf-8"))}
    assert {key for key in keys if key not in texts()} == set()
    assert len(keys) > 80
