"""What was guessed beside what came out. Figures are those of the engine; how near is near is chosen."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from warmflow.training.progress import Progress

NEAR = 0.2  # chosen: within a fifth of the truth, a notch of the slider, or what the samples leave open
Verdict = Literal["near", "low", "high", "never", "not_yet"]
TRUTHS: dict[str, Callable[[Progress], float | None]] = {
    "peak_percent": lambda p: p.peak_percent,
    "peak_after_min": lambda p: None if p.over_s is None else (p.peak_s - p.over_s) / 60,
    "added_ul": lambda p: p.added_nl / 1000,
    "added_percent": lambda p: None if p.now is None else 100 * p.added_nl / p.now.cycle_nl,
    "starts_min": lambda p: None if p.starts_s is None else p.starts_s / 60,
    "empty_day": lambda p: None if p.empty_s is None else p.empty_s / 86400,
    "left_ml": lambda p: None if p.now is None else p.least_nl / 1e6,
}
WITHIN: dict[str, Callable[[Progress], float]] = {"peak_after_min": lambda p: p.peak_within_s / 60}
TOLD, TENTH = 0.02, 0.1  # chosen: a bound below this share of its figure, or a tenth of a minute, is not worth a word


class Compared(NamedTuple):
    """One slider afterwards. Units are in the name of `what`; the truth is known to `within`, or exactly."""

    what: str
    ask: str
    guess: float | None
    truth: float | None
    verdict: Verdict
    within: float | None = None


def truths(progress: Progress) -> dict[str, float | None]:
    """All that can be guessed, as it came out so far."""
    return {what: of(progress) for what, of in TRUTHS.items()}


def compared(progress: Progress, guesses: Mapping[str, float]) -> tuple[Compared, ...]:
    """Each slider of the lesson, with what came out: not before the lesson is finished."""
    found = []
    for predict in progress.play.lesson.predict:
        truth, guess = TRUTHS[predict.what](progress), guesses.get(predict.what)
        if not progress.finished:
            found.append(Compared(predict.what, predict.ask, guess, None, "not_yet"))
            continue
        bound = within(predict.what, progress)
        verdict = _verdict(guess, truth, max(predict.step, bound or 0.0))
        found.append(Compared(predict.what, predict.ask, guess, truth, verdict, bound))
    return tuple(found)


def within(what: str, progress: Progress) -> float | None:
    """How far from the truth a figure may be for want of samples; None if that is next to nothing."""
    of, truth = WITHIN.get(what), TRUTHS[what](progress)
    if of is None or truth is None:
        return None
    bound = of(progress)
    return bound if bound > max(TENTH, TOLD * abs(truth)) else None


def _verdict(guess: float | None, truth: float | None, notch: float) -> Verdict:
    if guess is None or truth is None:
        return "never"
    if abs(guess - truth) <= max(NEAR * abs(truth), notch):
        return "near"
    return "high" if guess > truth else "low"
