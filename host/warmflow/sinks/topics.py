"""Topics: the one table of what is published where. State is retained; readings and events never are.

docs/mqtt.md carries this table; a test keeps them equal.
"""

from typing import NamedTuple


class Topic(NamedTuple):
    """One kind of topic: where, how, and what it says."""

    path: str
    retained: bool
    qos: int
    says: str


TOPICS = {
    "state": Topic("{base}/{pump}/state", True, 0, "latest values, at most 5 a second, for people and dashboards"),
    "telemetry": Topic("{base}/{pump}/telemetry", False, 1, "every reading, several to a message"),
    "event": Topic("{base}/{pump}/event", False, 1, "what happened on the board; shares the readings' sequence"),
    "summary": Topic("{base}/{pump}/summary", False, 1, "a minute that the board kept while nobody listened"),
    "gap": Topic("{base}/{pump}/gap", False, 1, "readings that are lost, with first and last sequence"),
    "alarm": Topic("{base}/{pump}/alarm", True, 1, "the rate flag: level, cause, since when"),
    "availability": Topic("{base}/{pump}/availability", True, 1, "online or offline: does a board answer?"),
    "status": Topic("{base}/{pump}/status", True, 1, "the link's state with its reason and remedy"),
    "truth": Topic("{base}/{pump}/truth", False, 0, "the emulator's inner state, modelled, for teaching only"),
    "link": Topic("{base}/bridge/link", True, 1, "a port whose board has not said its name: state, reason, remedy"),
    "bridge": Topic("{base}/bridge/state", True, 1, "the daemon: running, stopped, or dead (last will)"),
}
