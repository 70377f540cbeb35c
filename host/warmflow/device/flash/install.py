"""The firmware onto a board in two steps: every new file is copied beside the old one and its hash verified on the
board; then all are renamed in one go.

Until the second step the old firmware is untouched; in it main.py goes first and comes back last, so a cut leaves a
board that waits at its prompt, never one that runs a mixture. What was copied before a cut is not copied again.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from warmflow.device.firmware.byte_code import OLDEST, SAMPLE
from warmflow.device.firmware.errors import NEW_PICO, FlashError
from warmflow.device.firmware.image import MAIN, STAGED, Plan, digest, folders
from warmflow.device.flash.raw_repl import BROKEN, BoardError, Prompt
from warmflow.runtime.json_text import parse_json

PARCEL_BYTES = 12 * 1024  # of files that travel together; the board holds a parcel in its heap while it unpacks it
WINDOW_BITS = 12  # of the compression: 4 kB of the board's heap
KEPT_MAIN = "main_before_warmflow.py"
SPARE_BYTES = 32 * 1024  # of flash that the firmware shall still have for its own files

# A watchdog that the firmware started runs on at the prompt and would reset the board in the middle.
# Ref: RP2040 data sheet, 4.7.6, and RP2350 data sheet, 12.9.7: CTRL is the first register, bit 30 enables;
# 0x3000 above it is the alias that clears bits.
_PRELUDE = """
import os, sys, json, hashlib, binascii, io, deflate
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
def unpack(size, files):
    data = sys.stdin.buffer.read(size).replace(b"\\x01\\x04", b"\\x03").replace(b"\\x01\\x05", b"\\x01")
    unpacked = deflate.DeflateIO(io.BytesIO(data), deflate.RAW, %d)
    buffer = memoryview(bytearray(1024))
    for name, left in files:
        with open(name, "wb") as f:
            while left:
                n = unpacked.readinto(buffer[:min(left, 1024)])
                if not n: raise ValueError("cut short")
                f.write(buffer[:n])
                left -= n
        print(json.dumps([name, sha(name)]))
"""
# The oldest versions cannot even import what the prelude does, so the facts come first.
_FACTS = """
import os, sys, json
i = sys.implementation
s = os.statvfs("/")
free = max(0, s[0] * s[3])  # it counts the blocks of folders twice, and may come below nothing
print(json.dumps([i.name, sys.platform, getattr(i, "_machine", "?"), list(i.version[:3]), getattr(i, "_mpy", 0), free]))
"""
# One line a file, so that the host hears something while hashes are made.
_HASHES = """
for d in %s:
    try: entries = list(os.ilistdir("/" + d))
    except OSError: continue
    for e in entries:
        n = (d + "/" if d else "") + e[0]
        if e[1] == 0x8000 and (d or e[0] in %s):
            try: print(json.dumps([n, sha("/" + n)]))
            except OSError: print(json.dumps([n, "damaged"]))
"""
# A board that is full says so when the files come.
_TAKES = """
said = ""
try:
    with open("/%(name)s.mpy", "wb") as f: f.write(%(code)r)
except OSError: pass
else:
    try:
        if __import__("%(name)s").VALUE != 42: said = "it runs wrongly"
    except (ValueError, ImportError) as e: said = str(e)
    sys.modules.pop("%(name)s", None)
    os.remove("/%(name)s.mpy")
print(json.dumps(said))
"""
_FOLDERS = """
for d in %s:
    try: os.mkdir("/" + d)
    except OSError: pass
"""
_COMMIT = """
try: %s
except OSError: pass
for n in %s: os.remove("/" + n)
for n in %s:
    move("/" + n + ".new", "/" + n)
    print(json.dumps([n, os.stat("/" + n)[6]]))
