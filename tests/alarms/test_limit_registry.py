"""Limits of one's own: one model, one door. What is set is in force at once, is a line of the history, outlives the
daemon, and is what a report goes by; what cannot be is refused with words.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from warmflow.alarms.alarm_history import line
from warmflow.alarms.limit_registry import ALL_PUMPS, BadLimits, LimitRegistry, limits_over_time
from warmflow.alarms.service import AlarmService
from warmflow.journal import Journal
from warmflow.monitor import DEFAULT_LIMITS, Level
from warmflow.monitor.limits import Limits
from warmflow.monitor.pump_limits import FIELDS, PumpLimits, fault

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Desk:
    """Keeps at once; `journal` is a real one."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def keep_alarms(self, rows: list[Any]) -> bool:
        self.journal.keep_alarms(rows)
        return True

    async def forget_alarms(self, pump: str) -> None:
        self.journal.forget_alarms(pump)


def levels(limits: Limits, deviation: float, seconds: int, from_s: int = 0) -> list[Level]:
    return [limits.update(deviation, 1000 * (from_s + at)) for at in range(seconds)]


def test_each_side_has_its_own_limits_and_hold_times() -> None:
    own = PumpLimits({"rate_low_below_percent": 5, "rate_raise_hold_s": 3, "rate_clear_hold_s": 4})
    assert levels(Limits(own), -0.06, 4) == [Level.NORMAL] * 3 + [Level.LOW]
    assert set(levels(Limits(own), 0.06, 60)) == {Level.NORMAL}
    limits = Limits(own)
    levels(limits, -0.06, 4)
    assert levels(limits, -0.01, 5, 4) == [Level.LOW] * 4 + [Level.NORMAL]


def test_hysteresis_holds_a_level_until_the_flow_is_so_far_below_its_limit() -> None:
    limits = Limits(PumpLimits({"rate_hysteresis_percent": 4, "rate_raise_hold_s": 0, "rate_clear_hold_s": 0}))
    assert limits.update(0.101, 0) is Level.LOW
    assert limits.update(0.061, 1000) is Level.LOW
    assert limits.update(0.059, 2000) is Level.NORMAL


def test_other_limits_take_effect_on_a_level_that_stands() -> None:
    limits = Limits()
    assert levels(limits, 0.12, 30)[-1] is Level.LOW
    limits.use(PumpLimits({"rate_low_above_percent": 13.9}))
    assert levels(limits, 0.12, 62, 30)[-1] is Level.LOW  # within the hysteresis
    limits.use(PumpLimits({"rate_low_above_percent": 14.9}))
    assert levels(limits, 0.12, 62, 92)[-1] is Level.NORMAL
    limits.use(PumpLimits({"rate_low_above_percent": 5, "rate_medium_above_percent": 11}))
    assert levels(limits, 0.12, 62, 154)[-1] is Level.MEDIUM


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rate_low_above_percent": 15}, "levels out of order: flow too high, low"),
        ({"rate_high_below_percent": 12}, "levels out of order: flow too low, medium"),
        ({"dose_medium_percent": 2}, "levels out of order: dose, low"),
        ({"near_empty_low_days": 0.5}, "levels out of order: near empty, medium"),
        ({"rate_hysteresis_percent": 10}, "or no flag would ever clear"),
        ({"rate_high_below_percent": 101}, "it must be 1 to 100"),
        ({"rate_raise_hold_s": -1}, "it must be 0 to 3600"),
        ({"dose_low_percent": float("nan")}, "it must be"),
        ({"rate_low_percent": 5}, "no such limit; (did you mean|known are)"),
    ],
)
def test_limits_that_cannot_be_are_refused_with_words_and_nothing_changes(values: dict[str, float], words: str) -> None:
    registry = LimitRegistry()
    with pytest.raises(BadLimits, match=words):
        registry.change("rig-a", values, "Ann", NOW)
    assert registry.of("rig-a") is registry.of("rig-b") is DEFAULT_LIMITS
    assert not registry.own("rig-a")


