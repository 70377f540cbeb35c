"""`warmflow emulate`: a virtual Pico on a separate port, until Ctrl-C. It opens no broker and decodes nothing.

For an invalid setting, a board uses the default and sends an event that is not read here. So the settings are checked
first, with the board's rules.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from pumpmodel import BODY_NAMES, FLUIDS, PLACES, PROFILE_NAMES
from warmflow.device.identity import name_fault
from warmflow.device.virtual import choose_engine, virtual_pico
from warmflow.device.virtual.announcements import announced
from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean

Say = Callable[[str], None]
CHOICES: dict[str, tuple[str, ...]] = {
    "profile": tuple(PROFILE_NAMES),
    "place": tuple(PLACES),
    "body": tuple(BODY_NAMES),
    "fluid": tuple(FLUIDS),
}


class RigError(UserError):
    """The board would refuse these settings; the text says what it allows."""


async def emulate(
    engine: str = "auto",
    *,
    say: Say,
    state_dir: Path | None = None,
    config: Mapping[str, Any] | None = None,
    firmware: Path | None = None,
    uf2: Path | None = None,
    board_speed: float = 1.0,
    show_board: bool = False,
) -> int:
    """Run a virtual Pico until SIGINT or SIGTERM; gives the exit status: 0, or 1 when the board died.

    say: takes each line for the user. state_dir: the board's flash; None takes one for each engine in the user's state
    folder. show_board: say also what the board's process writes to stderr.

    Raises: RigError for what the board would not take; EngineError, FirmwareFilesError, ChildError.
    """
    check(config or {})
    engine = choose_engine(engine).name  # once: it warns when it has to fall back
    if state_dir is None:
        state_dir = user_state_path("warmflow") / f"virtual-{engine}"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    board: dict[str, Any] = {"config": config, "firmware": firmware, "uf2": uf2, "board_speed": board_speed}
    try:
        async with AsyncExitStack() as stack:
            starts = virtual_pico(engine, state_dir=state_dir, on_line=say if show_board else None, **board)
            pico = await stack.enter_async_context(starts)
            say(f"port    {pico.port}")
            say(f"board   {pico.describe()}")
            stack.enter_context(announced(pico.port))
            say("next    warmflow run      (in another terminal; it finds this board. Ctrl-C here stops the board)")
            waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(pico.died.wait())]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if stop.is_set():
                return 0
            say(pico.describe())
            for line in pico.tail():
                say(f"    {line}")
            return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def check(config: Mapping[str, Any]) -> None:
    """Raises RigError for a name or a choice that the board would put its default in place of."""
    name = config.get("rig_name", "")
    if name and (fault := name_fault(name)):  # without one the board makes it of its id
        raise RigError(f"--name {fault}")
    for key, allowed in CHOICES.items():
        given = config.get(key, allowed[0])
        if given not in allowed:
            raise RigError(f"--{key} {given!r}: no such {key}; {did_you_mean(str(given), allowed)}")
