"""One taker's failure is nobody else's, and what the daemon itself failed at is said to be lost."""

from collections.abc import Callable
from typing import Any

import pytest
from records import BOOT, reading

from pumplink import messages as m
from warmflow.device import session as s
from warmflow.device.link import PumpLink
from warmflow.device.updates import BoardEvent, Gap, PumpRemoved, Reading
from warmflow.hub import Hub, MustDeliver, PumpUpdate, UpdateQueue


class Failing:
    def on_update(self, update: PumpUpdate) -> None:
        raise RuntimeError("no")


class Keeping:
    def __init__(self) -> None:
        self.got: list[PumpUpdate] = []

    def on_update(self, update: PumpUpdate) -> None:
        self.got.append(update)


@pytest.mark.parametrize("order", [lambda both: both, reversed])
def test_a_taker_that_fails_harms_no_other(order: Callable[[list[object]], list[object]]) -> None:
    said: list[str] = []
    hub, keeping = Hub(said.append), Keeping()
    for subscriber in order([Failing(), keeping]):
        hub.add(subscriber)  # type: ignore[arg-type]
    hub.publish(reading(1))
    hub.publish(reading(2))
    assert len(keeping.got) == 2
    assert len(said) == 2
    assert "Failing" in said[0]


def test_a_record_that_the_daemon_fails_at_is_a_gap_and_the_ones_behind_it_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub, keeping = Hub(), Keeping()
    hub.add(keeping)
    link = PumpLink("nowhere", hub.publish, lambda line: None)
    link.name = "rig"
    carry = link._records._reading

    def failing(record: s.Record, *known: Any) -> None:
        if record.message.sequence == 2:
            raise RuntimeError("no")
        carry(record, *known)

    monkeypatch.setattr(link._records, "_reading", failing)
    link._handle([s.Record(BOOT, reading(number).message, False) for number in (1, 2, 3)])
    records = [update for update in keeping.got if isinstance(update, Reading | BoardEvent | Gap)]
    assert [type(each) for each in records] == [Reading, Gap, Reading]
    gap = records[1]
    assert isinstance(gap, Gap)
    assert (gap.first, gap.last) == (2, 2)
    assert isinstance(records[0].message, m.Telemetry)  # type: ignore[union-attr]


class Answering(Keeping):
    """Publishes an update of its own when it gets a reading, as the alarms do."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub

    def on_update(self, update: PumpUpdate) -> None:
        super().on_update(update)
        if isinstance(update, Reading):
            self._hub.publish(PumpRemoved("answer"))


def test_every_subscriber_gets_the_same_order_where_one_publishes_in_turn() -> None:
    hub = Hub()
    first, answering, last = Keeping(), Answering(hub), Keeping()
    for each in (first, answering, last):
        hub.add(each)
    hub.publish(reading(1))
    hub.publish(reading(2))
    order = [Reading, PumpRemoved, Reading, PumpRemoved]
    assert [[type(each) for each in one.got] for one in (first, answering, last)] == [order] * 3


class FailingVital(MustDeliver, Failing):
    pass


def test_the_publisher_learns_of_a_vital_failure_and_what_was_published_meanwhile_is_delivered() -> None:
    hub = Hub()
    answering = Answering(hub)
    hub.add(answering)
    hub.add(FailingVital())
    with pytest.raises(RuntimeError):
        hub.publish(reading(1))
    assert [type(each) for each in answering.got] == [Reading, PumpRemoved]
    with pytest.raises(RuntimeError):
        hub.publish(PumpRemoved("rig"))
    assert len(answering.got) == 3


def test_a_slow_subscriber_loses_its_oldest_updates_but_none_of_a_class_that_is_never_dropped() -> None:
    slow = UpdateQueue(3, never_drops=(PumpRemoved,))
    for number in range(1, 6):
        slow.on_update(reading(number))
        slow.on_update(PumpRemoved(f"rig-{number}"))
    got = slow.get_all()
    assert [each.pump for each in got if isinstance(each, PumpRemoved)] == [f"rig-{number}" for number in range(1, 6)]
    assert not [each for each in got if isinstance(each, Reading)]
    assert slow.dropped == 5
    assert slow.waiting == 0