def test_the_defaults_fit_with_one_another() -> None:
    assert fault({}) == ""
    assert {name: DEFAULT_LIMITS[name] for name in FIELDS} == {name: each.default for name, each in FIELDS.items()}


def test_what_is_set_for_one_pump_goes_before_what_is_set_for_all_and_before_the_settings() -> None:
    registry = LimitRegistry({"dose_low_percent": 1.5}, {"rig-b": {"rate_low_above_percent": 6}})
    assert [each.held.pump for each in registry.started(NOW)] == [ALL_PUMPS, "rig-b"]
    registry.change(ALL_PUMPS, {"rate_low_above_percent": 8}, "Ann", NOW)
    registry.change("rig-a", {"rate_low_above_percent": 5}, "Ann", NOW)
    in_force = {pump: registry.of(pump)["rate_low_above_percent"] for pump in ("rig-a", "rig-b", "rig-c")}
    assert in_force == {"rig-a": 5, "rig-b": 6, "rig-c": 8}
    assert {registry.of(pump)["dose_low_percent"] for pump in in_force} == {1.5}
    [back] = registry.change("rig-a", {"rate_low_above_percent": None}, "Ann", NOW)
    assert registry.of("rig-a")["rate_low_above_percent"] == 8
    assert back.held.condition.text == "flow too high, low: from 5 to 8 %"


def test_limits_of_all_pumps_that_break_those_of_one_are_refused_with_its_name() -> None:
    registry = LimitRegistry()
    registry.change("rig-a", {"rate_low_above_percent": 12}, "Ann", NOW)
    with pytest.raises(BadLimits, match="limits of rig-a: levels out of order"):
        registry.change(ALL_PUMPS, {"rate_low_above_percent": 5, "rate_medium_above_percent": 11}, "Ann", NOW)
    assert registry.of("rig-c") is DEFAULT_LIMITS


async def test_a_change_is_in_the_history_and_outlives_the_daemon_and_the_pump(tmp_path: Path) -> None:
    journal, published = Journal(tmp_path / "journal.sqlite"), list[Any]()

    def service() -> AlarmService:
        registry = LimitRegistry(stored=journal.alarms())
        return AlarmService(Desk(journal), published.append, lambda text: None, lambda: NOW, limits=registry)

    alarms = service()
    running = asyncio.create_task(alarms.run())
    said = await alarms.change_limits("rig-a", {"rate_low_above_percent": 5.0}, "Ann")
    assert said["kept"]
    assert said["set"] == {"rate_low_above_percent": 5.0}
    alarms.forget("rig-a")
    assert await alarms.store()
    running.cancel()
    again = service()
    again.publish_all()
    assert again.limits.of("rig-a")["rate_low_above_percent"] == 5
    assert again.limits.of("rig-b") is DEFAULT_LIMITS
    [told] = again.history("rig-a")
    assert (told["event"], told["by"], told["at"]) == ("limit changed", "Ann", "2026-11-30T12:00:00.000Z")
    assert told["words"] == "Limit changed: flow too high, low: from 10 to 5 %"
    [change] = published
    assert change.pump == "rig-a"
    journal.close()


def test_limits_at_any_moment_follow_from_the_history_alone() -> None:
    registry, lines = LimitRegistry(), list[dict[str, Any]]()
    for minute, pump, percent in ((1, ALL_PUMPS, 9), (2, "rig-a", 5), (3, "rig-b", 6), (4, ALL_PUMPS, 8)):
        at = NOW + timedelta(minutes=minute)
        lines += [line(each) for each in registry.change(pump, {"rate_low_above_percent": percent}, "Ann", at)]

    def over_time(pump: str) -> list[tuple[int, float]]:
        found = limits_over_time(lines, pump)
        return [(round((at - NOW).total_seconds() / 60), each["rate_low_above_percent"]) for at, each in found]

    assert over_time("rig-a") == [(1, 9), (2, 5)]
    assert over_time("rig-c") == [(1, 9), (4, 8)]
