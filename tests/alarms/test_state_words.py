"""Every place that words a pump's state says the same: for random findings, diagnoses and alarms."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from explanation_cases import rig
from hypothesis import given, settings
from hypothesis import strategies as st

from pumplink import messages as m
from warmflow.alarms import Alarm, AlarmEngine, Condition, Event, Standing, State, conditions, shown
from warmflow.alarms.catalogue import ALARMS
from warmflow.alarms.pump_words import pump_words
from warmflow.alarms.state_words import state_words
from warmflow.api import payloads
from warmflow.cli.watch.frame import Frame
from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.pump_list import pump_list
from warmflow.cli.watch.values_panel import deviation
from warmflow.device.identity import Boot
from warmflow.device.updates import Assessed, Reading
from warmflow.monitor import (
    DEFAULT_LIMITS,
    Assessment,
    Diagnosis,
    DoseState,
    Expected,
    Finding,
    Level,
    Measured,
    Shares,
)
from warmflow.monitor.causes import CAUSES, NAMES
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.web.table_row import table_row

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOOT = Boot("0011223344556677", 4, 0xABCD)
RIG = rig()
KINDS = ("", "hot tub or sauna", "heating pad", "fever", "exercise", "cold water")
share = st.floats(-0.6, 0.6)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    level = draw(st.sampled_from(Level))
    cause = draw(st.sampled_from(("heat", "cold", "unexplained"))) if level else ""
    why = draw(st.sampled_from(("", "", "the die sensor only illustrates"))) if not level else ""
    return Finding(60_000, level, cause, 0, draw(share), draw(share), 0.1, 48_900.0, True, why)


@st.composite
def diagnoses(draw: st.DrawFn) -> Diagnosis:
    row = draw(st.sampled_from(CAUSES))
    none = draw(st.booleans()) and draw(st.booleans())
    others = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
    ranking = ((row.name, 0.6), *((name, 0.1) for name in others if name != row.name))
    late = draw(st.sampled_from((0.0, 0.3, 0.9)))
    return Diagnosis(
        60_000,
        "none" if none else row.name,
        "nothing to explain" if none else row.title,
        draw(st.sampled_from(KINDS)) if row.name in ("heat", "cold") and not none else "",
        draw(st.floats(0.0, 1.0)), 0, ranking, (("clock at fault", late),), 0.1,
        Shares(0.0, 0.0, 0.0, 0.0, 0.0, 0.1), Expected(48_900.0, 0.0, 0.01, 36.2), draw(st.sampled_from((-1, 0, 1))),
        DoseState(0.001, 1000.0, Level.NORMAL, 0, True), None, "the board samples late" if late else "",
    )  # fmt: skip


@st.composite
def held_alarms(draw: st.DrawFn) -> list[Alarm]:
    found = []
    for name in draw(st.lists(st.sampled_from(sorted(ALARMS)), unique=True)):
        state = draw(st.sampled_from(State))
        active = state in (State.UNACKNOWLEDGED, State.ACKNOWLEDGED)
        condition = Condition(name, draw(st.sampled_from(list(Level)[1:])) if active else Level.NORMAL)
        found.append(Alarm("rig", name, Standing(state, active, active), condition, AT))
    return found


def reading(finding: Finding) -> Reading:
    message = m.Telemetry(0, 1, 60_000, 60_000, 34_500, 100, None, 48_900, 1000, 32)
    return Reading("rig", BOOT, message, Measured.reading(message), AT, False, finding, RIG, 1)


@settings(max_examples=150, deadline=None)
@given(findings(), diagnoses(), held_alarms())
def test_every_place_names_the_same_level_and_cause(finding: Finding, found: Diagnosis, alarms: list[Alarm]) -> None:
    words, live = state_words(finding, found), reading(finding)
    on_mqtt = payloads.state(live, found)
    explained = payloads.explanation(Assessment(RIG, live.measured, finding, found))
    card = payloads.card(live, explained, found)
    asked = table_row(lambda pump: found, lambda pump: alarms, lambda pump: None, lambda pump: DEFAULT_LIMITS)
    row = asked("rig", live)["says"]
    for place in (on_mqtt, card):
        assert (place.level, place.headline, place.likely) == (words.level, words.headline, words.likely)
        assert place.cause == words.cause
    assert (explained.headline, explained.likely, explained.data_quality) == (
        words.headline, words.likely, words.quality,
    )  # fmt: skip
    assert (row["headline"], row["likely"], row["quality"]) == (words.headline, words.likely, words.quality)
    assert row["rank"] >= words.rank
    if row["rank"] == words.rank and words.rank:
        assert row["word"] == words.level.upper()
    if words.rank:
        assert words.headline in row["text"]
        assert words.likely in row["text"]  # of the tab, the banner and the pump's page
        assert words.headline in conditions.rate(finding, found, AT).text
        assert words.likely in conditions.rate(finding, found, AT).text
    terminal = on_the_terminal(dump(on_mqtt))
    assert words.headline in terminal
    assert words.likely in terminal
    assert terminal.count(words.level.upper() if words.rank else words.level) >= 2  # figures and list
    if found.title in explained.text and words.title and found.cause != "clock":
        assert (found.kind or found.title) in explained.text


def on_the_terminal(state: bytes) -> str:
    model = WatchModel()
    model.on_message("warmflow/rig/state", state, 1.0)
    frame = Frame(model, model.pumps["rig"], 1.0, "host:1883")
    return f"{deviation(frame, 250).plain}\n{pump_list(frame, 250, 3).plain}"


@given(findings(), diagnoses())
def test_late_readings_are_data_quality_and_no_cause(finding: Finding, found: Diagnosis) -> None:
    words = state_words(finding, found._replace(cause="clock", title="clock or telemetry fault", kind=""))
    assert "clock" not in words.likely
    assert "telemetry" not in words.likely
    assert words.quality.startswith("Data quality: ")


@given(findings(), diagnoses())
def test_no_alarm_says_that_nothing_is_odd(finding: Finding, found: Diagnosis) -> None:
    judged = Assessed("rig", AT, Assessment(RIG, reading(finding).measured, finding, found))
    for condition in (*conditions.judged(judged), conditions.rate(finding, found, AT)):
        assert re.match(r"[A-Z+−\-\d]", condition.text), condition
        assert "odd" not in condition.text


def occluded(level: Level = Level.HIGH, drift: int = -1, cause: str = "occlusion, sudden") -> Assessment:
    title = next(row.title for row in CAUSES if row.name == cause)
    found = Diagnosis(
        60_000, cause, title, "", 0.81, 0, ((cause, 0.81),), (), -0.4, Shares(0, 0, 0, 0, 0, -0.4),
        Expected(48_900.0, 0.0, 0.01, 36.2), drift, DoseState(0.0, 0.0, Level.NORMAL, 0, True), None, "",
    )  # fmt: skip
    finding = Finding(60_000, level, "unexplained" if level else "", 0, -0.4, 0.0, -0.4, 48_900.0, True, "")
    return Assessment(RIG, reading(finding).measured, finding, found)


def drift_of(now: Assessment) -> Condition:
    return next(each for each in conditions.judged(Assessed("rig", AT, now)) if each.id == "drift")


def test_a_sudden_occlusion_is_one_alarm_and_the_drift_is_suppressed_with_its_reason() -> None:
    engine, now = AlarmEngine(), occluded()
    happened = engine.report("rig", conditions.rate(now.finding, now.diagnosis, AT), AT)
    happened += engine.report("rig", drift_of(now), AT)
    states = {each.id: each.standing.state for each in engine.all()}
    assert states == {"rate": State.UNACKNOWLEDGED, "drift": State.SUPPRESSED}
    assert [each.event for each in happened] == [Event.RAISE.value, Event.SUPPRESS.value]
    drift = shown(engine.get("rig", "drift"))
    assert drift["suppressed_because"] == "the rate alarm covers it (sudden occlusion)"
    words = pump_words(state_words(now.finding, now.diagnosis), True, engine.all())
    assert (words.mark, words.word) == ("▼▼▼", "HIGH")
    assert words.text == "Flow 40 % below reference. Likely sudden occlusion (81 %)"


def test_what_was_raised_before_is_suppressed_and_comes_back_only_if_it_outlives_its_cover() -> None:
    engine = AlarmEngine()
    engine.report("rig", drift_of(occluded(Level.NORMAL, -1, "unknown")), AT)
    assert engine.get("rig", "drift").standing.state is State.UNACKNOWLEDGED
    engine.report("rig", drift_of(occluded()), AT)
    assert engine.get("rig", "drift").standing.state is State.SUPPRESSED
    engine.report("rig", drift_of(occluded(Level.NORMAL)), AT + timedelta(minutes=1))
    engine.tick(AT + timedelta(minutes=90))
    assert engine.get("rig", "drift").standing.state is State.SUPPRESSED  # its sum takes an hour to fade
    engine.tick(AT + timedelta(seconds=ALARMS["drift"].settle_s + 1))
    assert engine.get("rig", "drift").standing.state is State.UNACKNOWLEDGED


def test_a_suppressed_alarm_whose_condition_ends_is_over_without_a_word_to_anybody() -> None:
    engine = AlarmEngine()
    engine.report("rig", drift_of(occluded()), AT)
    engine.report("rig", drift_of(occluded(drift=0)), AT + timedelta(minutes=1))
    assert engine.get("rig", "drift").standing.state is State.NORMAL


@pytest.mark.parametrize("active", [True, False])
def test_an_acknowledgement_is_undone_within_seconds(active: bool) -> None:
    engine, now = AlarmEngine(), occluded()
    engine.report("rig", conditions.rate(now.finding, now.diagnosis, AT), AT)
    if not active:
        calm = now.finding._replace(level=Level.NORMAL, deviation=0.01)
        engine.report("rig", conditions.rate(calm, None, AT), AT + timedelta(seconds=1))
    before = engine.get("rig", "rate")
    at = AT + timedelta(seconds=5)
    engine.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at)
    [undone] = engine.undo("rig", "rate", "Kim", at + timedelta(seconds=5))
    assert (undone.held, undone.event) == (before, "acknowledgement undone")
    engine.act("rig", "rate", Event.ACKNOWLEDGE, "Kim", at)
    with pytest.raises(Exception, match="last seconds"):
        engine.undo("rig", "rate", "Kim", at + timedelta(seconds=60))


def test_what_has_returned_is_hollow_and_comes_after_what_is_there() -> None:
    at = [AT + timedelta(seconds=seconds) for seconds in range(3)]
    high = Condition("rate", Level.HIGH, "heat", "x", at[0], (("deviation_percent", 37.0),))
    engine = AlarmEngine()
    engine.report("gone", high, at[0])
    engine.report("gone", Condition("rate", at=at[1]), at[1])
    engine.report("there", high._replace(level=Level.LOW), at[0])
    words = pump_words(None, False, [engine.get("gone", "rate")])
    assert (words.mark, words.word, words.hollow, words.rank) == ("△", "cleared", True, 0)
