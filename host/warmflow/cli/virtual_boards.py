"""The virtual boards of `warmflow run --virtual`: they end with the daemon; their flash is in the state folder."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from platformdirs import user_state_path

from warmflow.device.virtual import choose_engine, virtual_pico


@asynccontextmanager
async def virtual_boards(count: int, state_dir: Path | None) -> AsyncIterator[list[str]]:
    """The ports of so many running boards, `virtual-1` and on. Raises EngineError, FirmwareFilesError, ChildError."""
    folder = state_dir or user_state_path("warmflow")
    async with AsyncExitStack() as stack:
        ports = []
        engine = choose_engine("auto").name if count else ""
        for number in range(1, count + 1):
            config = {"rig_name": f"virtual-{number}", "sensor": "emulated"}
            board = virtual_pico(engine, state_dir=folder / f"virtual-board-{number}", config=config)
            ports.append((await stack.enter_async_context(board)).port)
        yield ports
