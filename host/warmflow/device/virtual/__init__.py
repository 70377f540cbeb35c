"""A virtual Pico: the firmware of the board, running on this computer behind a pseudo-terminal.

`async with virtual_pico(state_dir=..., config={...}) as pico:` gives a `pico.port` that pyserial opens like a Pico's.
"""

from warmflow.device.virtual.engine import Board, Engine, EngineError
from warmflow.device.virtual.rp2040 import find_uf2
from warmflow.device.virtual.virtual_pico import ENGINES, VirtualPico, choose_engine, virtual_pico

__all__ = ["ENGINES", "Board", "Engine", "EngineError", "VirtualPico", "choose_engine", "find_uf2", "virtual_pico"]
