"""What the live view knows after which messages, at which time."""

import json

import pytest
from msgspec import UNSET
from msgspec.structs import asdict
from payload_samples import example

from warmflow.cli.watch.format import freshness, level_badge, pump_clock, utc_clock, value
from warmflow.cli.watch.model import PUMPS_MAX, WatchModel
from warmflow.cli.watch.sample_run import hot_tub
from warmflow.cli.watch.value_history import BUCKETS, SPANS_S, Trace, fitting_span
from warmflow.runtime.json_bytes import dump

WHOLE = {kind: example(kind) for kind in ("state", "truth", "alarm", "status", "event", "gap")}
STATE = {"time": "2026-11-21T22:30:40.000Z", "probe_c": 41.5, "probe": "ok", "flow_ul_h": 60.0, "pump_time_s": 2400.0}
ALARM = {"time": "2026-11-21T22:30:13.000Z", "cause": "heat", "pump_time_s": 780.0, "deviation_percent": 11.0}


def model_with(**payloads):
    model = WatchModel()
    for kind, payload in payloads.items():
        say(model, kind, payload)
    return model


def say(model, kind, payload, now_s=0.0, **options):
    data = payload if isinstance(payload, bytes) else json.dumps(WHOLE[kind] | payload).encode()
    model.on_message(f"warmflow/demo/{kind}", data, now_s, **options)


def alarm(level, **more):
    return ALARM | {"level": level, "state": "raised" if level != "normal" else "normal"} | more


def said(model):
    return [(change.kind, change.said) for change in model.pumps["demo"].changes]


@pytest.mark.parametrize(
    ("age_s", "words"),
    [(0, ""), (3.0, ""), (3.1, "stale 3 s"), (5.9, "stale 5 s"), (61, "stale 1 min"), (7300, "stale 2 h")],
)
def test_a_value_older_than_3_seconds_says_its_age(age_s, words):
    model = model_with(state=STATE, truth={"pump_c": 37.0})
    assert (model.pumps["demo"].stale(age_s), model.pumps["demo"].truth_stale(age_s)) == (words, words)


def test_a_value_that_the_broker_had_kept_is_never_live_until_a_fresh_one_comes():
    model = WatchModel()
    say(model, "state", STATE, 10.0, stored=True)
    assert model.pumps["demo"].stale(10.0) == "stored, of 22:30:40 UTC"
    assert model.pumps["demo"].traces["probe_c"].buckets("1 h") == []
    say(model, "state", STATE, 10.2)
    assert model.pumps["demo"].stale(10.2) == ""


def wrong(name, value):
    """A state with one field that is not as it should be."""
    whole = {field: known for field, known in (WHOLE["state"] | STATE).items() if field != name}
    return json.dumps(whole).encode()[:-1] + b', "' + name.encode() + b'": ' + value + b"}"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1, 2]",
        b"NaN",
        b"[" * 60_000,
        wrong("probe_c", b'"warm"'),
        wrong("probe_c", b"NaN"),
        wrong("probe_c", b"true"),
        wrong("probe_c", b"1" + b"0" * 400),
        wrong("probe_c", b"1" + b"0" * 5000),
        wrong("level", b"3"),
        wrong("x", b'"' + b"y" * 70_000 + b'"'),
    ],
)
def test_a_bad_payload_is_counted_and_what_was_known_stays_and_grows_stale(payload):
    model = model_with(state=STATE)
    say(model, "state", payload, 4.0)
    assert model.counts["bad payloads"] == 1
    assert model.last_bad.startswith("demo/state: ")
    assert model.pumps["demo"].state.value.probe_c == 41.5
    assert model.pumps["demo"].stale(4.0) == "stale 4 s"


def test_a_bad_payload_alone_makes_no_pump():
    assert model_with(state=b"{").pumps == {}


def test_unknown_fields_are_no_fault_and_those_that_are_only_sometimes_there_may_be_missing():
    model = model_with(state={"flow_ul_h": 50, "news": [1]}, truth={"news": 1}, status={"news": {}}, event={}, gap={})
    state = model.pumps["demo"].state.value
    assert (state.flow_ul_h, state.level, state.days_left) == (50.0, None, UNSET)
    assert model.counts["bad payloads"] == 0


