"""One taker's failure is nobody else's, and what the daemon itself failed at is said to be lost."""

from collections.abc import Callable

import pytest
from records import BOOT, reading

from pumplink import messages as m
from warmflow.device import session as s
from warmflow.device.link import PumpLink
from warmflow.device.updates import BoardEvent, Gap, Reading, Update
from warmflow.hub import Hub


class Failing:
    def put(self, update: Update) -> None:
        raise RuntimeError("no")


class Keeping:
    def __init__(self) -> None:
        self.got: list[Update] = []

    def put(self, update: Update) -> None:
        self.got.append(update)


@pytest.mark.parametrize("order", [lambda both: both, reversed])
def test_a_taker_that_fails_harms_no_other(order: Callable[[list[object]], list[object]]) -> None:
    said: list[str] = []
    hub, keeping = Hub(said.append), Keeping()
    for taker in order([Failing(), keeping]):
        hub.add(taker)  # type: ignore[arg-type]
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
    carry = link._reading

    def failing(record: s.Record) -> None:
        if record.message.sequence == 2:
            raise RuntimeError("no")
        carry(record)

    monkeypatch.setattr(link, "_reading", failing)
    link._handle([s.Record(BOOT, reading(number).message, False) for number in (1, 2, 3)])
    records = [update for update in keeping.got if isinstance(update, Reading | BoardEvent | Gap)]
    assert [type(each) for each in records] == [Reading, Gap, Reading]
    gap = records[1]
    assert isinstance(gap, Gap)
    assert (gap.first, gap.last) == (2, 2)
    assert isinstance(records[0].message, m.Telemetry)  # type: ignore[union-attr]
