"""The handler of `adopt`: a Pico was replaced, and the new one is to go on as the pump of the old one.

The name moves on disk first, with who said so; then the board at hand is called by it. Refuses while the old board is
there: a name is of one board.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from warmflow.api.requests import NotDone
from warmflow.api.requests.board_commands import Config
from warmflow.daemon.dispatcher import find
from warmflow.daemon.handlers.annotations import Keeps
from warmflow.device.identity import PumpName, is_board_id, pump_name
from warmflow.device.link import PumpLink
from warmflow.device.name_registry import NameRegistry
from warmflow.errors import UserError
from warmflow.journal import names
from warmflow.runtime.text import did_you_mean, printable, single_line
from warmflow.runtime.wall_clock import Clock

THERE = "{name} is in use by board {board} at {port}; unplug that board first, because a name belongs to one board"


def handlers(
    links: Callable[[], Iterable[PumpLink]],
    registry: NameRegistry,
    async_journal: Keeps,
    clock: Clock,
    log: Callable[[str], None],
) -> dict[str, Callable[[Any], Any]]:
    """By kind of request."""

    async def adopt(ask: Any) -> dict[str, Any]:
        name, board_id = pump_name(ask.pump), _board(ask.board, links(), registry)
        before = _owner(name, board_id, links(), registry)
        by = single_line(ask.by)
        try:
            await async_journal.write(lambda db: names.adopt(db, name, board_id, by, round(clock().timestamp() * 1000)))
        except sqlite3.Error as error:
            raise UserError(f"not adopted: writing to the journal failed: {error}") from None
        registry.adopt(name, board_id)
        log(f"{name} now belongs to board {board_id}, no longer to board {before}{f' ({by})' if by else ''}")
        return {"pump": name, "board_id": board_id, "board_before": before, "board": await _call(name, board_id)}

    async def _call(name: PumpName, board_id: str) -> str:
        """Gives the board its name if it is connected. The board is no longer refused."""
        link = next((each for each in links() if each.board_id == board_id), None)
        if link is None:
            return "not connected; it gets the name when it is plugged in and its rig_name is set"
        if link.said_name == name:
            link.ask_again()
            return f"at {link.wanted}: called {name} already"
        try:
            await link.command(Config(pump=name, settings={"rig_name": name}).command)
        except UserError as error:
            raise NotDone(f"{name} belongs to the board now, and the board was not renamed: {error}") from None
        link.ask_again()
        return f"at {link.wanted}: renamed to {name}"

    return {"adopt": adopt}


def _board(asked: str, links: Iterable[PumpLink], registry: NameRegistry) -> str:
    """The id of the board that is meant. Raises NotDone."""
    links = list(links)
    here = {each.board_id for each in links if each.board_id}
    if asked in here:
        return asked
    at_port = next((each.board_id for each in links if each.wanted == asked and each.board_id), None)
    if at_port:
        return at_port
    if is_board_id(asked) and registry.knows(asked):
        return asked
    try:
        link = find(asked, links)
    except NotDone:
        raise NotDone(f"{printable(asked, 60)}: no such board; {did_you_mean(asked, sorted(here))}") from None
    if not link.board_id:
        raise NotDone(f"{printable(asked, 60)}: the board at this port is not identified: {link.session.state.value}")
    return link.board_id


def _owner(name: PumpName, board_id: str, links: Iterable[PumpLink], registry: NameRegistry) -> str:
    """The board that the name belongs to now. Raises NotDone where it cannot move."""
    before = registry.owner(name)
    if before is None:
        raise NotDone(f"{name}: no such pump; {did_you_mean(name, registry.names())}")
    if before == board_id:
        raise NotDone(f"{name} belongs to board {board_id} already")
    for link in links:
        if link.board_id == before:
            raise NotDone(THERE.format(name=name, board=before, port=link.wanted))
    return before
