"""Handlers of the requests about alarms."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from warmflow.alarms.engine import NotPossible
from warmflow.alarms.lifecycle import Event
from warmflow.alarms.service import AlarmService
from warmflow.runtime.text import single_line

EVENTS = {
    "acknowledge": Event.ACKNOWLEDGE,
    "unlatch": Event.RESET,
    "shelve": Event.SHELVE,
    "unshelve": Event.UNSHELVE,
    "comment": Event.COMMENT,
}


def handlers(alarms: AlarmService) -> dict[str, Callable[[Any], Any]]:
    """By kind of request; the fields are those of `api.requests`. Each handler returns a coroutine."""

    def does(event: Event) -> Callable[[Any], Any]:
        async def act(ask: Any) -> dict[str, Any]:
            text = single_line(ask.text)
            return await alarms.act(ask.pump, ask.id, event, _signed(ask.by), text, getattr(ask, "minutes", None))

        return act

    async def undo(ask: Any) -> dict[str, Any]:
        return await alarms.undo(ask.pump, ask.id, _signed(ask.by))

    async def history(ask: Any) -> dict[str, Any]:
        until = datetime.fromisoformat(ask.until) if ask.until else None
        since = (until or alarms.clock()) - timedelta(hours=ask.hours)
        return {"history": await asyncio.to_thread(alarms.history, ask.pump, since, until, ask.limit)}

    async def set_limits(ask: Any) -> dict[str, Any]:
        return await alarms.change_limits(ask.pump, ask.limits, _signed(ask.by))

    return {
        "limits": lambda ask: alarms.limits_of(ask.pump),
        "set_limits": set_limits,
        "alarms": lambda ask: {"alarms": alarms.all(ask.pump)},
        "alarm_history": history,
        "undo_acknowledge": undo,
        **{kind: does(event) for kind, event in EVENTS.items()},
    }


def _signed(by: str) -> str:
    """Who asks, on one line."""
    name = " ".join(by.split())
    if not name.isprintable() or not name:
        raise NotPossible("by: enter your name, in printable characters")
    return name
