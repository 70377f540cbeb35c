"""The stated uncertainty holds the truth as often as it says, by kind of noise; the budget is the one of the page."""

from pathlib import Path

import numpy as np
import pytest

from warmflow.report.accuracy import accuracy
from warmflow.report.run_record import Record

RECORDS = 200
RUNS = ((0.1, 720), (1, 1800), (10, 6000))  # Hz, readings
STEP_UL = {"steps": 1.0, "steps in noise": 0.5}


def made(kind: str, hertz: float, count: int, seed: int) -> tuple[Record, float]:
    """A record of this kind of noise, and the pump's true rate in µL/h."""
    random = np.random.default_rng((seed, count, len(kind)))
    t_s = np.arange(count) / hertz
    rate = float(48.9 * random.uniform(0.9, 1.1))
    volume, flow, sigma = rate * t_s / 3600, None, 0.2
    match kind:
        case "white":
            volume = volume + random.normal(0, sigma, count)
        case "random walk":
            volume = volume + np.cumsum(random.normal(0, 0.02, count))
        case "drifting balance":
            drift = np.cumsum(random.normal(0, 5 * sigma / np.sqrt(count), count))
            volume = volume + random.normal(0, sigma, count) + drift
        case "steps" | "steps in noise":
            noise = random.normal(0, 0.3, count) if kind == "steps in noise" else 0.0
            step = STEP_UL[kind]
            volume = np.round((volume + random.uniform(0, 1) + noise) / step) * step
        case _:
            flow = rate + random.normal(0, 5, count)
            volume = np.concatenate([[0.0], np.cumsum((flow[1:] + flow[:-1]) / 2 / hertz / 3600)])
    return Record(
        kind, "instrument", "made", t_s, volume - volume[0], flow, usual_s=1 / hertz,
        resolution_ul=None if flow is not None else STEP_UL.get(kind, 0.001), is_integral=flow is not None,
    ), rate  # fmt: skip


@pytest.mark.parametrize("kind", ["white", "random walk", "drifting balance", "steps", "steps in noise", "flow sensor"])
def test_the_stated_uncertainty_covers_the_truth_in_95_of_100_records(kind: str) -> None:
    shares = []
    for hertz, count in RUNS:
        held = 0
        for seed in range(RECORDS):
            record, rate = made(kind, hertz, count, seed)
            found = accuracy(record, "whole run", 0, record.length_s, None, None, None)
            held += abs(found.mean_ul_h - rate) <= found.mean_uncertainty_ul_h
        shares.append(held / RECORDS)
    # 93 to 97 of 100, and what chance does to 600 records (0.9 % a standard deviation)
    assert 0.925 <= np.mean(shares) <= 0.98, shares
    assert min(shares) > 0.90, shares


def test_a_pump_that_changes_is_no_noise() -> None:
    t_s = 10.0 * np.arange(3000)
    flow = np.where((t_s > 9000) & (t_s < 15000), 70.0, 50.0)
    volume = np.concatenate([[0.0], np.cumsum(flow[1:] * 10 / 3600)])
    quiet = volume + np.random.default_rng(1).normal(0, 0.05, len(t_s))
    record = Record("made", "instrument", "made", t_s, quiet - quiet[0], usual_s=10, resolution_ul=0.001)
    found = accuracy(record, "whole run", 0, record.length_s, 50, None, None)
    assert found.reference is not None
    assert found.reference.uncertainty_percent < 0.5
    assert record.noise.reading_ul == pytest.approx(0.05, rel=0.1)


def test_the_budget_is_the_one_worked_by_hand() -> None:
    """docs/report.md: 2 h at 50 µL/h, 0.02 h of them not measured, 0.1 µL of resolution, 1 % and 0.2 µL/h (k = 2)."""
    t_s = 36.0 * np.arange(201)
    unknown = np.array([[3600.0, 3672.0]])
    volume = 50 * t_s / 3600
    volume[t_s > 3600] -= 50 * np.minimum(72, t_s[t_s > 3600] - 3600) / 3600
    record = Record(
        "by hand", "instrument", "made", t_s, volume, usual_s=36, resolution_ul=0.1, unknown_s=unknown, holes_s=unknown
    )
    found = accuracy(record, "whole run", 0, 7200, 50, None, 1.0, 0.2)
    terms = {term.name: term.ul for term in found.budget}
    assert found.volume_ul == pytest.approx(99)
    assert found.mean_ul_h == pytest.approx(50)
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    for name, value in (
        ("readings at both ends", 0.0408), ("instrument", 0.4950), ("drift or evaporation", 0.1980),
        ("time not measured", 0.5774),
    ):  # fmt: skip
        assert terms[name] == pytest.approx(value, abs=1e-4), name
        assert f"{value:.4f} |" in page, name
    assert terms["noise that adds up"] == pytest.approx(0, abs=1e-9)
    assert found.volume_uncertainty_ul == pytest.approx(1.0694, abs=1e-4)
    assert found.mean_uncertainty_ul_h == pytest.approx(0.7869, abs=1e-4)
    assert "**1.0694**" in page
    assert "**0.7869 µL/h**" in page
