"""Everything that the view shows, fed with MQTT messages and a monotonic time. Pure: no I/O, no clock.

A payload that can not be read is counted and forgotten: what it would have replaced grows stale by itself.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from warmflow.sinks.topics import TOPICS
from warmflow.watch.payloads import BadPayload, plain, word
from warmflow.watch.pump import TAKERS, PumpView

PUMPS_MAX = 200
RATE = "alarm/rate"  # of the alarms the one that the view shows
BRIDGE = "bridge"  # no pump: the daemon's own topics
BrokerState = Literal["connecting", "connected", "away"]


@dataclass
class WatchModel:
    """All pumps under one base topic, and the road to them."""

    base: str = "warmflow"
    pumps: dict[str, PumpView] = field(default_factory=dict)
    broker: BrokerState = "connecting"
    broker_detail: str = ""
    daemon: str = ""  # running, stopped, or dead (its last will)
    counts: Counter[str] = field(default_factory=Counter)
    last_bad: str = ""

    def take(self, topic: str, payload: bytes, now_s: float, *, stored: bool = False) -> None:
        """One message. `stored`: it carried the retain flag, so the broker had kept it. Never raises."""
        self.counts["messages"] += 1
        pump, _, kind = topic.removeprefix(f"{self.base}/").partition("/")
        kind = "alarm" if kind == RATE else kind
        if topic == TOPICS["bridge"].path.format(base=self.base):
            self.daemon = word(payload)
        elif kind in TAKERS and pump and pump != BRIDGE and topic.startswith(f"{self.base}/"):
            self._take(pump, kind, payload, now_s, stored)
        else:
            self.counts["other topics"] += 1

    def names(self) -> list[str]:
        """The pumps in the order in which they are listed: by name, so that a choice stays where it is."""
        return sorted(self.pumps)

    def _take(self, name: str, kind: str, payload: bytes, now_s: float, stored: bool) -> None:
        pump = self.pumps.get(name) or PumpView(plain(name))
        if name not in self.pumps and len(self.pumps) >= PUMPS_MAX:
            self.counts["pumps beyond the limit"] += 1
            return
        try:
            pump.take(kind, payload, now_s, stored)
        except BadPayload as error:
            self.counts["bad payloads"] += 1
            self.last_bad = f"{plain(name)}/{kind}: {error}"
        else:
            self.pumps[name] = pump
