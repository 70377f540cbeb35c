"""What the alarms publish on the hub."""

from typing import NamedTuple

from warmflow.alarms.engine import AlarmChange


class LimitsChanged(NamedTuple):
    """A limit of a pump, or of all pumps, has changed: `change` is its line in the history of alarms."""

    change: AlarmChange

    @property
    def pump(self) -> str:
        return self.change.held.pump


class AlarmChanged(NamedTuple):
    """An alarm of a pump has changed. A change without an `event` is no news: it repeats how the alarm is."""

    change: AlarmChange

    @property
    def pump(self) -> str:
        return self.change.held.pump
