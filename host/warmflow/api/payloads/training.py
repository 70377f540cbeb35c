"""What `/api/train` answers."""

from typing import Annotated, Any

from warmflow.api.payloads.model import Payload, doc
from warmflow.notice import NOTICE

Notice = Annotated[str, doc(NOTICE)]
Text = Annotated[str, doc("for people")]


class Way(Payload, frozen=True, kw_only=True):
    """What can play a lesson, and how fast."""

    name: Annotated[str, doc("probe, board, virtual or replay")]
    speed_x: Annotated[int, doc("pump time, as many times as fast as real time")]
    most_x: Annotated[int, doc("the fastest")]
    lasts_min: Annotated[float, doc("how long it takes at speed_x")]
    why_not: Annotated[str, doc("why it cannot play this lesson; empty where it can")]
    possible: Annotated[bool, doc("whether it can")]
    label: Text


class LessonCard(Payload, frozen=True, kw_only=True):
    """A lesson to choose."""

    name: Annotated[str, doc("the name of its file")]
    title: Text
    aim: Annotated[str, doc("what a trainee has understood afterwards: it tells how the lesson ends")]
    intro: Annotated[str, doc("the situation, for before the guess")]
    scenario: Annotated[str, doc("title of what is played")]
    rig: Annotated[str, doc("title of the rig")]
    whole_min: Annotated[float, doc("how long it is, in pump time")]
    steps: Annotated[int, doc("how many")]
    statement: Annotated[list[int], doc("numbers of the statements that it illustrates")]
    way: Annotated[Way, doc("the best one that can play it")]
    probe: Annotated[str | None, doc("what to do with the probe in hand; `null` where it is for no hand")]


class RefusedLesson(Payload, frozen=True, kw_only=True):
    """What is wrong in a file."""

    file: Annotated[str, doc("its path")]
    line: Annotated[int, doc("from 1")]
    key: Annotated[str, doc("which; empty where it is none")]
    text: Text


class Lessons(Payload, frozen=True, kw_only=True):
    """The lessons to choose from, and what is wrong with files that cannot be used."""

    notice: Notice
    lessons: Annotated[list[LessonCard], doc("in their order")]
    refused: Annotated[list[RefusedLesson], doc("each thing that is wrong")]
    problems: Annotated[list[RefusedLesson], doc("the same, under its older name")]


class Slider(Payload, frozen=True, kw_only=True):
    """What is guessed before a run."""

    what: Annotated[str, doc("its name")]
    ask: Text
    low: Annotated[float, doc("left end")]
    high: Annotated[float, doc("right end")]
    step: Annotated[float, doc("one notch")]


class Question(Payload, frozen=True, kw_only=True):
    """Multiple choice, after the run; without its answer."""

    text: Text
    choices: Annotated[list[str], doc("to choose from")]


class PlannedEvent(Payload, frozen=True, kw_only=True):
    """What happens in a lesson, and when."""

    kind: Annotated[str, doc("as in docs/scenarios.md")]
    from_s: Annotated[float, doc("seconds of the lesson")]
    to_s: Annotated[float, doc("seconds of the lesson")]


class LessonBefore(LessonCard, frozen=True, kw_only=True):
    """What is needed before a run."""

    predict: Annotated[list[Slider], doc("sliders")]
    questions: Annotated[list[Question], doc("for after the run")]
    compare: Annotated[list[str], doc("titles of its comparisons")]
    ways: Annotated[list[Way], doc("all of them, the most real first")]
    events: Annotated[list[PlannedEvent], doc("marks for the plot's axis")]


Column = Annotated[list[float | None], doc("as long as the axis; `null` where there is no value")]


class Side(Payload, frozen=True, kw_only=True):
    """One of two runs."""

    title: Text
    rig: Text
    deviation_percent: Column
    added_percent: Column
    flow_ul_h: Column
    pump_c: Column
    peak_percent: Annotated[float, doc("the largest deviation")]
    peak_after_min: Annotated[float, doc("when")]
    added_ul: Annotated[float, doc("volume beyond the reference")]
    dose_percent: Annotated[float, doc("the same, of the reference")]


class Compared(Payload, frozen=True, kw_only=True):
    """Two runs on one time axis."""

    title: Text
    lesson: Text
    minute: Annotated[list[float], doc("the axis")]
    sides: Annotated[list[Side], doc("two")]
    higher_peak: Annotated[int | None, doc("which side, 0 or 1; `null` where they are equal")]
    more_dose: Annotated[int | None, doc("which side, 0 or 1; `null` where they are equal")]
    times_dose: Annotated[float | None, doc("how many times as much")]
    notice: Notice


class SessionEntry(Payload, frozen=True, kw_only=True):
    """One line of the session's log."""

    at: Annotated[str, doc("ISO 8601, with its time zone")]
    group: Annotated[int, doc("from 1")]
    kind: Annotated[str, doc("one word for it")]
    detail: Annotated[dict[str, Any], doc("fields of its kind")]
    text: Text


class SessionLog(Payload, frozen=True, kw_only=True):
    """The session's log, from its beginning."""

    entries: Annotated[list[SessionEntry], doc("oldest first")]


class Done(Payload, frozen=True, kw_only=True):
    """An action was carried out."""

    ok: Annotated[bool, doc("always true: a refusal is a problem")]
