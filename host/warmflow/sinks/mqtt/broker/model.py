"""What the rest of the daemon sees of a broker: where it is, what it can do, whether it is dead just now. It starts
nothing."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from warmflow.runtime.child_process import Child

DESCRIPTIONS = {
    "configured": "{url} (as configured; not started and not stopped by warmflow)",
    "mosquitto": "{url} (mosquitto, started by warmflow as process {pid}; MQTT 3.1.1 and 5; {kept})",
    "iotcore": "{url} (iotcore, embedded in warmflow as process {pid}; no MQTT 5, only 3.1.1; "
    "{kept}; at most 100 retained messages for a QoS 1 wildcard, no shared subscriptions, no keepalive 0; "
    "install mosquitto for these)",
}


@dataclass(frozen=True)
class Broker:
    """A broker that can be used. `url` holds no credentials; they stand beside it."""

    url: str
    kind: Literal["configured", "mosquitto", "iotcore"]
    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    protocol: Literal["5", "3.1.1"] = "5"  # what is tried first
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: int = 10  # a lost broker is noticed within this, even when idle
    state_dir: Path | None = None  # its persistent state; None: it stores nothing, or was not started by warmflow
    died: asyncio.Event = field(default_factory=asyncio.Event, repr=False, compare=False)
    _children: list[Child] = field(default_factory=list, repr=False, compare=False)  # started here

    @property
    def pid(self) -> int | None:
        return self._children[-1].pid if self._children else None

    def describe(self) -> str:
        """One line for a person, with what this broker lacks; tells when it died."""
        kept = f"stores its state in {self.state_dir}" if self.state_dir else "loses its state at a restart"
        line = DESCRIPTIONS[self.kind].format(url=self.url, pid=self.pid, kept=kept)
        return f"{line}; it DIED: {self._children[-1].last_words()}" if self._children and self.died.is_set() else line
