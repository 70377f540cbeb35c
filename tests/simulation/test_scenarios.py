"""Scenario files: what they must say, what is refused by name, and each outcome, judged by the stepped model."""

import re
from pathlib import Path

import pytest
from short_form import few
from wire import ROOT

from pumplink import reference
from warmflow.simulation import scenario_docs, stepped
from warmflow.simulation.events import Start
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import ScenarioError, built_in, load, load_all
from warmflow.simulation.summary import judge, summarise

SCENARIOS = load_all()
# the first of each scenario, then the others
OUTCOMES = sorted(
    ((name, number) for name, one in SCENARIOS.items() for number in range(len(one.outcome))),
    key=lambda each: each[1] > 0,
)
# the list of the issue
WANTED = {
    "rest", "activation", "hot-tub-40", "hot-tub-42", "heating-pad", "sauna", "fever-39", "exercise", "cold-plunge",
    "warm-pocket", "flight", "holiday-2500", "scuba", "refill-visit", "cycle-14-14", "occlusion-creeping",
    "occlusion-sudden", "catheter-loose", "run-dry", "glycerol-break", "extreme-heat",
}  # fmt: skip
SMALL = """
title = "Small"
why = "It is small. It is fast."
statement = [1]
illustrates = "Heat from the body activates the pump."
rest_after_min = 10
[[event]]
kind = "exposure"
at_min = 0
duration_min = 1
skin_c = 40
[[outcome]]
basis = "chosen"
how = "for this test"
"""


def written(folder, text, name="mine.toml"):
    path = folder / name
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(("name", "number"), few(OUTCOMES, len(SCENARIOS)))
def test_the_stepped_model_gives_what_is_expected(name, number):
    outcome = SCENARIOS[name].outcome[number]
    found = summarise(stepped.run(SCENARIOS[name], Rig(outcome.profile, outcome.body)))
    judged = judge(outcome, found)
    assert judged
    assert [row for row in judged if not row.met] == []


def test_every_scenario_of_the_list_is_there():
    assert set(built_in()) == WANTED


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_says_why_in_two_sentences_and_what_source_it_illustrates(name):
    one = SCENARIOS[name]
    assert len(re.findall(r"[.?!](?=\s|$)", one.why)) == 2
    assert all(1 <= number <= 13 for number in one.statement)
    assert re.search(r"\(.+\)\.$", one.illustrates), "the source in brackets"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_board_takes_every_step_or_the_reason_is_said(name):
    one = SCENARIOS[name]
    if one.start != Start():
        with pytest.raises(ScenarioError, match="warmflow simulate"):
            _ = one.exposure
        return
    steps = one.exposure
    assert [step.at_min for step in steps] == sorted(step.at_min for step in steps)
    for number, step in enumerate(steps, 1):
        assert reference.parse(reference.build(step.command(number))) == step.command(number)


def test_a_held_core_is_played_to_a_board_as_rise_and_hold():
    rise, hold = load("fever-39").exposure
    assert (rise.at_min, rise.duration_min, rise.core_c) == (0, 60, 39.0)
    assert (hold.at_min, hold.duration_min, hold.core_c) == (60, 2820, 39.0)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("skin_c", "skinc", "event.1.skinc: unknown key; did you mean skin_c?"),
        ("rest_after_min", "rest_afte_min", "rest_afte_min: unknown key; did you mean rest_after_min?"),
        ("how =", "hwo =", "outcome.1.hwo: unknown key; did you mean how?"),
        ("title", "[start]\nfil_ml = 3\n[x]\ntitle", "start.fil_ml: unknown key; did you mean fill_ml?"),
        ("skin_c = 40", "zzz = 40", "event.1.zzz: unknown key; known are at_min, kind, duration_min, skin_c"),
        ('"exposure"', '"exposur"', "event.1: 'exposur' is not known; did you mean exposure?"),
        ("skin_c = 40", "skin_c = 140", "event.1.skin_c: has to be 50 or less, not 140"),
        ("duration_min = 1", "duration_min = inf", "event.1.duration_min: has to be 527040 or less"),
        ("skin_c = 40", "", "event.1: enter at least one of skin_c"),
        ("skin_c = 40", "depth_m = 4\naltitude_m = 9", "event.1: one pressure, not several"),
        ("skin_c = 40", "core_ramp_min = 1\nskin_c = 40", "event.1: core_ramp_min needs core_c"),
        ("how =", "peak_percent = [3, 2]\nhow =", "give the lower limit first"),
        ("rest_after_min = 10", "rest_after_min = 1e9", "rest_after_min: has to be 527040 or less"),
        ('"Small"', "Small", "not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path, old, new, complaint):
    path = written(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert complaint in str(caught.value)
    assert path in str(caught.value)
    assert "\n" not in str(caught.value) or "TOML" in complaint


def test_a_user_s_own_file_and_folder_are_read_by_path(tmp_path):
    path = written(tmp_path, SMALL)
    assert load(path).title == "Small"
    assert list(load_all(str(tmp_path))) == ["mine"]
    with pytest.raises(ScenarioError, match="this is a folder; name one of its scenarios"):
        load(str(tmp_path))
    with pytest.raises(ScenarioError, match="contains no scenarios"):
        load_all(str(tmp_path / "empty"))


def test_an_unknown_scenario_is_answered_with_the_nearest():
    with pytest.raises(ScenarioError, match="did you mean hot-tub-42"):
        load("hot-tub-43")


def test_the_page_has_every_key_of_the_models_and_its_example_is_a_scenario(tmp_path):
    page = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")
    assert scenario_docs.replaced(page) == page, "run: python -m warmflow.simulation.scenario_docs docs/scenarios.md"
    for model in scenario_docs.TABLES.values():
        assert all(field.description for field in model.model_fields.values() if field.annotation is not tuple)
    [example] = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    assert load(written(tmp_path, example)).outcome[0].level == "high"
    named = set(re.findall(r"warmflow (?:simulate|demo --scenario) ([a-z0-9-]+)(?=\s)", page))
    assert named - {"my"} <= WANTED
    assert Path(built_in()["rest"]).name == "rest.toml"
