"""The lines around the figures: title, what is played, the chosen pump's link, the hint. Pure drawing.

Colours never speak alone: each state has its word and its mark.
"""

from textual.content import Content

from warmflow.cli.watch.format import pump_clock, utc_clock
from warmflow.cli.watch.frame import BROKEN, LIVE, NOT_LIVE, Frame, broker_state, empty_words, link_trouble, link_words
from warmflow.cli.watch.text_runs import GAP, Part, ends, runs, stack
from warmflow.notice import SHORT


def title(frame: Frame, width: int) -> Content:
    return ends(Content.styled(" warmflow watch", "bold"), Content.styled(f"{SHORT} ", "bold"), width)


def context(frame: Frame, width: int) -> Content:
    """What is played and where it comes from, or that the picture is paused."""
    if frame.paused:
        return Content.styled(f" {frame.paused}".ljust(width), "reverse bold")
    return ends(Content.styled(f" {frame.subtitle}", "$text-plain"), runs([*broker_state(frame), (" ", "")]), width)


def pump_line(frame: Frame, width: int) -> Content:
    """The chosen pump: its link with the reason if it is broken, the speed of its time, and whether this is live."""
    pump = frame.pump
    if pump is None:
        words = f" {NOT_LIVE} no pump under {frame.model.base}/ yet: {empty_words(frame)}"
        return Content.styled(words, "$level-low")
    state, stale = pump.state.value if pump.state else None, pump.stale(frame.now_s)
    link, broken = link_words(frame, pump)
    not_live = stale or ("not live" if broken else "held" if frame.paused else "")
    left: list[Part] = [
        (f" {pump.name}  ", "bold"),
        (f"{BROKEN if broken else LIVE} {link}", "$level-high bold" if broken else "$text-plain"),
    ]
    right: list[Part] = []
    if state:
        right = [
            (f"pump time {state.speed_x:g}x", "bold"),
            (f", now {pump_clock(state.pump_time_s)}{GAP}", "$text-plain"),
        ]
        right += [] if stale or broken else [(f"{utc_clock(state.time)} UTC{GAP}", "$dim")]
    live = (f"{NOT_LIVE} {not_live} ", "$level-low bold") if not_live else (f"{LIVE} live ", "$level-normal bold")
    lines = [ends(runs(left), runs([*right, live]), width)]
    if trouble := link_trouble(frame, pump):
        lines.append(Content.styled(f"   why: {trouble}", "$level-high" if broken else "$dim"))
    return stack(lines)


def hint(frame: Frame, width: int) -> Content:
    return Content.assemble((" see it too: ", "$dim"), (frame.hint, "$text-plain"))
