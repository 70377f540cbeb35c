"""The levels of a flow, a dose and an alarm in words and marks: one table for the daemon, pages, terminal and files."""

LEVEL_WORDS = ("normal", "low", "medium", "high")  # by rank; the priorities of alarms have the same words
LEVEL_MARKS = ("●", "▲", "▲▲", "▲▲▲")  # a level without its colour is still told by mark and word
BEFORE = {"notice": "low", "act": "medium", "urgent": "high"}  # words that older journals hold


def level_word(rank: int) -> str:
    """Of a level by its rank: 0 is normal, 3 is high."""
    return LEVEL_WORDS[rank]


def level_mark(rank: int, below: bool = False) -> str:
    """The mark points down where the flow is below the reference."""
    return LEVEL_MARKS[rank].replace("▲", "▼") if below else LEVEL_MARKS[rank]
