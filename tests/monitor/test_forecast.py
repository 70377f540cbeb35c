"""What is to come: within 20 % or a minute of what the model then does."""

import pytest
from exposed import Exposed, back_min, crossings_min, watched

from warmflow.monitor.forecast import HORIZON_MIN, Range, words

LIMITS = (0.10, 0.15, 0.25)
CASES = [
    Exposed("r11", "deep", 41.5, 0.05, 30),
    Exposed("r11", "average", 41.5, 0.05, 30),
    Exposed("r11", "slim", 39.5, 0.02, 30),
    Exposed("r11", "average", 39.5, 0.02, 30, place="skin"),
    Exposed("n-butane", "average", 41.5, 0.05, 30),
    Exposed("n-butane", "slim", 41.5, 0.0, 30),
    Exposed("r11", "slim", 41.5, 0.05, 30, declared_body="average"),
]


def right(said: float | None, true: float | None) -> bool:
    """Within 20 % or 1 min; at the edge of the horizon "not within the hour" is as right as an hour."""
    edge = 0.8 * HORIZON_MIN
    if said is None or true is None:
        return (said if said is not None else edge) >= edge and (true if true is not None else edge) >= edge
    return abs(said - true) <= max(1.0, 0.2 * true)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.profile}-{case.body}-{case.skin_c}-{case.place}")
def test_when_a_limit_is_crossed_and_when_it_is_over(case):
    true = crossings_min(case, LIMITS, 20 + HORIZON_MIN)
    over = back_min(case, LIMITS[0])
    judged = 0
    for minute, monitor in watched(case, 36, seed=5):
        found = monitor.diagnosis() if minute in (12.0, 20.0, 34.0) else None
        if found is None or found.forecast is None:
            continue
        for limit, said in found.forecast.crossings:
            assert minute < case.leaves_min, "it is over, and crossings are foretold"
            at = true[limit]
            if at is None or at > minute:
                assert right(said, None if at is None else at - minute), (minute, limit, said, at)
                judged += 1
        if minute == 34.0 and over > minute:
            assert found.forecast.left
            assert right(found.forecast.back_min, over - minute), (found.forecast.back_min, over - minute)
            judged += 1
    assert judged >= 2


def test_what_is_not_likely_to_be_crossed_is_not_said_to_be():
    case = Exposed("n-butane", "deep", 41.5, 0.0, 60)
    assert crossings_min(case, (0.10,), 90)[0.10] is None
    *_, (_, monitor) = watched(case, 25, seed=1)
    found = monitor.diagnosis()
    assert found is not None
    assert found.forecast is not None
    assert found.forecast.crossings[0] == (0.10, None)
    assert found.forecast.ranges[0].high_min is None
    assert "will cross" not in found.forecast.text


def test_will_not_cross_is_said_only_where_the_range_says_so():
    never, maybe, will = (Range(0.10, None, None), Range(0.10, 31.0, None), Range(0.10, 5.2, 7.9))
    assert words([never], None, False, 0.1) == "will not cross +10 % within 60 min if the exposure goes on"
    assert words([maybe], None, False, 0.1).startswith("may cross +10 % in 31 min at the earliest")
    assert words([will], None, False, 0.1) == "will cross +10 % in 5 to 8 min if the exposure goes on"


def test_a_crossing_is_told_as_a_range_that_holds_the_true_time():
    case = CASES[1]
    true = crossings_min(case, LIMITS, 80)
    *_, (minute, monitor) = watched(case, 9, seed=5)
    found = monitor.diagnosis()
    assert found is not None
    assert found.forecast is not None
    for limit, low, high in found.forecast.ranges:
        at = true[limit]
        assert at is not None
        assert low is not None
        assert high is not None
        assert low <= at - minute <= high, limit
    low, high = found.forecast.ranges[0][1:]
    assert f"{round(low)} to {round(high)} min" in found.forecast.text


def test_the_sentence():
    *_, (_, monitor) = watched(CASES[1], 14, seed=1)
    found = monitor.diagnosis()
    assert found is not None
    assert found.forecast is not None
    assert "if the exposure goes on" in found.forecast.text
    assert "once the exposure ends" in found.forecast.text
