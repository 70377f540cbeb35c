"""What the board says, as payloads: readings, truth, events, HELLO and INFO. Scales quantities to the wire's
integers.
"""

from micropython import const

from pump import codec, declared
from pump.utf8 import clean

_EVENT_TEXT_BYTES = const(200)
# INFO's last fields as one text: a name in a call would stay in memory
_COUNTS = const("free_heap_bytes unacknowledged dropped_records commands_ok lines_bad late_samples answers_dropped")


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
    words = clean(text, _EVENT_TEXT_BYTES)
    return codec.encode_event(0, app.link.ring.next, app.uptime_ms(), app.pump_time_ms, code, value, words)


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
        app.faults,
        declared.truth_flags(pump),
    )


def hello(app, version):
    """By place, as far as it goes: a field's name would stay in memory."""
    ring, board = app.link.ring, app.board
    return codec.encode_hello(
        codec.PROTOCOL_MAJOR,
        codec.PROTOCOL_MINOR,
        *version,
        board.platform,
        board.board_id,
        *app.boot,
        app.uptime_ms(),
        app.pump_time_ms,
        ring.size,
        ring.oldest,
        ring.next,
        layout=codec.LAYOUT,
        **declared.fields(app),
    )


def info(app):
    ring, link = app.link.ring, app.link
    fields = declared.fields(app)
    told = (app.board.free_heap(), ring.next - ring.oldest, ring.dropped, app.commands_ok, link.lines_bad)
    fields.update(zip(_COUNTS.split(), told + (app.late_samples, link.urgent_dropped)))
    return codec.encode_info(app.uptime_ms(), app.pump_time_ms, **fields)
