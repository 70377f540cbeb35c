"""A reading in the ring is smaller than on the wire, and comes back the same."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from wire import MESSAGES, messages_of

from pump.slim import SLIM_BYTES, slim, whole
from pumplink import fastcodec
from pumplink import messages as m

READINGS, EVENTS = (
    messages_of(next(spec for spec in MESSAGES if spec.name == name)) for name in ("Telemetry", "Event")
)
USUAL = m.Telemetry(0, 7, 1_000, 60_000, 34_000, 120, 101_325, 54_166, 15, 0)
GROWS = {"uptime_ms": 1 << 24, "pump_time_ms": 1 << 32, "metered_volume_nl": 1 << 32}


def payload(message: m.Message) -> bytes:
    return fastcodec.ENCODERS[type(message)](message)


def check(message: m.Telemetry | m.Event, backlog: int, newest: m.Telemetry) -> int:
    """It comes back the same; how many bytes it took meanwhile."""
    kept = slim(payload(message))
    assert whole(bytearray(kept), message.sequence, backlog, payload(newest)) == payload(
        message._replace(backlog=backlog)
    )
    return len(kept)


@given(message=READINGS, backlog=st.integers(0, 1), data=st.data())
@example(message=USUAL._replace(probe_mc=-8_388_608), backlog=1, data=None)
@example(message=USUAL._replace(probe_mc=None, probe_age_ms=None, ambient_pa=None), backlog=0, data=None)
@example(message=USUAL._replace(ambient_pa=0xFFFFFF, probe_mc=-1), backlog=0, data=None)
@settings(deadline=None)
def test_any_reading_comes_back_as_it_was_from_the_newest_one(message, backlog, data) -> None:
    newest = message
    if data:
        grown = {name: data.draw(st.integers(0, least - 1)) for name, least in GROWS.items()}
        newest = message._replace(**{name: getattr(message, name) + more for name, more in grown.items()})
    if all(getattr(newest, name) < 1 << 64 for name in GROWS):
        check(message, backlog, newest)


@given(message=EVENTS, backlog=st.integers(0, 1))
@settings(deadline=None)
def test_any_event_comes_back_as_it_was(message, backlog) -> None:
    check(message, backlog, USUAL)


@given(
    probe_mc=st.none() | st.integers(-55_000, 125_000),
    age_ms=st.none() | st.integers(0, 65_534),
    ambient_pa=st.none() | st.integers(30_000, 110_000),
    flow_nl_h=st.integers(0, 10_000_000),
)
def test_what_instruments_give_takes_24_bytes(probe_mc, age_ms, ambient_pa, flow_nl_h) -> None:
    reading = USUAL._replace(probe_mc=probe_mc, probe_age_ms=age_ms, ambient_pa=ambient_pa, metered_flow_nl_h=flow_nl_h)
    assert check(reading, 1, reading) == SLIM_BYTES
