"""Two points of a probe: they shift and stretch, and nonsense is refused in words."""

import pytest
from parts.calibration import line, problem

GOOD = {"sensor": "ntc", "low": [33_500, 34_000], "high": [40_800, 41_000]}


def test_two_points_are_met_exactly() -> None:
    gain, offset_c = line(GOOD, "ntc")
    assert gain * 33.5 + offset_c == pytest.approx(34.0)
    assert gain * 40.8 + offset_c == pytest.approx(41.0)


@pytest.mark.parametrize("point", ["low", "high"])
def test_one_point_shifts_only(point: str) -> None:
    assert line({"sensor": "ntc", point: [36_000, 36_500]}, "ntc") == (1.0, 0.5)


def test_a_calibration_is_for_the_probe_it_was_made_with() -> None:
    assert line(GOOD, "ds18b20") == (1.0, 0.0)
    assert line({}, "ntc") == (1.0, 0.0)


@pytest.mark.parametrize("sound", [{}, GOOD, {"sensor": "ntc", "low": [0, 0]}])
def test_what_is_sound_is_taken(sound: dict) -> None:
    assert problem(sound) is None


@pytest.mark.parametrize(
    ("nonsense", "word"),
    [
        (7, "object"),
        ({"offset": 1}, "offset"),
        ({"low": [1]}, "point"),
        ({"low": [36_000.5, 36_000]}, "point"),
        ({"low": [30_000, 41_000]}, "degC off"),
        ({"low": [200_000, 200_000]}, "from -20 to 110"),
        ({"low": [34_000, 34_000], "high": [36_000, 36_000]}, "5 degC above"),
        ({"low": [41_000, 41_000], "high": [34_000, 34_000]}, "5 degC above"),
        ({"low": [34_000, 34_000], "high": [41_000, 42_500]}, "slope of more"),
        ({"low": [34_000, 34_000], "high": [44_000, 41_000]}, "slope of less"),
    ],
)
def test_nonsense_is_refused_by_name(nonsense: object, word: str) -> None:
    assert word in problem(nonsense)
