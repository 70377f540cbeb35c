"""A board's prompt without a board: the code that flashing sends is run by MicroPython's unix port, with a folder as
the board's flash.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warmflow.device.flash.raw_repl import BoardError

START = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
DRIVER = """
import io, json, os, sys, vfs
vfs.umount("/")
vfs.mount(vfs.VfsPosix({flash!r}), "/")
class Os: pass
real, fake = sys.modules.get("os") or __import__("os"), Os()
for name in dir(real): setattr(fake, name, getattr(real, name))
def rename(old, new):  # the port's own mistakes the new name for the old one where a folder is mounted
    real.stat(old)
    with open(old, "rb") as file: data = file.read()
    with open(new, "wb") as file: file.write(data)
    real.remove(old)
fake.rename = rename
sys.modules["os"] = fake
scope = {{}}
while True:
    line = sys.stdin.buffer.readline()
    if not line: break
    size, _ = int(line), sys.stdin.buffer.readline()  # the payload is read by the code itself
    code = sys.stdin.buffer.read(size).decode()
    try:
        exec(code, scope)
        print("\\x04")
    except Exception as error:
        text = io.StringIO()
        sys.print_exception(error, text)
        print("\\x04" + json.dumps(text.getvalue()))
"""


class PaperPrompt:
    """Like `warmflow.device.flash.raw_repl.Prompt`. `fails_at`: so many runs, then the cable is out.

    interpreter: the command of another MicroPython than the unix port, which has a flash of its own.
    """

    path = "/dev/paper"

    def __init__(self, flash: Path, fails_at: int | None = None, interpreter: list[str] | None = None) -> None:
        flash.mkdir(exist_ok=True)
        # what is imported is read from the process's own folder, past the mounted one
        command = interpreter or [sys.executable, "-P", "-c", START, "-c", DRIVER.format(flash=str(flash))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=flash)
        self._fails_at = fails_at
        self.runs = 0

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def run(self, code: str, payload: bytes = b"", on_line: Callable[[str], None] = lambda line: None) -> list[str]:
        self.runs += 1
        if self.runs == self._fails_at:
            raise OSError("device disconnected")
        assert self._process.stdin
        assert self._process.stdout
        assert b"\x03" not in payload
        self._process.stdin.write(b"%d\n%d\n" % (len(code.encode()), len(payload)) + code.encode() + payload)
        self._process.stdin.flush()
        lines: list[str] = []
        while not (line := self._process.stdout.readline().decode()).startswith("\x04"):
            assert line, "the interpreter ended"
            lines.append(line.strip())
            on_line(lines[-1])
        if line.strip("\x04\r\n"):
            raise BoardError(json.loads(line[1:]).splitlines()[-1])
        return lines

    def ask(self, code: str) -> Any:
        return json.loads(self.run(code)[-1])
