"""Which pumps are reserved: a lesson, say, has one to itself while it is played."""

from collections.abc import Callable

Holder = Callable[[str], str]


class Reservations:
    """A holder gives the reason why nobody else may command a pump now, "" if it does not hold that pump."""

    def __init__(self) -> None:
        self._holders: list[Holder] = []

    def add(self, holder: Holder) -> None:
        self._holders.append(holder)

    def reason(self, pump: str) -> str:
        """Why nobody else may command this pump now; "" if they may."""
        return next(filter(None, (holder(pump) for holder in self._holders)), "")
