"""A length of time in the unit that a person would choose."""

UNITS = ((86_400.0, "days"), (3600.0, "h"))


def duration(seconds: float) -> str:
    """75 s, 3.0 h, 400.0 days; below ten seconds with a tenth."""
    for unit_s, unit in UNITS:
        if seconds >= 1.5 * unit_s or (unit == "h" and seconds >= unit_s):
            return f"{seconds / unit_s:.1f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
