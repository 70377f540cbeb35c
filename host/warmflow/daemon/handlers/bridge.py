"""Handlers of the requests about the daemon itself: how it is, and publishing everything again."""

from collections.abc import Callable, Sequence
from typing import Any

from warmflow.sinks.sink import Sink


def handlers(sinks: Sequence[Sink], health: Callable[[], dict[str, Any]]) -> dict[str, Callable[[Any], Any]]:
    """By kind of request."""

    def publish(ask: Any) -> dict[str, Any]:
        for sink in sinks:
            sink.publish_again()
        return {}

    return {"publish": publish, "health": lambda ask: health()}
