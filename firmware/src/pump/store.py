"""What survives a power cut: boot count, totals and how far the summaries are, as a record with CRC in small files.

Two files take turns, so the one that was written last is never touched, whatever a file system does when the power
fails. docs/decisions/0005-flash-wear.md says why no more is needed. Refuses to raise for anything it may find.
"""

from binascii import crc32
from struct import calcsize, pack, unpack

from micropython import const

SLOTS = ("totals.0", "totals.1")
_FORM = const("<4sIIQIII")  # mark, then the fields
_FIELDS = ("serial", "boots", "metered_nl", "level_nl", "minute", "acknowledged")
_MARK = const(b"pmp1")  # names the form: another one gets another mark
_UNKNOWN = const(0xFFFFFFFF)


def load(board):
    """The newest whole record; zeros for a new board. `level_nl` is None where nobody knows it.

    `minute` is the number of the next summary, `acknowledged` the last one that the host has.
    """
    newest = {"serial": 0, "boots": 0, "metered_nl": 0, "level_nl": None, "minute": 1, "acknowledged": 0}
    for name in SLOTS:
        found = _decode(board.load(name))
        if found and found["serial"] > newest["serial"]:
            newest = found
    return newest


def save(board, totals):
    """Writes the next record; when this returns it survives a power cut. Raises OSError if the flash refuses."""
    following = dict(totals)
    following["serial"] += 1
    board.save(SLOTS[following["serial"] & 1], _encode(following))
    totals["serial"] = following["serial"]


def _encode(totals):
    level_nl = totals["level_nl"]
    body = pack(
        _FORM,
        _MARK,
        totals["serial"],
        totals["boots"],
        totals["metered_nl"],
        _UNKNOWN if level_nl is None else level_nl,
        totals["minute"],
        totals["acknowledged"],
    )
    return body + pack("<I", crc32(body))


def _decode(data):
    size = calcsize(_FORM)
    if data is None or len(data) != size + 4 or unpack("<I", data[size:])[0] != crc32(data[:size]):
        return None
    values = unpack(_FORM, data[:size])
    if values[0] != _MARK:
        return None
    totals = dict(zip(_FIELDS, values[1:]))
    if totals["level_nl"] == _UNKNOWN:
        totals["level_nl"] = None
    return totals
