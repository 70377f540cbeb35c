"""Frames on the wire: COBS and CRC-32. The same file runs on the board, so it imports binascii only.

Board to host: 0x00, COBS(payload + CRC-32), 0x00. The zero before a frame ends whatever boot text or noise came first.
Host to board: LF, base64(payload + CRC-32), LF: this alphabet has no 0x03, so Ctrl-C stays free for the prompt.
CRC-32 is the one of zlib and Ethernet, little-endian. Refuses to raise on noise: a bad frame is a cause, no exception.
Its types stand in framing.pyi, since the board has no typing module.
"""

import binascii

MAX_PAYLOAD = 1024
MAX_FRAME = MAX_PAYLOAD + 4 + 5  # longest COBS body: payload, CRC and one code byte for each 254 bytes begun
MAX_LINE = 1372  # longest base64 line: the same payload in 4 characters for each 3 bytes begun
_INTACT = 0x2144DF1C  # CRC-32 of any data with its own CRC-32 behind it


def crc_bytes(payload):
    return (binascii.crc32(payload) & 0xFFFFFFFF).to_bytes(4, "little")


def cobs_encode(data):
    """Bytes without zeros that stand for `data` (bytes).

    Of less than 254 bytes every zero becomes the code byte that tells where the next one is, in a copy: joining blocks
    takes a Pico two and a half times as long and six times the memory. More is joined from blocks.
    """
    if len(data) > 253:
        return _blocks(data)
    out = bytearray(b"\0" + data)
    at, zero = 0, data.find(b"\0")
    while zero >= 0:
        out[at] = zero + 1 - at
        at = zero + 1
        zero = data.find(b"\0", at)
    out[at] = len(out) - at
    return bytes(out)


def _blocks(data):
    out = bytearray()
    start, end = 0, len(data)
    while True:
        zero = data.find(b"\0", start)
        if zero < 0:
            zero = end
        while zero - start >= 254:
            out.append(255)
            out += data[start : start + 254]
            start += 254
            if start == end:
                return bytes(out)
        out.append(zero - start + 1)
        out += data[start:zero]
        if zero == end:
            return bytes(out)
        start = zero + 1


def cobs_decode(data):
    """What `cobs_encode` was given, or None if `data` is not COBS.

    In a body of less than 255 bytes every code byte but the first stands for a zero: they are zeroed in a copy, which
    takes half the time of joining blocks. The reading of all else is plain.
    """
    if 0 in data:
        return None
    if len(data) > 254:
        return _joined_blocks(data)
    out = bytearray(data)
    at, end = 0, len(out)
    while at < end:
        code = out[at]
        out[at] = 0
        at += code
    return bytes(out[1:]) if at == end else None


def _joined_blocks(data):
    out = bytearray()
    at, end = 0, len(data)
    while at < end:
        code = data[at]
        stop = at + code
        if stop > end:
            return None
        out += data[at + 1 : stop]
        at = stop
        if code < 255 and at < end:
            out.append(0)
    return bytes(out)


def _checked(data):
    """(payload, None), or (None, cause) if the CRC does not fit."""
    if data is None:
        return None, "cobs"
    if len(data) < 5:
        return None, "short"
    if binascii.crc32(data) != _INTACT:
        return None, "crc"
    if len(data) > MAX_PAYLOAD + 4:
        return None, "oversize"
    return data[:-4], None


def frame(payload):
    """The bytes that a board sends for a payload."""
    return b"\0" + cobs_encode(payload + crc_bytes(payload)) + b"\0"


def unframe(body):
    """(payload, None) or (None, cause) for what stood between two zeros."""
    return _checked(cobs_decode(body))


def line(payload):
    """The bytes that a host sends for a command's payload."""
    return b"\n" + binascii.b2a_base64(payload + crc_bytes(payload))


def unline(text):
    """(payload, None) or (None, cause) for a line without its LF."""
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        return None, "base64"
    if binascii.b2a_base64(data)[:-1] != text:  # `a2b` passes over whatever is no base64
        return None, "base64"
    return _checked(data)
