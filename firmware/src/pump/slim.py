"""A reading as it waits in the ring: without what its place there tells, and without what the newest one tells again.

24 bytes, not 46, so that two minutes at 10 Hz fit into a Pico's memory. Of what only grows the low bytes are kept: no
reading in the ring is 4.6 hours older than its newest. Whatever would not come back the same stays as it is.
"""

from struct import pack, unpack_from

from pump.codec import TELEMETRY

SLIM_BYTES = 24  # no payload that is recorded is so short
# Ref: the wire's table: type, backlog, sequence, uptime at 6, pump time at 14, probe at 22, its age, pressure at 28,
# flow at 32, volume at 36, status at 44
_NO_PROBE = b"\0\0\0\x80"
_SLIM_NO_PROBE = b"\0\0\x80"
_NO_PRESSURE = b"\xff\xff\xff"


def slim(payload):
    """What is kept of a payload."""
    if payload[0] != TELEMETRY:
        return payload
    probe, pressure = payload[22:25], payload[28:31]
    if payload[22:26] == _NO_PROBE:
        probe = _SLIM_NO_PROBE
    elif probe == _SLIM_NO_PROBE or payload[25:26] != _sign(probe):
        return payload
    if payload[31] != (255 if pressure == _NO_PRESSURE else 0) or payload[35]:
        return payload
    return b"".join((payload[6:9], payload[14:18], probe, payload[26:31], payload[32:35], payload[36:40], payload[44:]))


def whole(record, sequence, backlog, newest):
    """The payload again. `record` is a bytearray of its own, `newest` the payload of the newest reading."""
    if len(record) != SLIM_BYTES:
        record[1] = backlog
        return bytes(record)
    uptime_ms = _grown(unpack_from("<Q", newest, 6)[0], record[0] | record[1] << 8 | record[2] << 16, 0xFFFFFF)
    pump_time_ms = _grown(unpack_from("<Q", newest, 14)[0], unpack_from("<I", record, 3)[0], 0xFFFFFFFF)
    volume_nl = _grown(unpack_from("<Q", newest, 36)[0], unpack_from("<I", record, 18)[0], 0xFFFFFFFF)
    probe = record[7:10]
    return b"".join((
        pack("<BBIQQ", TELEMETRY, backlog, sequence, uptime_ms, pump_time_ms),
        _NO_PROBE if probe == _SLIM_NO_PROBE else probe + _sign(probe),
        record[10:15],
        b"\xff" if record[12:15] == _NO_PRESSURE else b"\0",
        record[15:18],
        b"\0",
        pack("<Q", volume_nl),
        record[22:],
    ))  # fmt: skip


def _sign(low):
    return b"\xff" if low[2] & 0x80 else b"\0"


def _grown(newest, low, mask):
    """The number with these low bytes from which `newest` grew."""
    return newest - (newest - low & mask)
