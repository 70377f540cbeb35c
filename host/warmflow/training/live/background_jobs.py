"""What takes long, in a thread, one at a time: comparisons, which are kept, and printed sheets."""

import asyncio
from collections.abc import Callable
from typing import Any

from warmflow.training import views
from warmflow.training.comparison import comparison
from warmflow.training.lesson_file import Loaded
from warmflow.training.printable import lesson_plan

KEPT = 60  # comparisons: those of all lessons that come with the program, twice


class Heavy:
    """Keeps comparisons as long as their lesson is the same."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._kept: dict[tuple[str, int], tuple[Loaded, dict[str, Any]]] = {}

    async def compared(self, loaded: Loaded, which: int) -> dict[str, Any]:
        """As a page gets it. Raises UserError for what the model refuses."""
        async with self._turn:
            kept = self._kept.get((loaded.name, which))
            if kept is None or kept[0] is not loaded:
                found = await asyncio.to_thread(lambda: views.side_by_side(comparison(loaded, which)))
                self._kept = dict([*self._kept.items(), ((loaded.name, which), kept := (loaded, found))][-KEPT:])
            return kept[1]

    async def plan(self, loaded: Loaded) -> str:
        """The lesson plan. Raises UserError."""
        return await self._alone(lambda: lesson_plan(loaded))

    async def _alone(self, work: Callable[[], str]) -> str:
        async with self._turn:
            return await asyncio.to_thread(work)
