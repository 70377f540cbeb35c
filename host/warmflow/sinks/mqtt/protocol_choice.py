"""Which version of MQTT the next connection is tried with. Pure.

Some brokers that know 3.1.1 only hang up when they hear version 5, and say nothing. So does a broker of version 5 that
was frozen, or is being stopped: where version 5 has been accepted before, a hang-up has to come again and again before
it counts, and an older version that did not last is not kept.
"""

from warmflow.sinks.mqtt.client import NotThisProtocol, Protocol

HANG_UPS = 3  # in a row, of a broker that has accepted version 5 before


class ProtocolChoice:
    """`now` is the version in use. `first`: what every broker is tried with."""

    def __init__(self, first: Protocol) -> None:
        self.now: Protocol = first
        self._first = first
        self._accepted, self._hang_ups = False, 0

    def accepted(self, protocol: Protocol) -> None:
        """The broker has taken a connection of this version."""
        self.now = protocol
        if protocol == self._first:
            self._accepted, self._hang_ups = True, 0

    def wants_older(self, error: NotThisProtocol) -> bool:
        """Whether 3.1.1 is worth an attempt after this."""
        self._hang_ups += 1
        return self.now != "3.1.1" and (error.said or not self._accepted or self._hang_ups >= HANG_UPS)

    def ended(self, *, steady: bool) -> None:
        """A connection has ended, or did not come about. `steady`: it had lasted."""
        if not steady:
            self.now = self._first
