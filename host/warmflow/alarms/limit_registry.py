"""The limits of every pump, and who changed them. One door: pages, requests and commands change limits here alone.

Limits come in layers, each of some values: the built-in ones, the settings for all pumps, what people set for all
pumps, the settings for one pump, what people set for it. The last layer that names a value counts.
Pure: the caller keeps the
rows, publishes the changes and gives the time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from warmflow.alarms.alarm import Alarm
from warmflow.alarms.conditions import Condition
from warmflow.alarms.engine import AlarmChange
from warmflow.errors import UserError
from warmflow.journal.alarm_rows import LIMITS
from warmflow.monitor.pump_limits import DEFAULT_LIMITS, FIELDS, PumpLimits, fault
from warmflow.runtime.text import did_you_mean, printable

ALL_PUMPS = "all pumps"  # no pump can have this name
LIMIT_CHANGED = "limit changed"
BY_SETTINGS = "the settings"
Values = Mapping[str, float]


class BadLimits(UserError):
    """Limits that cannot be used; says which and why."""


class LimitRegistry:
    """`settings`: values for all pumps; `of_pumps`: for single ones, by name. `stored`: rows that `kept` has made.

    Raises: BadLimits if the settings do not fit with one another.
    """

    def __init__(
        self, settings: Values | None = None, of_pumps: Mapping[str, Values] | None = None,
        stored: Iterable[Mapping[str, Any]] = (),
    ) -> None:  # fmt: skip
        self._settings: dict[str, Values] = {ALL_PUMPS: dict(settings or {}), **(of_pumps or {})}
        self._set: dict[str, dict[str, float]] = {}  # by pump, what people set
        self._told: dict[str, PumpLimits] = {}  # as the history has them
        self._in_force: dict[str, PumpLimits] = {}
        for row in stored:
            self._take(row)
        for pump in (ALL_PUMPS, *self._settings):
            if why := fault(self._merged(pump)):
                self._set.pop(pump, None)  # what somebody set fits no longer with the settings: these count
                self._set.pop(ALL_PUMPS, None)
            if why and (why := fault(self._merged(pump))):
                raise BadLimits(f"limits of {pump}: {why}")

    def of(self, pump: str) -> PumpLimits:
        """That are in force; the same object until they change."""
        found = self._in_force.get(pump)
        if found is None:
            merged = PumpLimits(self._merged(pump))
            default = DEFAULT_LIMITS if pump == ALL_PUMPS else self.of(ALL_PUMPS)
            found = self._in_force[pump] = default if merged == default else merged
        return found

    def own(self, pump: str) -> dict[str, float]:
        """What people have set for this pump, or for all of them."""
        return dict(self._set.get(pump, {}))

    def known(self) -> list[str]:
        """Pumps that have limits of their own."""
        return sorted(({*self._settings, *self._set} | set(self._told)) - {ALL_PUMPS})

    def change(self, pump: str, values: Mapping[str, float | None], by: str, at: datetime) -> list[AlarmChange]:
        """Sets these values; None takes a value back to what it is without this. One line of history for each value
        that is another one now. Raises BadLimits, and nothing has changed.
        """
        for name in values:
            if name not in FIELDS:
                raise BadLimits(f"{printable(name)}: no such limit; {did_you_mean(name, FIELDS)}")
        before = dict(self._set)
        asked = {**self.own(pump), **values}
        self._set[pump] = {name: float(value) for name, value in asked.items() if value is not None}
        for each in (pump,) if pump != ALL_PUMPS else (ALL_PUMPS, *self.known()):
            if why := fault(self._merged(each)):
                self._set = before
                raise BadLimits(f"limits of {each}: {why}" if each != pump else why)
        self._in_force.clear()
        return self._news(pump, by, at)

    def started(self, at: datetime) -> list[AlarmChange]:
        """What the settings have changed since the daemon ran last; once, at the start."""
        return self._news(ALL_PUMPS, BY_SETTINGS, at)

    def kept(self, pump: str) -> dict[str, Any]:
        """For the journal."""
        return {"pump": pump, "id": LIMITS, "set": self.own(pump), "in_force": self.of(pump).values()}

    def _take(self, row: Mapping[str, Any]) -> None:
        """A stored row; one that cannot be read costs itself."""
        try:
            pump, own, told = str(row["pump"]), _numbers(row["set"]), _numbers(row["in_force"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return
        if not fault(told):
            self._set[pump], self._told[pump] = own, PumpLimits(told)

    def _merged(self, pump: str) -> dict[str, float]:
        layers = [self._settings[ALL_PUMPS], self._set.get(ALL_PUMPS, {})]
        if pump != ALL_PUMPS:
            layers += [self._settings.get(pump, {}), self._set.get(pump, {})]
        return {name: value for layer in layers for name, value in layer.items()}

    def _news(self, pump: str, by: str, at: datetime) -> list[AlarmChange]:
        """Lines for each value in force that the history does not have; of all pumps, too, if those of all changed."""
        found = []
        for each in (pump,) if pump != ALL_PUMPS else (ALL_PUMPS, *self.known()):
            now = self.of(each)
            before = self._told.get(each, self._told.get(ALL_PUMPS, DEFAULT_LIMITS))
            changed = [name for name in FIELDS if before[name] != now[name]]
            if not changed and pump != each:
                continue
            self._told[each] = now
            figures = tuple(now.values().items())
            for name in changed:
                of = FIELDS[name]
                text = f"{of.label}: from {before[name]:g} to {now[name]:g} {of.unit}"
                held = Alarm(each, LIMITS, condition=Condition(LIMITS, text=text, figures=figures))
                found.append(AlarmChange(held, LIMIT_CHANGED, at, by))
        return found


def limits_over_time(lines: Iterable[Mapping[str, Any]], pump: str) -> list[tuple[datetime, PumpLimits]]:
    """Since when a pump had which limits, from lines of the alarms' history of this pump and of all, oldest first. A
    pump that has lines of its own gets one with every change for all pumps.
    """
    found: list[tuple[datetime, PumpLimits]] = []
    has_own = False
    for line in lines:
        if line.get("id") != LIMITS or line.get("pump") not in (pump, ALL_PUMPS) or not line.get("figures"):
            continue
        if line["pump"] == ALL_PUMPS and has_own:
            continue
        has_own = has_own or line["pump"] == pump
        try:
            values = _numbers(line["figures"])
            at = datetime.fromisoformat(line["at"])
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # a line that is damaged costs itself
        if not fault(values) and (not found or found[-1][1] != PumpLimits(values)):
            found.append((at, PumpLimits(values)))
    return found


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if name in FIELDS}
