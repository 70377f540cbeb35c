"""A pump with its alarms in words: what a badge, a row, a tab and a banner show of it. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from warmflow.alarms.alarm import Alarm
from warmflow.alarms.catalogue import ALARMS, of_alarm
from warmflow.alarms.lifecycle import State
from warmflow.alarms.ordering import urgency
from warmflow.alarms.state_words import StateWords
from warmflow.level_words import level_mark, level_word

HOLLOW = "△"
WAITING = (State.RETURNED, State.LATCHED)
HIDDEN = (State.SHELVED, State.SUPPRESSED)


class PumpWords(NamedTuple):
    """What is shown of a pump with its alarms: the worst of flow and active alarms, and the alarm that needs a word."""

    rank: int
    mark: str
    word: str  # `HIGH`, `normal`; `cleared` where only alarms wait that have returned to normal
    hollow: bool  # nothing is wrong now, and somebody has to answer all the same
    alarm: str  # title of the worst alarm that is not the flow's own, `, and 1 more`
    text: str  # all of it in one line, for a tab, a banner and the pump's page
    headline: str
    likely: str
    quality: str


def pump_words(words: StateWords | None, below: bool, alarms: Iterable[Alarm]) -> PumpWords:
    """Of a pump with all its alarms. `words` is None for a pump whose flow nobody knows."""
    order = sorted((each for each in alarms if each.standing.state is not State.NORMAL), key=urgency)
    active = [each for each in order if each.standing.active and each.standing.state not in HIDDEN]
    waiting = [each for each in order if each.standing.state in WAITING]
    flow = words.rank if words else 0
    rank = max((flow, *(of_alarm(each.id, each.condition.level) for each in active)))
    told = [each for each in active if each.id != "rate" or flow != rank]
    hollow = not rank and bool(waiting)
    if hollow:
        mark, word, told = HOLLOW, "cleared", waiting
    elif words is None and not rank:
        mark, word = "○", "no level yet"
    else:
        mark = level_mark(rank, below and rank == flow)
        word = level_word(rank).upper() if rank else level_word(rank)
    alarm = f"{title_of(told[0])}{f', and {len(told) - 1} more' if len(told) > 1 else ''}" if told else ""
    flow_words = f"{words.headline}{f'. {words.likely}' if words.likely else ''}" if words else ""
    if alarm and not flow:  # a flow in order needs no word beside what is not
        text = alarm
    else:
        text = ". ".join(part for part in (alarm, flow_words) if part)
    said = (words.headline, words.likely, words.quality) if words else ("", "", "")
    return PumpWords(rank, mark, word, hollow, alarm, text, *said)


def title_of(held: Alarm) -> str:
    return ALARMS[held.id].title if held.id in ALARMS else held.id
