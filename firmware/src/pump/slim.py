"""A reading as it waits in the ring: without what its place there tells, and without what the newest one tells again.

24 bytes, not 46, so that two minutes at 10 Hz fit into a Pico's memory. Of what only grows the low bytes are kept: no
reading in the ring is 4.6 hours older than its newest. Whatever would not come back the same stays as it is.
"""

from struct import pack, unpack_from

from micropython import const

from pump.codec import (
    TELEMETRY,
    TELEMETRY_AMBIENT_PA_AT,
    TELEMETRY_BACKLOG_AT,
    TELEMETRY_METERED_FLOW_NL_H_AT,
    TELEMETRY_METERED_VOLUME_NL_AT,
    TELEMETRY_PROBE_AGE_MS_AT,
    TELEMETRY_PROBE_MC_AT,
    TELEMETRY_PUMP_TIME_MS_AT,
    TELEMETRY_STATUS_AT,
    TELEMETRY_UPTIME_MS_AT,
)

# places in a slim record: low bytes of uptime (3), pump time (4) and probe (3); its age (2); low bytes of pressure (3),
# flow (3) and volume (4); status (2)
_PUMP_TIME_AT = const(3)
_PROBE_AT = const(7)
_AGE_AT = const(10)
_PRESSURE_AT = const(12)
_FLOW_AT = const(15)
_VOLUME_AT = const(18)
_STATUS_AT = const(22)
SLIM_BYTES = 24  # no payload that is recorded is so short
_NO_PROBE = const(b"\0\0\0\x80")
_SLIM_NO_PROBE = const(b"\0\0\x80")
_NO_PRESSURE = const(b"\xff\xff\xff")


def slim(payload):
    """What is kept of a payload."""
    if payload[0] != TELEMETRY:
        return payload
    probe = payload[TELEMETRY_PROBE_MC_AT : TELEMETRY_PROBE_AGE_MS_AT - 1]
    sign = payload[TELEMETRY_PROBE_AGE_MS_AT - 1 : TELEMETRY_PROBE_AGE_MS_AT]
    if probe + sign == _NO_PROBE:
        probe = _SLIM_NO_PROBE
    elif probe == _SLIM_NO_PROBE or sign != _sign(probe):
        return payload
    pressure = payload[TELEMETRY_AMBIENT_PA_AT : TELEMETRY_METERED_FLOW_NL_H_AT - 1]
    high = 255 if pressure == _NO_PRESSURE else 0
    if payload[TELEMETRY_METERED_FLOW_NL_H_AT - 1] != high or payload[TELEMETRY_METERED_VOLUME_NL_AT - 1]:
        return payload
    return b"".join((
        payload[TELEMETRY_UPTIME_MS_AT : TELEMETRY_UPTIME_MS_AT + _PUMP_TIME_AT],
        payload[TELEMETRY_PUMP_TIME_MS_AT : TELEMETRY_PUMP_TIME_MS_AT + _PROBE_AT - _PUMP_TIME_AT],
        probe,
        payload[TELEMETRY_PROBE_AGE_MS_AT : TELEMETRY_METERED_FLOW_NL_H_AT - 1],  # age and pressure
        payload[TELEMETRY_METERED_FLOW_NL_H_AT : TELEMETRY_METERED_VOLUME_NL_AT - 1],
        payload[TELEMETRY_METERED_VOLUME_NL_AT : TELEMETRY_METERED_VOLUME_NL_AT + _STATUS_AT - _VOLUME_AT],
        payload[TELEMETRY_STATUS_AT:],
    ))  # fmt: skip


def whole(record, sequence, backlog, newest):
    """The payload again. `record` is a bytearray of its own, `newest` the payload of the newest reading."""
    if len(record) != SLIM_BYTES:
        record[TELEMETRY_BACKLOG_AT] = backlog  # an event's is at the same place
        return bytes(record)
    uptime_ms = _grown(newest, TELEMETRY_UPTIME_MS_AT, unpack_from("<I", record)[0], 0xFFFFFF)
    pump_time_ms = _grown(newest, TELEMETRY_PUMP_TIME_MS_AT, unpack_from("<I", record, _PUMP_TIME_AT)[0], 0xFFFFFFFF)
    volume_nl = _grown(newest, TELEMETRY_METERED_VOLUME_NL_AT, unpack_from("<I", record, _VOLUME_AT)[0], 0xFFFFFFFF)
    probe = record[_PROBE_AT:_AGE_AT]
    return b"".join((
        pack("<BBIQQ", TELEMETRY, backlog, sequence, uptime_ms, pump_time_ms),
        _NO_PROBE if probe == _SLIM_NO_PROBE else probe + _sign(probe),
        record[_AGE_AT:_FLOW_AT],
        b"\xff" if record[_PRESSURE_AT:_FLOW_AT] == _NO_PRESSURE else b"\0",
        record[_FLOW_AT:_VOLUME_AT],
        b"\0",
        pack("<Q", volume_nl),
        record[_STATUS_AT:],
    ))  # fmt: skip


def _sign(low):
    return b"\xff" if low[2] & 0x80 else b"\0"


def _grown(newest, at, low, mask):
    """The number with these low bytes from which the one in the newest reading grew."""
    number = unpack_from("<Q", newest, at)[0]
    return number - (number - low & mask)
