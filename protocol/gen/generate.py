"""Makes what follows from the schema; --check tells what differs, status 1. Imports nothing of the host."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import emit_firmware
import emit_host
import emit_table

ROOT = Path(__file__).resolve().parents[2]
TARGETS: dict[str, Callable[[str], str]] = {
    "protocol/pumplink/messages.py": lambda _: emit_host.messages(),
    "protocol/pumplink/fastcodec.py": lambda _: emit_host.fastcodec(),
    "firmware/src/pump/codec.py": lambda _: emit_firmware.codec(),
    "docs/protocol.md": emit_table.protocol_page,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if a file is not what the schema gives"
    )
    check = parser.parse_args().check
    stale = []
    for name, make in TARGETS.items():
        path = ROOT / name
        present = path.read_text() if path.exists() else ""
        wanted = _formatted(name, make(present))
        if wanted != present:
            stale.append(name)
            if not check:
                path.write_text(wanted)
    for name in stale:
        print(f"{name}: {'differs from its source; run `make generate`' if check else 'written'}")
    return 1 if check and stale else 0


def _formatted(name: str, source: str) -> str:
    """Formats the code as `make format` does, so that `make format` never changes a generated file."""
    if not name.endswith(".py"):
        return source
    command = [sys.executable, "-m", "ruff", "format", "-q", "--stdin-filename", str(ROOT / name), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
