"""Parts wired round an emulated Pico, for tests: a module named by its file, and a channel to change its world.

The module has `fit(mcu)`, which attaches its parts to the chip and returns `tell(words: dict) -> dict`. Lines of JSON
on a loopback port, written to parts.port in the board's folder, are told and answered. Knows no part itself.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from warmflow.runtime.json_text import parse_json
from warmflow.runtime.output_file import write_text

PORT_FILE = Path("parts.port")  # in the child's working folder: the board's

Tell = Callable[[dict[str, Any]], dict[str, Any]]


def fit_parts(module: Path, mcu: Any) -> Tell:
    """Load the module and wire its parts. Raises: SystemExit naming a file that is no parts module."""
    spec = spec_from_file_location("parts_on_the_bench", module)
    if spec is None or spec.loader is None or not module.is_file():
        raise SystemExit(f"{module} is not a Python file: name a module with fit(mcu)")
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    tell: Tell = loaded.fit(mcu)
    return tell


async def serve(tell: Tell) -> asyncio.Server:
    """Take words from whoever connects, until the server is closed."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError):  # the board is switched off
            while line := await reader.readline():
                try:
                    said = tell(parse_json(line))
                except (ValueError, TypeError) as error:
                    said = {"error": str(error)}
                writer.write(json.dumps(said).encode() + b"\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    write_text(PORT_FILE, str(server.sockets[0].getsockname()[1]))
    return server
