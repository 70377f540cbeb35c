"""Carries requests out and answers each one with the result, the board's answer, or the error. Handles one request at a
time for each pump, in the order of arrival. It never raises and always answers.
"""

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pumplink import messages as m
from warmflow.api.requests.board_commands import Command, OfPump
from warmflow.api.requests.dispatch import OFF, Answer, Outcome
from warmflow.api.requests.errors import NotDone
from warmflow.api.requests.parse import Refused, parse
from warmflow.api.requests.table import KINDS
from warmflow.device.link import PumpLink
from warmflow.errors import UserError
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.text import did_you_mean, printable

Handler = Callable[[Any], Any]
AT_ONCE_MAX = 50


class Dispatcher:
    """`await answer(kind, payload)` carries a request out, whichever sink received it.

    `handlers`, by kind, carry out the daemon's own requests: a handler gets the request's fields and returns the data
    of the answer, or a coroutine for it; it may raise UserError. `done` gets the outcome of each request that may
    change something. `reserved` gives the reason why a pump accepts no commands now, or "".
    """

    def __init__(
        self,
        links: Callable[[], Iterable[PumpLink]],
        handlers: Mapping[str, Handler] = MappingProxyType({}),
        done: Callable[[Outcome], None] = lambda outcome: None,
        reserved: Callable[[str], str] = lambda pump: "",
    ) -> None:
        self._links, self._handlers, self._report, self._reserved = links, dict(handlers), done, reserved
        self._turns: dict[PumpLink, asyncio.Lock] = {}
        self._at_once = 0

    async def answer(
        self, kind: str, payload: bytes, *, allowed: bool, off: str = OFF, operators: bool = False
    ) -> Answer:
        """`{"status": "ok", "data": ...}` or `{"status": "error", "error": ...}`, with the request's `transaction`.

        allowed: whether this sink may give commands; `off` is the error if not. operators: whether this sink may, even
        then, carry out requests that change no pump (alarms).
        """
        request = parse(kind, payload)
        if kind in KINDS and not (allowed or KINDS[kind].always or (operators and KINDS[kind].operator)):
            return _error(off, request.transaction)
        if isinstance(request, Refused):
            return _error(request.error, request.transaction)
        if self._at_once >= AT_ONCE_MAX:
            return _error(f"busy: {AT_ONCE_MAX} requests are being carried out", request.transaction)
        self._at_once += 1
        try:
            answer: Answer = {"status": "ok", "data": await self._done(kind, request.ask)}
        except UserError as error:
            answer = _error(str(error))
        except Exception as error:  # a bug of the daemon; the client still gets an answer
            answer = _error(f"the daemon failed at it: {error!r}")
        finally:
            self._at_once -= 1
        if not KINDS[kind].always:
            pump = getattr(request.ask, "pump", None)
            self._report(Outcome(kind, pump, answer["status"], answer.get("error")))
        return _with(answer, request.transaction)

    def refuse(self, kind: str, payload: bytes, error: str) -> Answer:
        """The answer to a request that arrived in an invalid way."""
        return _error(error, parse(kind, payload).transaction)

    async def _done(self, kind: str, ask: Any) -> Any:
        if isinstance(ask, OfPump) and not KINDS[kind].beside:
            self._not_reserved(ask.pump)
        if kind in self._handlers:
            done = self._handlers[kind](ask)
            return await done if inspect.isawaitable(done) else done
        if not isinstance(ask, OfPump):
            raise NotDone(f"{kind}: not available in this daemon")
        link = find(ask.pump, self._links())
        async with self._turns.setdefault(link, asyncio.Lock()):
            if isinstance(ask, Command):
                if link.session.state.is_closed:
                    raise NotDone(f"{link.name or link.wanted}: {link.session.state.value}: {link.session.detail}")
                return _said(await link.command(ask.command))
            if kind != "restart":
                raise NotDone(f"{kind}: not available in this daemon")
            await link.restart()
            return {"status": link.session.state.value, "reason": link.session.detail}

    def _not_reserved(self, name: str) -> None:
        """Raises NotDone if the pump is reserved. A pump that does not exist is not an error here."""
        with contextlib.suppress(NotDone):
            name = find(name, self._links()).name or name
        if why := self._reserved(name):
            raise NotDone(f"{name}: {why}")


def find(name: str, links: Iterable[PumpLink]) -> PumpLink:
    """The pump with this name, board id or port. Raises NotDone, with the nearest name."""
    found: dict[str, PumpLink] = {}
    for link in links:
        board = link.session.boot.board_id if link.session.boot and link.name else None
        for key in (link.wanted, board, link.name):
            if key and (link.name == key or key not in found):
                found[key] = link
    if name in found:
        return found[name]
    names = [link.name or link.wanted or "" for link in found.values()]
    raise NotDone(f"{printable(name, 60)}: no such pump; {did_you_mean(name, sorted(names))}")


def _said(ack: m.Ack) -> Any:
    """The board's answer: JSON where it answers in JSON."""
    try:
        return {"board": parse_json(ack.text)} if ack.text else {}
    except ValueError:
        return {"board": ack.text}


def _error(text: str, transaction: Any = None) -> Answer:
    return _with({"status": "error", "error": text}, transaction)


def _with(answer: Answer, transaction: Any) -> Answer:
    return answer if transaction is None else answer | {"transaction": transaction}


def _outcome(answer: Answer) -> Answer:
    return {key: answer[key] for key in ("status", "error") if key in answer}
