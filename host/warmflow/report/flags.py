"""Every flag of the run with its cause, found again by the monitor from what was measured and declared.

`Flag` is all that the rest of the report knows of monitor and alarms: another finder only has to give these.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pumplink.codes import Status
from warmflow.level_words import level_word
from warmflow.monitor import Diagnosis, Finding, Level, Measured, Monitor, Rig
from warmflow.report.run_record import Record
from warmflow.report.sampling import mean_over
from warmflow.report.volume_uncertainty import difference_ul

FEED_S = 1.0  # the monitor gets means of a second at least: its hold times are tens of seconds
FLOOR = 0.03  # chosen: of the rate; coarser instruments feed it less often
SLOW_S, SLOW_FLOOR = 30.0, 0.02  # chosen: means over more than so many seconds have to be surer: a flag needs one alone
PARTS = 8  # ... and are fed in so many parts, for the monitor averages up to 28 readings: of these, a few means
FEEDS_A_REPORT = 2000
ASK_S = 60.0  # pump time: how often the monitor is asked for its diagnosis while a flag stands
ASK_QUIET_S = 3600.0  # ... and while none does, for the dose
SURE_PERCENT = 60.0  # chosen: a diagnosis below this does not change the cause of an episode
TO_SIGMA = 1.4826  # a normal variable's median size, in sigmas
UNNAMED = ("unknown", "unexplained")  # no cause is named; what else is named in the episode counts


class Flag(NamedTuple):
    """A stretch in which a flag stood; `to_s` None: it still stood at the end. Percent of the reference rate; of a dose
    flag, of 14 days at it.
    """

    kind: str
    from_s: float
    to_s: float | None
    level: str
    peak_percent: float
    cause: str
    sure_percent: float | None  # how sure of the cause
    explained_percent: float | None  # what the probe explains of the peak
    who: str = ""  # acknowledged by, where somebody was there to do so


class Heard(NamedTuple):
    """A finding, and the diagnosis where the monitor was asked for one."""

    finding: Finding
    diagnosis: Diagnosis | None = None


class Flags(NamedTuple):
    """`refused`: why nobody looked for flags, "" if somebody did. `suppressed`: why some were not raised."""

    flags: tuple[Flag, ...]
    feed_s: float
    suppressed: tuple[str, ...]
    refused: str


def flags(
    record: Record, declared: Sequence[tuple[float, Rig]], progress: Callable[[float], None] = lambda share: None
) -> Flags:
    """Runs a monitor over the record, in order. `declared`: each rig with the pump time from which it was declared."""
    if not declared:
        return Flags((), 0.0, (), "no flag can be found without a declared rig: give --profile")
    monitor = Monitor()
    due, limits = list(declared), list(record.limits)
    monitor.declare(due.pop(0)[1])
    feed_s = interval_s(record, declared[0][1].label_flow_nl_h / 1000)
    total = max(1, int(record.length_s / feed_s))
    heard: list[Heard] = []
    asked_ms = -math.inf
    for number, reading in enumerate(_readings(record, feed_s)):
        anew = False
        while due and 1000 * due[0][0] < reading.pump_time_ms:
            monitor.declare(due.pop(0)[1])
            anew = True
        while limits and 1000 * limits[0][0] <= reading.pump_time_ms:
            monitor.use(limits.pop(0)[1])
        if anew:  # a mean of both times belongs to neither rig
            continue
        finding = monitor.read(reading)
        if finding is None:
            continue
        every_ms = 1000 * (ASK_S if finding.level else ASK_QUIET_S)
        ask = finding.changed or finding.pump_time_ms - asked_ms >= every_ms
        asked_ms = finding.pump_time_ms if ask else asked_ms
        heard.append(Heard(finding, _resolved(monitor.diagnosis(), feed_s) if ask else None))
        if number % FEEDS_A_REPORT == 0:
            progress(number / total)
    rate_flags = with_one_cause(list(stretches(heard)))
    suppressed = dict.fromkeys(one.finding.suppressed for one in heard if one.finding.suppressed)
    both = sorted([*rate_flags, *doses(heard)], key=lambda flag: flag.from_s)
    return Flags(tuple(both), feed_s, tuple(suppressed), "")


def interval_s(record: Record, rate_ul_h: float) -> float:
    """How far apart readings must be for resolution and noise not to look like a change of the flow."""
    least_s = _least_s(record, FLOOR * rate_ul_h)
    if least_s > SLOW_S:
        least_s = _least_s(record, SLOW_FLOOR * rate_ul_h)
    least_s = min(least_s, max(FEED_S, record.length_s / 4))
    return float(record.usual_s * max(1, math.ceil(least_s / record.usual_s - 1e-6)))  # whole readings


def _least_s(record: Record, doubt_ul_h: float) -> float:
    least_s = FEED_S
    for _ in range(4):  # noise that adds up grows with the time itself
        least_s = max(least_s, 3600 * _noise_ul(record, least_s) / doubt_ul_h)
    return least_s


def _noise_ul(record: Record, seconds: float) -> float:
    """Of the volume over so many seconds. The emulator's meter has noise without a memory: its neighbouring readings
    give it, and a flow that stops or starts at once is not taken for noise, as it may be in a fit to all of the run.
    """
    if record.kind == "instrument" or record.flow_ul_h is None:
        return difference_ul(record, seconds)
    apart = np.abs(np.diff(record.flow_ul_h))
    one_ul = TO_SIGMA * float(np.median(apart)) / math.sqrt(2) * record.usual_s / 3600
    return max(record.resolution_ul or 0.0, one_ul * math.sqrt(seconds / record.usual_s))


def stretches(heard: Sequence[Heard]) -> Iterator[Flag]:
    """Rate flags: findings with a level, put together for as long as level and cause stay."""
    begun: list[Heard] = []
    for one in heard:
        finding = one.finding
        if begun and (finding.level, finding.cause) != (begun[0].finding.level, begun[0].finding.cause):
            yield _flag(begun, finding.pump_time_ms / 1000)
            begun = []
        if finding.level is not Level.NORMAL:
            begun.append(one)
    if begun:
        yield _flag(begun, None)


def with_one_cause(flags: Sequence[Flag]) -> list[Flag]:
    """Flags of one episode are one condition: the cause that the monitor was surest of stands for all of it, except
    where it was sure of another one. Of equally sure ones, the cause at the larger peak counts. While an exposure
    fades, the rest of it looks like much else, and its kind can no longer be told.
    """
    found: list[Flag] = []
    for from_s, to_s in episodes(flags):
        end_s = math.inf if to_s is None else to_s
        inside = [flag for flag in flags if from_s <= flag.from_s < end_s]
        named = [flag for flag in inside if flag.cause not in UNNAMED] or inside
        surest = max(named, key=lambda flag: (flag.sure_percent or 0.0, abs(flag.peak_percent)))
        largest = max(inside, key=lambda flag: abs(flag.peak_percent))
        for flag in inside:
            unsure = (flag.sure_percent or 0.0) < min(SURE_PERCENT, surest.sure_percent or 0.0)
            if unsure or flag.cause in UNNAMED:
                flag = flag._replace(cause=surest.cause, sure_percent=surest.sure_percent)
            kind = next((one.cause for one in (largest, surest) if one.cause.startswith(f"{flag.cause} (")), None)
            found.append(flag._replace(cause=kind) if kind else flag)
    return found


def doses(heard: Sequence[Heard]) -> Iterator[Flag]:
    """Dose flags, as often as the monitor was asked: for as long as the level stays."""
    begun: Flag | None = None
    for at_s, dose in ((one.finding.pump_time_ms / 1000, one.diagnosis.dose) for one in heard if one.diagnosis):
        percent = 100 * dose.deviation
        if begun and begun.level != level_word(dose.level):
            yield begun._replace(to_s=at_s)
            begun = None
        if dose.level is not Level.NORMAL and begun is None:
            begun = Flag(
                "dose", at_s, None, level_word(dose.level), percent, "all that the rate did before", None, None
            )
        if begun and abs(percent) > abs(begun.peak_percent):
            begun = begun._replace(peak_percent=percent)
    if begun:
        yield begun


def episodes(flags: Sequence[Flag], kind: str = "rate") -> list[tuple[float, float | None]]:
    """From when to when a flag of this kind stood: one flag that changes its level or cause is one episode."""
    found: list[tuple[float, float | None]] = []
    for flag in sorted((flag for flag in flags if flag.kind == kind), key=lambda flag: flag.from_s):
        if found and found[-1][1] == flag.from_s:
            found[-1] = (found[-1][0], flag.to_s)
        else:
            found.append((flag.from_s, flag.to_s))
    return found


def _flag(heard: Sequence[Heard], to_s: float | None) -> Flag:
    peak = max((one.finding for one in heard), key=lambda finding: abs(finding.deviation))
    told = [one.diagnosis for one in heard if one.diagnosis and one.diagnosis.cause != "none"]
    surest = max(told, key=lambda diagnosis: diagnosis.confidence, default=None)
    return Flag(
        "rate",
        heard[0].finding.pump_time_ms / 1000,
        to_s,
        level_word(peak.level),
        100 * peak.deviation,
        _cause(peak, surest),
        None if surest is None else 100 * surest.confidence,
        100 * peak.expected,
    )


def _resolved(diagnosis: Diagnosis | None, feed_s: float) -> Diagnosis | None:
    """The kind of an exposure is told by its course, which means over many minutes do not show."""
    return diagnosis._replace(kind="") if diagnosis and feed_s > SLOW_S else diagnosis


def _cause(peak: Finding, surest: Diagnosis | None) -> str:
    """As fine as the monitor knows it: `heat exposure (hot water)`; the flag's cause if the monitor has nothing
    finer.
    """
    if surest is None:
        return peak.cause
    return surest.title + (f" ({surest.kind})" if surest.kind else "")


def _readings(record: Record, feed_s: float) -> Iterator[Measured]:
    count = int(record.length_s / feed_s)
    at_s = feed_s * np.arange(1, count + 1)
    volume_ul = np.interp(np.concatenate([[0.0], at_s]), record.t_s, record.volume_ul)
    flow_nl_h = np.diff(volume_ul) / feed_s * 3.6e6
    nothing = np.full(count, np.nan)
    probe_c = nothing if record.probe_c is None else mean_over(record, record.probe_c, feed_s, count)
    ambient_kpa = nothing if record.ambient_kpa is None else mean_over(record, record.ambient_kpa, feed_s, count)
    # what a reading says of itself holds for its interval: the last one counts
    last = np.clip(np.searchsorted(record.t_s, at_s, side="right") - 1, 0, None)
    status = np.zeros(count, dtype=int) if record.status is None else record.status[last]
    known = record.unknown_before_s(np.concatenate([[0.0], at_s]))
    # no reading in an interval, or a volume that is not known: nothing to tell the monitor
    fresh = (np.diff(last, prepend=0) > 0) & (np.diff(known) == 0)
    rows = zip(at_s.tolist(), flow_nl_h.tolist(), probe_c.tolist(), ambient_kpa.tolist(), volume_ul[1:].tolist(),
               status.tolist(), fresh.tolist(), strict=True)  # fmt: skip
    parts = PARTS if feed_s > SLOW_S else 1
    for t_s, flow, probe, ambient, volume, flag, new in rows:
        if not new:
            continue
        for left in reversed(range(parts)):
            at_s = t_s - left * feed_s / parts
            now_ul = volume - flow * left * feed_s / parts / 3.6e6
            yield Measured(
                round(at_s * 1000), _there(probe), _there(ambient), round(flow), round(now_ul * 1000), Status(flag)
            )


def _there(value: float) -> float | None:
    return None if math.isnan(value) else value
