"""Handlers of the requests about the list of pumps: listing them, and forgetting one that was removed."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from warmflow.api.requests import NotDone
from warmflow.daemon.pump_entries import roster
from warmflow.device.link import PumpLink
from warmflow.device.updates import PumpRemoved
from warmflow.runtime.text import did_you_mean, printable
from warmflow.sinks.sink import Sink


def handlers(
    links: Callable[[], Iterable[PumpLink]], sinks: Sequence[Sink], publish: Callable[[PumpRemoved], None]
) -> dict[str, Callable[[Any], Any]]:
    """By kind of request. A pump that is forgotten and not there is published as gone."""

    def forget(ask: Any) -> dict[str, Any]:
        known = [name for sink in sinks for name in sink.known_pumps()]
        if ask.pump not in known:
            raise NotDone(f"{printable(ask.pump, 60)}: no such pump; {did_you_mean(ask.pump, sorted(known))}")
        removed = [name for sink in sinks for name in sink.forget_pump(ask.pump)]
        if ask.pump not in [link.name for link in links()]:
            publish(PumpRemoved(ask.pump))
        return {"removed": removed}

    return {"list": lambda ask: {"pumps": roster(links())}, "forget": forget}