if hasattr(os, "sync"): os.sync()
"""


class Facts(NamedTuple):
    """What the board says of itself. `kind`, `mpy`: `sys.implementation.name` and `_mpy`."""

    kind: str
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
    facts = Facts(*prompt.ask(_FACTS))
    if facts.kind != "micropython":
        raise FlashError(f"{prompt.path}: this is {facts.machine} with {facts.kind}: put MicroPython on it, {NEW_PICO}")
    if facts.platform != "rp2":
        raise FlashError(
            f"{prompt.path}: this is {facts.machine} ({facts.platform}), and the firmware is for Raspberry Pi Pico "
            "boards: name the Pico's port (`warmflow ports` lists them)"
        )
    if tuple(facts.version) < OLDEST:
        raise FlashError(
            f"{prompt.path}: {facts.spoken} is too old: put a newer one on it (1.26.1 is tested), {NEW_PICO}"
        )
    return facts


def prepare(prompt: Prompt) -> None:
    """Gives the board what `hashes` and `install` use there."""
    prompt.run(_PRELUDE % WINDOW_BITS)


def refuses(prompt: Prompt, sample: bytes) -> str:
    """Why the board does not take this module of byte code (see byte_code.py), in its words; "" if it does."""
    return str(prompt.ask(_TAKES % {"name": SAMPLE, "code": sample}))


def hashes(prompt: Prompt, files: Mapping[str, bytes]) -> dict[str, str]:
    """Name -> SHA-256 of what the board has in the firmware's places, also of what waits to be put in use."""
    places = ["", *sorted(folders(files))]
    top = [name + tail for name in files if "/" not in name for tail in ("", STAGED)] + ["main.mpy"]
    return dict(parse_json(line) for line in prompt.run(_HASHES % (places, top)))


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
            "delete files there (`mpremote fs rm`), or `warmflow flash --rescue`, which puts settings and totals back"
        )
    arrived = 0

    def verify(line: str) -> None:
        nonlocal arrived
        path, there = parse_json(line)
        name = path.removeprefix("/").removesuffix(STAGED)
        if there != digest(files[name]):
            raise BoardError(f"{name} arrived with a wrong hash")
        arrived += 1
        step(name, len(files[name]))

    try:
        prompt.run(_FOLDERS % sorted(folders(files)))
        for parcel in parcels(files, todo.upload):
            packed = pack([files[name] for name in parcel])
            contents = [(f"/{name}{STAGED}", len(files[name])) for name in parcel]
            prompt.run(f"unpack({len(packed)}, {contents})", packed, verify)
    except (*BROKEN, BoardError) as error:
        raise FlashError(
            f"{prompt.path}: copying stopped after {arrived} of {len(todo.upload)} files ({_short(error)}). Nothing is "
            "half done: the board still has what it had. Check the cable and run the same command again; it goes on "
            "from there. If it stops there again, the board's flash is damaged: `warmflow flash --rescue`"
        ) from error
    _commit(prompt, files, todo)
    return KEPT_MAIN if todo.foreign_main else None


def parcels(files: Mapping[str, bytes], names: Sequence[str]) -> Iterator[list[str]]:
    """The names in groups of files that travel together."""
    group: list[str] = []
    for name in names:
        if group and sum(len(files[other]) for other in [*group, name]) > PARCEL_BYTES:
            yield group
            group = []
        group.append(name)
    if group:
        yield group


def pack(contents: Sequence[bytes]) -> bytes:
    """The contents one after the other, compressed, without 0x03: that would interrupt the board. Two
    bytes, 0x01 0x04 and 0x01 0x05, stand for 0x03 and 0x01: `replace` undoes that there in C.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -WINDOW_BITS)
    packed = packer.compress(b"".join(contents)) + packer.flush()
    return packed.replace(b"\x01", b"\x01\x05").replace(b"\x03", b"\x01\x04")


def _commit(prompt: Prompt, files: Mapping[str, bytes], todo: Plan) -> None:
    away = KEPT_MAIN if todo.foreign_main else MAIN + STAGED
    keeps = todo.foreign_main or MAIN not in todo.copy
    background_writer = f"move('/{MAIN}', '/{away}')" if keeps else f"os.remove('/{MAIN}')"
    try:
        lines = prompt.run(_COMMIT % (background_writer, list(todo.remove), list(todo.replace)))
    except (*BROKEN, BoardError) as error:
        raise FlashError(
            f"{prompt.path}: stopped while the new files were put in place ({_short(error)}). The board waits at its "
            "prompt: run the same command again, it finishes the job"
        ) from error
    sizes = dict(parse_json(line) for line in lines)
    if wrong := [name for name in todo.replace if sizes.get(name) != len(files[name])]:
        raise FlashError(f"{prompt.path}: {wrong[0]} is not what was copied: run the same command again")


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:80] if str(error).strip() else type(error).__name__
