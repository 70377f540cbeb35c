"""Dose arithmetic: the worked example, units, what is refused; every answer with formula, source, and no advice."""

import json

import pytest
import typer
from typer.testing import CliRunner

from warmflow.cli.dose import dose
from warmflow.notice import NOTICE
from warmflow.simulation import dose_arithmetic as d

app = typer.Typer()
app.command()(dose)


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_worked_example_of_the_trial_86_5_kg_at_1_5_ml_a_day_is_276_8_mg():
    # Ref: NCT00587067: 0.16 mg/kg/day, 30 mL
    assert d.mg_per_fill(0.16, 86.5, 30.0, 1.5).value == pytest.approx(276.8)
    assert "drug per fill: 276.8 mg" in run("--dose", "0.16", "--weight", "86.5", "--flow", "1.5")


def test_what_a_filling_holds_is_what_the_flow_delivers_for_dose_and_weight():
    fill = d.mg_per_fill(0.16, 86.5, 30.0, 1.5)
    strength = d.concentration_mg_ml(fill.value, 30.0)
    assert strength.value == pytest.approx(276.8 / 30)
    assert d.delivered_mg_day(strength.value, 1.5).value == pytest.approx(0.16 * 86.5)


@pytest.mark.parametrize(
    ("actual_kg", "ideal_kg", "counted_kg"), [(86.5, None, 86.5), (100, 80, 100), (100.1, 80, 90.05), (120, 70, 95)]
)
def test_over_25_percent_above_ideal_the_mean_of_both_weights_counts(actual_kg, ideal_kg, counted_kg):
    assert d.dosing_weight_kg(actual_kg, ideal_kg) == pytest.approx(counted_kg)


def test_a_deviation_in_volume_drug_and_share_of_the_cycle():
    volume, drug, share = d.deviation(1.3, 1.3 * 1.1, 7.0, 10.0)
    assert (volume.value, volume.unit) == (pytest.approx(910.0), "uL")
    assert (drug.value, drug.unit) == (pytest.approx(9.1), "mg")
    assert share.value == pytest.approx(5.0)
    assert d.deviation(1.3, 0.0, 14.0, 10.0)[2].value == pytest.approx(-100.0)


def test_one_ml_of_reading_error_is_5_5_percent_of_1_3_ml_a_day_over_14_days():
    flow, error = d.refill_flow(30.0, 30.0 - 1.3 * 14, 14.0)
    assert flow.value == pytest.approx(1.3)
    assert 100 * error.value / flow.value == pytest.approx(5.5, abs=0.05)  # Ref: domain study
    assert "5.5 % of it" in run("--withdrawn", "11.8")


def test_every_answer_names_formula_and_source_and_is_no_advice():
    text = run("--dose", "0.12", "--weight", "120", "--ideal-weight", "70", "--deviation", "-5", "--withdrawn", "13")
    lines = text.splitlines()
    assert len(lines) >= 2 * 8
    assert all("= " in line and "[" in line and NOTICE in line for line in lines[1::2])
    content = json.loads(run("--fill-mg", "276.8", "--json"))
    assert content["notice"] == NOTICE
    assert all(answer["formula"] and answer["source"] for answer in content["answers"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "nothing to calculate"),
        (("--dose", "0.1"), "--weight is missing"),
        (("--weight", "80"), "--dose is missing"),
        (("--dose", "0.1", "--weight", "-80"), "weight of -80 kg: give more than 0"),
        (("--dose", "nan", "--weight", "80"), "dose of nan mg/kg/day: give more than 0"),
        (("--dose", "0.1", "--weight", "80", "--flow", "0"), "flow of 0 mL/day"),
        (("--dose", "0.1", "--weight", "80", "--reservoir", "inf"), "reservoir of inf mL"),
        (("--withdrawn", "31"), "more than the 30 mL filled"),
        (("--withdrawn", "-1"), "withdrawn of -1 mL: give 0 or more"),
        (("--withdrawn", "1", "--days", "0"), "days of 0 days"),
        (("--actual-flow", "1", "--deviation", "3"), "leave one out"),
        (("--deviation", "3", "--days", "15"), "at most the cycle of 14 days"),
        (("--deviation", "-101"), "actual flow of"),
    ],
)
def test_what_can_not_be_is_refused_in_one_line(arguments, complaint):
    with pytest.raises(d.DoseError) as caught:
        run(*arguments)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