@pytest.mark.parametrize("kind", WHOLE)
def test_a_field_that_is_missing_costs_that_message_only(kind):
    model = model_with(state=STATE)
    for name in WHOLE[kind]:
        say(model, kind, json.dumps({field: value for field, value in WHOLE[kind].items() if field != name}).encode())
        assert f"`{name}`" in model.last_bad
    assert model.counts["bad payloads"] == len(WHOLE[kind])
    assert model.pumps["demo"].state.value.probe_c == 41.5
    say(model, kind, {})
    assert model.counts["bad payloads"] == len(WHOLE[kind])


def test_half_a_character_in_a_text_of_strangers_costs_nothing_but_itself():
    text = dump(WHOLE["event"] | {"text": "a \ud800 b"})
    model = model_with(event=text)
    assert said(model) == [("event", "probe out: a   b")]
    say(model, "state", dump(WHOLE["state"])[:-1] + b', "boot": "\\ud800", "flow_ml_day": NaN}', 1.0)
    assert model.counts["bad payloads"] == 1


def test_text_of_strangers_can_not_move_the_cursor_and_is_bounded():
    model = model_with(status={"status": "ok\x1b[2J", "reason": "x" * 10_000}, availability=b"on\x07line")
    pump = model.pumps["demo"]
    assert (pump.status.status, len(pump.status.reason), pump.availability) == ("ok [2J", 200, "on line")


def test_flags_are_logged_as_they_rise_fall_and_clear_with_pump_time_and_cause():
    model = WatchModel()
    for level, size in (("low", 11.0), ("medium", 16.0), ("high", 26.0), ("medium", 20.0), ("normal", 7.0)):
        say(model, "alarm", alarm(level, deviation_percent=size, explained_by_probe_percent=size + 1))
    first, *_, last = changes = model.pumps["demo"].changes
    assert [change.said.split(",")[0] for change in changes] == ["rose", "rose", "rose", "fell", "cleared"]
    assert first.said == "rose, heat: flow +11.0 %, probe explains +12.0 %"
    assert (first.pump_time_s, first.clock, first.level) == (780.0, "22:30:13", "low")
    assert (last.said, last.level) == ("cleared, flow +7.0 %", "normal")


def test_a_new_cause_at_the_same_level_is_a_change_of_its_own():
    model = model_with(alarm=alarm("medium"))
    say(model, "alarm", alarm("medium", cause="unexplained"))
    assert said(model)[1][1].startswith("changed, unexplained")


def test_the_broker_s_copy_of_a_known_alarm_is_not_logged_again():
    model = model_with(alarm=alarm("medium"))
    say(model, "alarm", alarm("medium"), stored=True)
    assert len(said(model)) == 1


def test_a_flag_that_was_up_before_we_came_did_not_rise_now():
    model = WatchModel()
    say(model, "alarm", alarm("medium"), stored=True)
    assert said(model)[0][1].startswith("up already, heat")


def test_the_time_since_when_is_shown_only_for_the_level_that_the_state_has():
    model = model_with(state=STATE | {"level": "medium"}, alarm=alarm("medium"))
    assert model.pumps["demo"].raised_at_s() == 780.0
    say(model, "state", STATE | {"level": "high"})
    assert model.pumps["demo"].raised_at_s() is None


def test_events_and_gaps_come_at_least_once_and_are_logged_once():
    event = {"boot": "1-a", "sequence": 7, "event": "exposure began", "pump_time_ms": 180_000, "text": ""}
    gap = {"boot": "1-a", "first_sequence": 10, "last_sequence": None, "reason": "ring overflow"}
    model = model_with(state=STATE)
    for _ in range(2):
        say(model, "event", event)
        say(model, "gap", gap)
    assert said(model) == [("event", "exposure began"), ("gap", "readings 10 to - are lost: ring overflow")]
    assert model.pumps["demo"].changes[0].pump_time_s == 180.0


def test_a_link_that_breaks_is_logged_with_its_reason():
    model = model_with(state=STATE, status={"status": "ok", "link": "ok", "reason": ""})
    lost = {"status": "port lost", "link": "port lost", "reason": "plug it in", "since": "2026-11-21T22:31:00Z"}
    say(model, "status", lost)
    assert said(model) == [("link", "link port lost: plug it in")]


def test_another_boot_is_logged_and_its_course_begins_anew():
    model = WatchModel()
    for at_s in (5000.0, 5010.0):
        say(model, "state", STATE | {"boot": "1-a", "pump_time_s": at_s})
    say(model, "state", STATE | {"boot": "2-b", "pump_time_s": 1.0})
    assert said(model) == [("event", "the board has started again")]
    assert model.pumps["demo"].traces["probe_c"].first_s == 1.0


