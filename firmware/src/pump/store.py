"""What survives a power cut: boot count and totals, in one small file.

First version: written at boot and once a minute, through a file system that levels wear.
"""

import json

FILE = "totals.json"


def load(board):
    """Totals of the last boot; zeros for a new or unreadable file."""
    try:
        kept = json.loads(board.load(FILE) or b"{}")
        return {key: int(kept.get(key, 0)) for key in ("boots", "metered_nl", "level_nl")}
    except (ValueError, AttributeError, TypeError):
        return {"boots": 0, "metered_nl": 0, "level_nl": 0}


def save(board, totals):
    board.save(FILE, json.dumps(totals).encode())
