"""The model that runs in the page is the model of `warmflow simulate`: at 60 random settings, in the soak at
1,000, within 0.1 %.
"""

import json
import random
from typing import Any

import pytest
from playwright.sync_api import Page
from stepped_training_server import TrainSite

from pumpmodel import BODY_NAMES, PROFILES
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import Scenario
from warmflow.simulation.summary import first_peak
from warmflow.simulation.vectorised import run

SHORT_MIN, FINE_S, COARSE_S = 600, 1.0, 20.0  # a long exposure has no sharp peak: it is stepped coarsely
NEAR = 0.001
TAIL_MIN = 720
FILLS = [name for name, one in PROFILES.items() if not one.spring_half_range_kpa]
ANSWERS = """async (settings) => {
  const { answer, altitudeKpa } = await import("/static/training/model.js");
  return settings.map(({ altitudeM, ...given }) => {
    const { peakPercent, lateMin, dosePercent } = answer({ ...given, ambientKpa: altitudeKpa(altitudeM) });
    return [peakPercent, lateMin, dosePercent];
  });
}"""


def settings(count: int) -> list[dict[str, Any]]:
    """Of the sliders' whole ranges, and beyond: water, minutes, pocket, fill, fever of days, altitude."""
    pick = random.Random(21)
    found = []
    for _ in range(count):
        minutes = pick.choice([pick.uniform(5, 120), pick.uniform(600, 7 * 1440)])
        found.append({
            "skinC": pick.uniform(30, 44), "coreC": pick.uniform(37, 41), "minutes": minutes,
            "rampMin": minutes * pick.choice([1.0, pick.uniform(0.1, 1.0)]),
            "body": pick.choice(BODY_NAMES), "fill": pick.choice(FILLS),
            "altitudeM": pick.choice([0.0, pick.uniform(0, 3000)]),
        })  # fmt: skip
    return found


def simulated(one: dict[str, Any]) -> tuple[float, float, float]:
    event = {
        "kind": "exposure", "at_min": 0, "duration_min": one["minutes"], "skin_c": one["skinC"], "core_c": one["coreC"],
        "core_ramp_min": one["rampMin"],
    }  # fmt: skip
    if one["altitudeM"]:
        event["altitude_m"] = one["altitudeM"]
    scenario = Scenario.model_validate({
        "title": "a setting", "why": "what a slider may be set to, at random",
        "statement": (4,), "illustrates": "what a slider is set to",
        "rest_before_min": 0, "rest_after_min": TAIL_MIN, "event": (event,),
        "outcome": ({"basis": "chosen", "how": "no figure is expected of it"},),
    })  # fmt: skip
    found = run(scenario, Rig(one["fill"], one["body"]), step_s=FINE_S if one["minutes"] < SHORT_MIN else COARSE_S)
    trace = found.trace
    peak = int(first_peak(trace.deviation))
    late_min = float(trace.t_s[peak]) / 60 - one["minutes"]
    return 100 * float(trace.deviation[peak]), late_min, 100 * float(trace.extra_nl[-1]) / found.lesson_nl


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.soak)])  # the long one takes 15 s of a core
def test_the_page_has_the_answer_of_simulate_at_random_settings(page: Page, stage: TrainSite, count: int) -> None:
    page.goto(f"{stage.url}/train")
    asked = settings(count)
    found = page.evaluate(ANSWERS, json.loads(json.dumps(asked)))
    assert len(found) == count
    for one, (peak, late, dose) in zip(asked, found, strict=True):
        wanted_peak, wanted_late, wanted_dose = simulated(one)
        assert peak == pytest.approx(wanted_peak, rel=NEAR, abs=0.02), one
        assert dose == pytest.approx(wanted_dose, rel=NEAR, abs=1e-4), one
        if (
            one["rampMin"] == one["minutes"]
            and abs(wanted_peak) > 1
            and not one["altitudeM"]
            and one["minutes"] < SHORT_MIN
        ):
            assert late == pytest.approx(wanted_late, abs=2 * FINE_S / 60), one


def test_the_sliders_of_a_hot_tub_have_the_lessons_answer(page: Page, stage: TrainSite) -> None:
    page.goto(f"{stage.url}/train")
    peak, late, dose = page.evaluate(
        """async () => {
          const { answer, bath } = await import("/static/training/model.js");
          const found = answer({ ...bath(42, 30), minutes: 30, body: "average", fill: "r11" });
          return [found.peakPercent, found.lateMin, found.dosePercent];
        }"""
    )
    # Ref: the domain study's hot tub of 42 degC for 30 minutes
    assert (peak, late, dose) == (
        pytest.approx(31.4, abs=0.1),
        pytest.approx(6, abs=0.5),
        pytest.approx(0.0995, abs=0.001),
    )
