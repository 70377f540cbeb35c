"""Everything that the view shows, fed with MQTT messages and a monotonic time. Pure: no I/O, no clock.

A payload that cannot be read is counted and forgotten: what it would have replaced grows stale by itself.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from warmflow.cli.watch.parse_payloads import BadPayload, Info, Response, plain, read, word
from warmflow.cli.watch.pump_view import TAKERS, PumpView
from warmflow.device.identity import is_name

PUMPS_MAX = 200
ALARM = "alarm/"
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
    commands: bool = False  # whether it obeys commands that come over MQTT
    answer: Response | None = None  # its newest one, to whoever asked
    counts: Counter[str] = field(default_factory=Counter)
    last_bad: str = ""

    def on_message(self, topic: str, payload: bytes, now_s: float, *, stored: bool = False) -> None:
        """One message. `stored`: it carried the retain flag, so the broker had kept it. Never raises."""
        self.counts["messages"] += 1
        pump, _, kind = topic.removeprefix(f"{self.base}/").partition("/")
        if not topic.startswith(f"{self.base}/") or not pump:
            self.counts["other topics"] += 1
        elif pump == BRIDGE:
            self._take_bridge(kind, payload)
        elif not is_name(pump):  # another program's topic, or a stranger's word
            self.counts["other topics"] += 1
        elif kind in TAKERS or kind.startswith(ALARM):
            self._take(pump, kind, payload, now_s, stored)
        else:
            self.counts["other topics"] += 1

    def names(self) -> list[str]:
        """The pumps in the order in which they are listed: by name, so that a choice stays where it is."""
        return sorted(self.pumps)

    def _take_bridge(self, kind: str, payload: bytes) -> None:
        try:
            match kind.partition("/")[0]:
                case "state":
                    self.daemon = word(payload)
                case "info":
                    self.commands = read(Info, payload).commands
                case "response":
                    self.answer = read(Response, payload)
                case "pumps":
                    pass  # its pumps have topics of their own
                case _:
                    self.counts["other topics"] += 1
        except BadPayload as error:
            self._bad(f"bridge/{plain(kind)}", error)

    def _bad(self, where: str, error: BadPayload) -> None:
        self.counts["bad payloads"] += 1
        self.last_bad = f"{where}: {error}"

    def _take(self, name: str, kind: str, payload: bytes, now_s: float, stored: bool) -> None:
        pump = self.pumps.get(name) or PumpView(plain(name))
        if name not in self.pumps and len(self.pumps) >= PUMPS_MAX:
            self.counts["pumps beyond the limit"] += 1
            return
        try:
            if kind.startswith(ALARM):
                pump.take_alarm(plain(kind.removeprefix(ALARM)), payload, now_s, stored)
            else:
                pump.on_message(kind, payload, now_s, stored)
        except BadPayload as error:
            self._bad(f"{plain(name)}/{plain(kind)}", error)
        else:
            if payload or name in self.pumps:  # a topic that is emptied makes no pump
                self.pumps[name] = pump
