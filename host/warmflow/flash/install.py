"""The firmware onto a board in two steps: every new file is copied beside the old one and its hash verified on the
board; then all are renamed in one go.

Until the second step the old firmware is untouched; in it main.py goes first and comes back last, so a cut leaves a
board that waits at its prompt, never one that runs a mixture. What was copied before a cut is not copied again.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from warmflow.flash.errors import FlashError
from warmflow.flash.program import MAIN, STAGED, Plan, digest, folders
from warmflow.flash.prompt import BROKEN, BoardError, Prompt

CHUNK_BYTES = 1020  # of a file, for one piece of code: small enough for a fragmented heap, a multiple of 3 for base64
KEPT_MAIN = "main_before_warmflow.py"
SPARE_BYTES = 32 * 1024  # of flash that the firmware shall still have for its own files

# A watchdog that the firmware started runs on at the prompt and would reset the board in the middle.
# Ref: RP2040 data sheet, 4.7.6, and RP2350 data sheet, 12.9.7: CTRL is the first register, bit 30 enables;
# 0x3000 above it is the alias that clears bits.
_PRELUDE = """
import os, sys, json, hashlib, binascii
if sys.platform == "rp2":
    import machine
    machine.mem32[(0x400d8000 if "2350" in sys.implementation._machine else 0x40058000) + 0x3000] = 1 << 30
def sha(name):
    h = hashlib.sha256()
    with open(name, "rb") as f:
        while True:
            b = f.read(1024)
            if not b: return binascii.hexlify(h.digest()).decode()
            h.update(b)
def move(old, new):
    try: os.remove(new)
    except OSError: pass
    os.rename(old, new)
def put(text):
    out.write(binascii.a2b_base64(text))
"""
_FACTS = """
i = sys.implementation
s = os.statvfs("/")
print(json.dumps([sys.platform, getattr(i, "_machine", "?"), list(i.version[:3]), getattr(i, "_mpy", 0), s[0] * s[3]]))
"""
# One line a file, so that the host hears something while hashes are made.
_HASHES = """
for d in %s:
    try: entries = list(os.ilistdir("/" + d))
    except OSError: continue
    for e in entries:
        n = (d + "/" if d else "") + e[0]
        if e[1] == 0x8000 and (d or e[0] in %s):
            print(json.dumps([n, sha("/" + n)]))
"""
_COMMIT = """
try: %s
except OSError: pass
for n in %s: os.remove("/" + n)
for n in %s: move("/" + n + ".new", "/" + n)
if hasattr(os, "sync"): os.sync()
"""


class Facts(NamedTuple):
    """What the board says of itself. `mpy`: `sys.implementation._mpy`."""

    platform: str
    machine: str
    version: list[int]
    mpy: int
    free_bytes: int

    @property
    def spoken(self) -> str:
        return f"{self.machine}, MicroPython {'.'.join(str(part) for part in self.version)}"


def survey(prompt: Prompt) -> Facts:
    """What kind of board it is. Raises FlashError for one that is no Pico."""
    prompt.run(_PRELUDE)
    facts = Facts(*prompt.ask(_FACTS))
    if facts.platform != "rp2":
        raise FlashError(
            f"{prompt.path}: this is {facts.machine} ({facts.platform}), and the firmware is for Raspberry Pi Pico "
            "boards: name the Pico's port (`warmflow ports` lists them)"
        )
    return facts


def hashes(prompt: Prompt, files: Mapping[str, bytes]) -> dict[str, str]:
    """Name -> SHA-256 of what the board has in the firmware's places, also of what waits to be put in use."""
    places = ["", *sorted(folders(files))]
    top = [name + tail for name in files if "/" not in name for tail in ("", STAGED)] + ["main.mpy"]
    return dict(json.loads(line) for line in prompt.run(_HASHES % (places, top)).splitlines())


def install(
    prompt: Prompt, files: Mapping[str, bytes], todo: Plan, free_bytes: int, step: Callable[[str, int], None]
) -> str | None:
    """Carries `todo` out; the name under which somebody else's main.py was kept, if there was one.

    step: hears the name of each file and how many bytes of it have just arrived.
    Raises: FlashError saying how far it came.
    """
    if not todo.replace:
        return None
    needed = sum(len(files[name]) for name in todo.upload) + SPARE_BYTES
    if free_bytes < needed:
        raise FlashError(
            f"{prompt.path}: {free_bytes // 1024} kB free on the board and {needed // 1024} kB are needed: "
            "delete files there (`mpremote fs rm`)"
        )
    name = "its folders"
    try:
        for folder in sorted(folders(files)):
            prompt.run(f"try: os.mkdir('/{folder}')\nexcept OSError: pass")
        for name in todo.upload:
            _stage(prompt, name, files[name], step)
    except (*BROKEN, BoardError) as error:
        raise FlashError(
            f"{prompt.path}: copying stopped at {name} ({_short(error)}). Nothing is half done: the board still has "
            "what it had. Check the cable and run the same command again; it goes on from there"
        ) from error
    _commit(prompt, files, todo)
    return KEPT_MAIN if todo.foreign_main else None


def _stage(prompt: Prompt, name: str, data: bytes, step: Callable[[str, int], None]) -> None:
    step(name, 0)
    prompt.run(f"out = open({'/' + name + STAGED!r}, 'wb')")
    for at in range(0, len(data), CHUNK_BYTES):
        chunk = data[at : at + CHUNK_BYTES]
        prompt.run(f"put({base64.b64encode(chunk).decode()!r})")
        step(name, len(chunk))
    there = prompt.run(f"out.close()\nprint(sha({'/' + name + STAGED!r}))")
    if there != digest(data):
        raise BoardError("its hash on the board is wrong")


def _commit(prompt: Prompt, files: Mapping[str, bytes], todo: Plan) -> None:
    aside = f"move('/{MAIN}', '/{KEPT_MAIN}')" if todo.foreign_main else f"os.remove('/{MAIN}')"
    try:
        prompt.run(_COMMIT % (aside, list(todo.remove), list(todo.replace)))
        there = hashes(prompt, files)
    except (*BROKEN, BoardError) as error:
        raise FlashError(
            f"{prompt.path}: stopped while the new files were put in place ({_short(error)}). The board waits at its "
            "prompt: run the same command again, it finishes the job"
        ) from error
    wrong = [name for name, data in files.items() if there.get(name) != digest(data)]
    if wrong:
        raise FlashError(
            f"{prompt.path}: {wrong[0]} is not what was copied (its hash on the board is wrong): run the command "
            "again; if that does not help, the board's flash is worn out"
        )


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:80] if str(error).strip() else type(error).__name__
