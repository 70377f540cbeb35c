"""What the board says, as payloads: readings, truth, events, HELLO and INFO. Scales quantities to the wire's
integers.
"""

from pump import codec, declared

EVENT_TEXT_BYTES = 200


def _milli(value):
    return None if value is None else int(value * 1000 + (0.5 if value >= 0 else -0.5))


def _whole(value):
    return int(value + 0.5) if value > 0 else 0


def reading(app, now_ms, temp_c, age_ms):
    """Measured values only."""
    return codec.encode_telemetry(
        0,
        app.link.ring.next,
        now_ms,
        app.pump_time_ms,
        _milli(temp_c),
        None if age_ms is None else min(age_ms, 65534),
        None if app.air.pressure_pa is None else _whole(app.air.pressure_pa),
        app.meter.flow_nl_h,
        app.meter.total_nl,
        app.status,
    )


def event(app, code, value, text):
    """`text` is cut to what the ring has room for."""
    while len(text.encode()) > EVENT_TEXT_BYTES:
        text = text[: len(text) - 8]
    return codec.encode_event(0, app.link.ring.next, app.uptime_ms(), app.pump_time_ms, code, value, text)


def truth(app):
    """The emulator's inner state."""
    pump = app.pump
    return codec.encode_truth(
        app.link.ring.next - 1,
        app.uptime_ms(),
        app.pump_time_ms,
        _milli(pump.skin_c),
        _milli(pump.core_c),
        _milli(pump.pump_c),
        _whole(pump.vapour_kpa * 1000),
        _milli(pump.drive_kpa),
        _whole(pump.ambient_kpa * 1000),
        _whole(pump.outlet_kpa * 1000),
        _whole(pump.viscosity_mpa_s * 1000000),
        _whole(pump.flow_nl_h),
        _whole(pump.delivered_flow_nl_h),
        pump.delivered_nl,
        pump.reservoir_nl,
        _whole(pump.reference_flow_nl_h),
        app.fault_code,
        declared.truth_flags(pump),
    )


def hello(app, version):
    ring = app.link.ring
    return codec.encode_hello(
        protocol_major=codec.PROTOCOL_MAJOR,
        protocol_minor=codec.PROTOCOL_MINOR,
        firmware_major=version[0],
        firmware_minor=version[1],
        firmware_patch=version[2],
        platform=app.board.platform,
        board_id=app.board.board_id,
        boot_count=app.boot[0],
        boot_random=app.boot[1],
        uptime_ms=app.uptime_ms(),
        pump_time_ms=app.pump_time_ms,
        ring_bytes=ring.size,
        oldest_sequence=ring.oldest,
        next_sequence=ring.next,
        **declared.fields(app),
    )


def info(app):
    ring = app.link.ring
    return codec.encode_info(
        app.uptime_ms(),
        app.pump_time_ms,
        free_heap_bytes=app.board.free_heap(),
        unacknowledged=ring.next - ring.oldest,
        dropped_records=ring.dropped,
        commands_ok=app.commands_ok,
        lines_bad=app.link.lines_bad,
        late_samples=app.late_samples,
        **declared.fields(app),
    )
