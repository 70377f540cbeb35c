"""What each character of MicroPython's own font looks like, asked of its unix port: to read a display by."""

import json
import subprocess
import sys
from functools import cache

START = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
PRINT = """
import framebuf, json
seen = {}
for code in range(32, 127):
    picture = bytearray(8)
    framebuf.FrameBuffer(picture, 8, 8, framebuf.MONO_VLSB).text(chr(code), 0, 0)
    seen[chr(code)] = picture.hex()
print(json.dumps(seen))
"""


@cache
def glyphs() -> dict[bytes, str]:
    """Eight columns of eight pixels each -> character."""
    done = subprocess.run(
        [sys.executable, "-c", START, "-c", PRINT], capture_output=True, text=True, check=True, timeout=60
    )
    return {bytes.fromhex(picture): letter for letter, picture in json.loads(done.stdout).items()}
