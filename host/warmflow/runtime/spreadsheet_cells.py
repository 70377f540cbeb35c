"""Text of strangers in a CSV: a spreadsheet must not take it for a formula.

Ref: OWASP, CSV Injection: cells that begin with =, +, -, @, a tab or a line end, and their full-width forms.
"""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
GUARD = "'"


def guarded(text: str) -> str:
    """The text, with an apostrophe before it if it could be a formula, or begins with an apostrophe itself."""
    return GUARD + text if text.startswith((*RISKY, GUARD)) else text


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell.removeprefix(GUARD)
