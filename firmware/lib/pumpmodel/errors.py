"""The one error of the physics library."""


class PumpModelError(ValueError):
    """A value that the model refuses: the message names it, its limits and what to give instead."""


def require_range(name: str, value: float, low: float, high: float) -> float:
    """Return `value` when `low <= value <= high`. Raises: PumpModelError, also for NaN."""
    if not low <= value <= high:
        raise PumpModelError("%s of %s is outside %s..%s; give a value within" % (name, value, low, high))
    return value


def require_name(name: str, value: str, known: tuple[str, ...] | dict[str, float]) -> str:
    """Return `value` when it is one of `known` names. Raises: PumpModelError, listing them."""
    if value not in known:
        raise PumpModelError("unknown %s '%s'; known: %s" % (name, value, ", ".join(known)))
    return value
