"""Figures and times of a lesson in words, for terminal and print. Rounds for the eye, computes nothing."""

from collections.abc import Mapping
from typing import Any

from warmflow.simulation.output import first_digit
from warmflow.training.playback_modes import PlaybackMode
from warmflow.training.texts import texts
from warmflow.training.views import spoken


def clock(t_s: float) -> str:
    """Days and hours:minutes, from the first event on; before it with a minus."""
    days, rest = divmod(round(abs(t_s) / 60), 1440)
    return f"{'−' if t_s < -30 else ''}{f'{days} d ' if days else ''}{rest // 60}:{rest % 60:02d}"


def figures(numbers: Mapping[str, float | None]) -> str:
    """A step's numbers in one line; what there is no reading of is left out."""
    return "; ".join(_figure(name, number) for name, number in numbers.items() if number is not None)


def guess(what: str, value: float | None) -> str:
    """A figure that can be guessed, with its unit: no more digits than the model is good for."""
    if value is None:
        return "–"
    digits = first_digit(value, 1)
    figure = f"{round(value, digits) + 0.0:.{digits}f}" if what == "added_percent" else f"{round(value, 4) + 0.0:.3g}"
    return f"{figure} {texts()(f'guess.{what}.unit')}"


def truth(row: Mapping[str, Any]) -> str:
    """What came out of a guess, as a session's log has it: with its bound, where samples were far apart."""
    bound = row.get("within")
    return guess(row["what"], row["truth"]) + ("" if bound is None else f" (± {guess(row['what'], bound)})")


def way_text(way: PlaybackMode) -> str:
    """What plays a lesson, and for how long; or why it cannot."""
    say = texts()
    label = say(way.label, speed=f"{way.speed_x:,}")
    if not way.possible:
        return say("plan.not_possible", way=label, why=say(way.why_not))
    return say("plan.lasts", way=label, minutes=f"{max(1.0, way.lasts_min):.0f}")


def _figure(name: str, number: float) -> str:
    say = texts()
    return f"{say(f'number.{name}.label')}: {spoken(name, number)} {say(f'number.{name}.unit')}"