@pytest.mark.parametrize(
    "topic", ["warmflow", "warmflow/demo", "warmflow/a/b/state", "other/demo/state", "warmflow/demo/news", "", "/state"]
)
def test_other_topics_are_counted_and_make_no_pump(topic):
    model = WatchModel()
    model.on_message(topic, b"{}", 0.0)
    assert (model.pumps, model.counts["other topics"]) == ({}, 1)


def test_the_daemon_s_own_state_is_no_pump():
    model = WatchModel("lab/one")
    model.on_message("lab/one/bridge/state", b"dead", 0.0, stored=True)
    model.on_message("lab/one/rig/availability", b"online", 0.0)
    assert (model.daemon, model.names()) == ("dead", ["rig"])


def test_a_flood_of_pump_names_does_not_fill_the_memory():
    model = WatchModel()
    for number in range(PUMPS_MAX + 5):
        model.on_message(f"warmflow/p{number}/availability", b"online", 0.0)
    assert (len(model.pumps), model.counts["pumps beyond the limit"]) == (PUMPS_MAX, 5)


def test_every_message_of_a_hot_tub_is_understood():
    """The sample is made by the daemon's own payload functions: a field that changes its kind shows here."""
    model = WatchModel()
    for message in hot_tub(until_s=1500):
        model.on_message(message.topic, message.payload, message.at_s)
    pump, state = model.pumps["demo"], model.pumps["demo"].state.value
    assert (model.counts["bad payloads"], model.counts["other topics"]) == (0, 0)
    assert [name for name, value in asdict(state).items() if value is None] == [
        "time_error_ms", "time_uncertain", "data_quality", "no_flags_because",
    ]  # fmt: skip
    assert None not in asdict(pump.truth.value).values()
    assert [change.level for change in pump.changes if change.kind == "flag"] == ["low", "medium"]
    assert (pump.availability, pump.status.status, model.daemon) == ("online", "ok", "running")


def test_a_trace_is_bounded_and_keeps_every_peak():
    trace = Trace()
    for second in range(100_000):
        trace.add(float(second), 99.0 if second == 99_000 else 1.0)
    for span in SPANS_S:
        assert len(trace.buckets(span)) <= BUCKETS + 1
    assert max(bucket.high for bucket in trace.buckets("3 h")) == 99.0


def test_a_silence_is_not_bridged_by_a_line():
    model = WatchModel()
    for at_s, pump_s in ((0.0, 0.0), (1.0, 60.0), (10.0, 600.0)):
        say(model, "state", STATE | {"pump_time_s": pump_s}, at_s)
    assert [bucket.joined for bucket in model.pumps["demo"].traces["probe_c"].buckets("1 h")] == [False, True, False]


@pytest.mark.parametrize(
    ("elapsed_s", "span"), [(0, "10 min"), (601, "1 h"), (3601, "3 h"), (10_801, "3 h"), (9e9, "3 h")]
)
def test_the_span_grows_with_the_course_up_to_a_whole_hot_tub(elapsed_s, span):
    assert fitting_span(elapsed_s) == span


def test_numbers_have_units_and_what_is_not_known_is_no_zero():
    assert value(41.456, 2, "°C") == "41.46 °C"
    assert value(31.84, 1, "%", "+") == "+31.8 %"
    assert value(None, 2, "°C") == "-"


def test_clocks_are_pump_time_as_h_mm_and_utc():
    assert [pump_clock(seconds) for seconds in (None, 59, 2399.9, 360_000)] == ["-:--", "0:00", "0:39", "100:00"]
    assert utc_clock("2026-11-21T23:30:40.5+01:00") == "22:30:40"
    assert {utc_clock(moment) for moment in (None, "soon", "2026-11-21T22:30:40")} == {"--:--:--"}


def test_each_level_has_its_own_mark_and_word_and_says_the_direction():
    levels = ("normal", "low", "medium", "high")
    assert [level_badge(level, 20.0) for level in levels] == ["● normal", "▲ LOW", "▲▲ MEDIUM", "▲▲▲ HIGH"]
    assert level_badge("high", -30.0) == "▼▼▼ HIGH"
    assert level_badge("catastrophe", 1.0) == "? CATASTROPHE"


def test_a_stored_value_without_a_time_is_still_not_live():
    assert freshness(0.0, 0.0, stored=True) == "stored"
