"""What every engine has in common: a board to run, and a command line that runs it.

An engine's process has the master side of the board's pseudo-terminal as its stdin and stdout, not blocking, and
speaks on stderr to people. It starts nothing and watches nothing: that is `pico.py`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warmflow.errors import UserError
from warmflow.runtime.output_file import write_bytes

# A board's process that ends with this status asks to be started again: the virtual board's `machine.reset()`.
RESET_STATUS = 3


class EngineError(UserError):
    """A virtual Pico cannot run here; the message names what is missing and the remedy."""


@dataclass(frozen=True)
class Board:
    """One virtual board. `firmware` holds main.py; `state_dir` is its flash, which a reset and a restart keep."""

    firmware: Path
    state_dir: Path
    config: Mapping[str, Any] | None = None
    uf2: Path | None = None
    # Board seconds per second of this computer; only an engine with a clock of its own can differ from 1.
    board_speed: float = 1.0
    # Python module that wires parts to the emulated chip; rp2040 only.
    parts: Path | None = None

    @property
    def flash_files(self) -> dict[str, bytes]:
        """What is written to its flash before it starts, beside the firmware."""
        return {} if self.config is None else {"config.json": (json.dumps(self.config, indent=2) + "\n").encode()}


@dataclass(frozen=True)
class Engine:
    """A way to run a board.

    what: one line for people. missing: why it cannot run here, with the remedy, or None.
    prepare: makes `state_dir` ready, once before the first start. command: the argument vector; raises EngineError.
    """

    name: str
    what: str
    missing: Callable[[], str | None]
    prepare: Callable[[Board], None]
    command: Callable[[Board], list[str]]


def write_flash_files(board: Board) -> None:
    """Put the board's files into its state folder, for an engine whose flash is a folder."""
    for name, data in board.flash_files.items():
        write_bytes(board.state_dir / name, data, flush=False)


def refuse_speed(board: Board, engine: str) -> None:
    """Raises EngineError for a board speed other than 1, or parts: this engine has the computer's clock and no pins."""
    if board.parts:
        raise EngineError(f"engine {engine} has no pins to wire {board.parts} to: use the rp2040 engine")
    if board.board_speed != 1:
        raise EngineError(
            f"engine {engine} cannot run the board's clock at {board.board_speed:g}x: use the rp2040 engine, "
            "or the firmware's pump speed"
        )
