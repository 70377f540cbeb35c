"""What plays a lesson, as the stage sees it: a replay, a board, a virtual Pico, or a person with a probe."""

from collections.abc import Sequence
from typing import Protocol

from warmflow.errors import UserError
from warmflow.training.live.plot_rows import Row
from warmflow.training.playback_modes import PlaybackMode
from warmflow.training.progress import Play, Progress
from warmflow.training.sample import Sample


class NotNow(UserError):
    """What cannot be done as the stage stands; the text says why."""


class Player(Protocol):
    """`speed_x` is how fast pump time runs now; `trouble` is why nothing comes, in words, or nothing."""

    play: Play
    way: PlaybackMode

    @property
    def speed_x(self) -> int: ...

    @property
    def pump(self) -> str | None: ...

    @property
    def trouble(self) -> str: ...

    def before(self) -> Sequence[Sample]:
        """What is known before the start: the pump at rest."""
        ...

    async def start(self) -> None:
        """From the lesson's beginning. Raises UserError if it cannot."""
        ...

    def samples(self) -> Sequence[Sample]:
        """All that are new."""
        ...

    async def pause(self) -> None: ...

    async def resume(self) -> None: ...

    async def jump(self, step_id: str) -> tuple[Progress, list[Row]]:
        """To the moment of a step. Raises NotNow where pump time does not jump."""
        ...

    async def inject(self, progress: Progress, fault: str, magnitude: float) -> Progress:
        """With a fault from now on, which nobody is told; 0 ends it."""
        ...

    async def leave(self, to_rest: bool) -> None:
        """Ends it, and puts back what it found; `to_rest`: waits until the pump is as it was before."""
        ...
