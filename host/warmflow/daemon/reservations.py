"""Reservations of pumps: for instance, a lesson reserves its pump while it is played."""

from collections.abc import Callable

Holder = Callable[[str], str]


class Reservations:
    """A holder gives the reason why a pump accepts no other commands now, or "" if it has not reserved that pump."""

    def __init__(self) -> None:
        self._holders: list[Holder] = []

    def add(self, holder: Holder) -> None:
        self._holders.append(holder)

    def reason(self, pump: str) -> str:
        """Why this pump accepts no other commands now, or ""."""
        return next(filter(None, (holder(pump) for holder in self._holders)), "")
