"""How far something is from where it should be."""

from enum import IntEnum


class Level(IntEnum):
    """After hysteresis and hold time."""

    NORMAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        return self.name.lower()
