"""Other daemons that publish under the same base topic. Pure; times are of one steady clock.

Each daemon has an id in `bridge/info`. A live message there with another id is a daemon that runs now; it is answered
with our own info, so that it notices us as well. A retained one may be from an earlier life.
"""

from typing import NamedTuple

import msgspec

from warmflow.runtime.text import printable

ALIVE_S = 90.0  # a neighbour that was not heard for so long is gone
REPEAT_S = 30.0  # so often a daemon with a neighbour publishes its info
ANSWER_S = 5.0  # it answers no more often
NEIGHBOURS_MAX = 16
REMEDY = "set another base_topic in [mqtt] of one of them"


class _Sent(msgspec.Struct):
    """What is read of another daemon's info."""

    id: str = ""
    since: str = ""


class Neighbour(NamedTuple):
    """As it was heard last."""

    since: str
    heard_s: float


class Neighbours:
    """`own_id` "": nobody is told apart."""

    def __init__(self, own_id: str) -> None:
        self._own_id = own_id
        self._found: dict[str, Neighbour] = {}
        self._published_s = -ANSWER_S

    def on_info(self, payload: bytes, now_s: float) -> str:
        """A live `bridge/info`. The id of a neighbour that is new, else ""."""
        try:
            sent = msgspec.json.decode(payload, type=_Sent)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return ""
        name = printable(sent.id, 32) or "without an id"
        if not self._own_id or name == self._own_id:
            return ""
        new = name not in self.alive(now_s)
        if name not in self._found and len(self._found) >= NEIGHBOURS_MAX:
            return ""
        self._found[name] = Neighbour(printable(sent.since, 32), now_s)
        return name if new else ""

    def alive(self, now_s: float) -> list[str]:
        """Their ids."""
        self._found = {name: each for name, each in self._found.items() if now_s - each.heard_s < ALIVE_S}
        return list(self._found)

    def has_to_publish(self, now_s: float, *, heard: bool) -> bool:
        """Whether our info goes out again: somebody was just `heard`, or has to hear that we are still here."""
        due = self._found and now_s - self._published_s >= (ANSWER_S if heard else REPEAT_S)
        if due:
            self._published_s = now_s
        return bool(due)

    def text(self, base: str, now_s: float) -> str:
        """For log and health; "" without one."""
        alive = self.alive(now_s)
        if not alive:
            return ""
        shown = ", ".join(f"{name} (runs since {self._found[name].since or 'an unknown time'})" for name in alive)
        return (
            f"another daemon also publishes under {base}/: {shown}; this one is {self._own_id}. Both overwrite "
            f"{base}/bridge, and both carry out requests: {REMEDY}"
        )
