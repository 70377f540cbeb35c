"""What the daemon knows of a sink: how it runs and ends, whether it works, and how far its peer is.

A sink is a subclass of `Sink` that overrides what it has; the defaults are a sink that keeps nothing outside. A durable
one has a stream of records: it reads the journal through a cursor of its own.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from warmflow.sinks.record_stream import RecordStream


class Figure(NamedTuple):
    """A value for `/metrics`, by the name in the daemon's table of metrics."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


class Sink(Protocol):
    """Run `run()` as a task, `stop()` it, and give it time to end."""

    name: str  # in `/metrics`, and of its cursor
    peer: str  # where its updates go, as `/health` calls it

    @abstractmethod
    async def run(self) -> None:
        """Until `stop` or cancelled."""

    @abstractmethod
    async def stop(self) -> None:
        """Asks `run` to deliver what it can and to end. Cancelling it ends it at once."""

    async def ready(self) -> None:
        """Returns when updates reach the peer."""
        return  # an empty body would count as abstract

    def durable(self) -> RecordStream | None:
        """Its stream of records; None if it is not durable."""
        return None

    def failure(self) -> str:
        """Why something has not reached the peer for some time; "" while all is well."""
        return ""

    def warnings(self) -> Iterable[str]:
        """What is wrong although updates get through."""
        return ()

    def figures(self) -> Iterable[Figure]:
        """What it counts."""
        return ()

    def publish_again(self) -> None:
        """Everything that the peer should have is published again."""
        return  # an empty body would count as abstract

    def known_pumps(self) -> list[str]:
        """Pumps that the peer may have something of."""
        return []

    def forget_pump(self, pump: str) -> list[str]:
        """Takes what it has of a pump from the peer; the names of what went."""
        return []
