"""What a board's settings allow, read from the board itself, page by page."""

from functools import partial
from typing import Any

from pumplink import messages as m
from warmflow.device.link.json_answer import json_answer
from warmflow.device.link.pump_link import ANSWER_S, CommandError, PumpLink

MOST_PAGES = 100  # a page has at least one key; this limit stops reading a board that never ends


async def read_schema(link: PumpLink, answer_s: float = ANSWER_S) -> list[dict[str, Any]]:
    """One entry for each key: `key`, `type`, `default`, `text`, and `min`, `max`, `choices` or `max_length`.

    Raises: CommandError, also for a board whose pages do not end or make no sense.
    """
    keys: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        answer = await link.command(partial(_page_from, len(keys)), answer_s)
        found, total = json_answer(link.name, answer, "the description of its settings", _entries)
        keys += found
        if len(keys) >= total or not found:
            return keys
    raise CommandError(f"{link.name}: the description of its settings does not end after {MOST_PAGES} pages")


def _entries(page: Any) -> tuple[list[dict[str, Any]], int]:
    return list(page["keys"]), int(page["total"])


def _page_from(first: int, request_id: int) -> m.Message:
    return m.GetSchema(request_id, first)
