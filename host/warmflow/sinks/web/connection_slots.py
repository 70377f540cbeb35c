"""Places for connections: how many there are, how many one address may hold, and who gives way when there is no place.

Pure: no sockets and no time. A connection that is not in use (it has not finished its first request, or waits for its
next one) gives way to a new one; of those the oldest, of the address that holds the most. So a visitor who says nothing
cannot keep others out, and one address cannot take all places from the others.
"""

import ipaddress
from collections import Counter
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
REFUSED: Literal["refused"] = "refused"


def neighbourhood(address: str) -> str:
    """What counts as one address: the whole /64 of an IPv6 address, for whoever has one has them all."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


class Slots(Generic[T]):
    """`size` places, of which one address holds `share` at most."""

    def __init__(self, size: int, share: int) -> None:
        self.size, self._share = size, share
        self._address: dict[T, str] = {}  # in the order of arrival
        self._count: Counter[str] = Counter()
        self._in_use: set[T] = set()

    def __len__(self) -> int:
        return len(self._address)

    def enter(self, one: T, address: str) -> T | Literal["refused"] | None:
        """Gives `one` a place. The connection that has lost its own for that; REFUSED if nobody could give way."""
        victim = None
        if self._count[address] >= self._share:
            victim = self._idle_of(address)
        elif len(self) >= self.size:
            victim = next((found for held in self._greediest() if (found := self._idle_of(held)) is not None), None)
        else:
            self._add(one, address)
            return None
        if victim is None:
            return REFUSED
        self.leave(victim)
        self._add(one, address)
        return victim

    def leave(self, one: T) -> None:
        """Its place is free; nothing happens if it has none."""
        address = self._address.pop(one, None)
        self._in_use.discard(one)
        if address is not None:
            self._count[address] -= 1
            if not self._count[address]:
                del self._count[address]

    def use(self, one: T, in_use: bool) -> None:
        """Whether it keeps its place, whoever comes."""
        if in_use and one in self._address:
            self._in_use.add(one)
        else:
            self._in_use.discard(one)

    def _add(self, one: T, address: str) -> None:
        self._address[one] = address
        self._count[address] += 1

    def _greediest(self) -> list[str]:
        return [address for address, _ in self._count.most_common()]

    def _idle_of(self, address: str) -> T | None:
        return next((one for one, held in self._address.items() if held == address and one not in self._in_use), None)
