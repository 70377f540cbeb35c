"""Inputs that are nearly right: a generator of messages with fields anywhere in their range, and a mutator of bytes.

Seeded: the same number gives the same inputs, so a failure is told as target, seed and number.
"""

import random
from collections.abc import Sequence
from typing import Any

from wire import MESSAGES, MessageSpec, golden, walk

from pumplink import framing, messages
from pumplink.fastcodec import ENCODERS
from pumplink.messages import Message

SPECS = {spec.name: spec for spec in MESSAGES}
ROWS = {spec.name: walk.rows(spec) for spec in MESSAGES}
GOLDEN = {type(frame.message).__name__: frame.message for frame in reversed(list(golden()))}
BOARD = [name for name, message in GOLDEN.items() if ENCODERS[type(message)](message)[0] < 0x80]
COMMANDS = [spec.name for spec in MESSAGES if spec.name not in BOARD]
TEXTS = ("", "x", "r11", "warm", "a/b", "$SYS", "+", "#", "bridge", "ü" * 5, "\n", "\x00", "\x7f", "🩺", "a" * 16)
WORDS = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\x03",
    b"\n",
    b"\r\n",
    b">>> ",
    b"\xff" * 4,
    b"\x00" * 8,
    b"1e400",
    b"-0",
)
WORDS += (b"NaN", b"[[[[", b'{"', b"null", b"true", b'"', b"\\u0000", b"99999999999999999999", b"\xf0\x9f", b"[", b"=")


def any_message(dice: random.Random, names: Sequence[str], wild: float = 0.3) -> Message:
    """One of these kinds; each field is the golden one, or, with this chance, anything in its range."""
    name = dice.choice(names)
    base = GOLDEN.get(name)
    fields: dict[str, Any] = {}
    for row in ROWS[name]:
        if base is not None and dice.random() >= wild:
            fields[row.name] = getattr(base, row.name)
        else:
            fields[row.name] = any_value(dice, row, SPECS[name])
    return getattr(messages, name)(**fields)  # type: ignore[no-any-return]


def any_value(dice: random.Random, row: walk.Row, spec: MessageSpec) -> Any:
    if row.text:
        room = row.size or min(600, walk.text_limit(ROWS[spec.name]))
        text = dice.choice(TEXTS) if dice.random() < 0.8 else chr(dice.choice((65, 233, 0x4E00, 0x1F600))) * room
        cut = text.encode()[:room].decode("utf-8", "ignore")
        return cut.rstrip("\0") if row.size else cut
    if row.kind.startswith("bytes"):
        return dice.randbytes(row.size or 0)
    low, high = row.low or 0, row.high or 0
    if row.sentinel is not None and dice.random() < 0.2:
        return None
    near = dice.choice((low, high, 0, 1, 2, low + 1, high - 1, dice.getrandbits(8), dice.getrandbits(17)))
    return near if low <= near <= high and dice.random() < 0.8 else dice.randint(low, high)


def payload(message: Message) -> bytes:
    return ENCODERS[type(message)](message)


def mutated(dice: random.Random, data: bytes) -> bytes:
    """The same bytes with some damage."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(6):
            case 0 if out:
                out[at % len(out)] ^= 1 << dice.randrange(8)
            case 1 if out:
                out[at % len(out)] = dice.randrange(256)
            case 2:
                del out[at : at + dice.choice((1, 2, 4, 40))]
            case 3:
                out[at:at] = dice.choice(WORDS)
            case 4:
                out[at:at] = dice.randbytes(dice.choice((1, 3, 60)))
            case _:
                piece = out[at : at + dice.randrange(1, 64)]
                out[at:at] = piece * dice.choice((1, 2, 30))
    return bytes(out[:4000])


def framed(dice: random.Random, payload: bytes) -> bytes:
    """A good frame, sometimes a damaged one."""
    if dice.random() < 0.1:
        payload = mutated(dice, payload)[:1024]
    whole = framing.frame(payload)
    return mutated(dice, whole) if dice.random() < 0.1 else whole
