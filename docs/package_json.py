"""package.json for `mpremote mip install`: every file of the firmware, with its place on the board.

It lies at the top of the repository, for there mip looks by itself, and since a web server need not understand "..".
"""

import ast
import json
from pathlib import Path

from warmflow.device.firmware.files import firmware_files

ROOT = Path(__file__).resolve().parents[1]


def package() -> str:
    urls = [[name, path.resolve().relative_to(ROOT).as_posix()] for name, path in firmware_files().items()]
    lines = ",\n".join(f"    {json.dumps(pair)}" for pair in urls)
    return f'{{\n  "urls": [\n{lines}\n  ],\n  "deps": [],\n  "version": "{_version()}"\n}}\n'


def _version() -> str:
    """The firmware's, as HELLO tells it."""
    for node in ast.parse((ROOT / "firmware/src/pump/app.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSION":
            return ".".join(str(part) for part in ast.literal_eval(node.value))
    raise SystemExit("firmware/src/pump/app.py has no VERSION")
