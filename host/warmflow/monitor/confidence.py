"""How often a cause with such a share of the scores is right: measured on tuning seeds of the wide corpus, not assumed.

Measured on seeds 2 and 3 (252 runs, looks while the effect is large): a named cause with a share over 0.6 was right in
99 %, `unknown` in 81 %, `none` in 83 % (a weak beginning is none for a while). A little less is said of named causes:
rigs that no corpus has are harder.
"""

NAMED, UNKNOWN, NOTHING = 0.98, 0.80, 0.86
CLEAR_SHARE = 0.6  # from there on a larger share was no more often right


def calibrated(name: str, share: float) -> float:
    """The confidence of a cause whose share of the scores is `share`."""
    ceiling = UNKNOWN if name == "unknown" else NAMED
    return ceiling * min(share / CLEAR_SHARE, 1.0)
