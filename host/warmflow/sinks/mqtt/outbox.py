"""What is published beside records and answers: retained topics, the latest state of each pump, and news. No I/O.

Retained topics keep their latest payload, to be published again on every connect; an empty one takes a topic from the
broker. Of states, diagnoses and truth only the newest counts: a slow broker gets fewer of them, never late ones.
"""

import asyncio
import itertools
from datetime import datetime
from typing import NamedTuple

from warmflow.alarms import State
from warmflow.alarms.updates import AlarmChanged, LimitsChanged
from warmflow.api import payloads
from warmflow.api.payloads import Payload
from warmflow.api.requests import RequestDone
from warmflow.device.states import DEVICE_FLAGS, DEVICE_OK, DeviceState, device_state
from warmflow.device.updates import Assessed, ClockChanged, GroundTruth, LinkStatus, PumpRemoved, Reading
from warmflow.hub import PumpUpdate
from warmflow.monitor import Diagnosis
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.news import News, NewsQueue

Key = tuple[str, str]  # kind of topic; pump, port or board
URGENT = ("alarm",)  # kinds that wait for no others: of a hundred pumps there may be hundreds of those
OF_PUMP = ("state", "diagnosis", "availability", "status")


class Device(NamedTuple):
    """What the readings say of a device, and since when."""

    state: DeviceState
    since: datetime | None


class Outbox:
    """`has_changes` is set when a retained topic has changed."""

    def __init__(self) -> None:
        self.retained: dict[Key, bytes] = {}
        self.has_changes = asyncio.Event()
        self.news = NewsQueue()
        self._changed: dict[Key, None] = {}
        self._urgent: dict[Key, None] = {}  # the same, for what goes first
        self._latest: dict[Key, Reading | Assessed | GroundTruth] = {}
        self._found: dict[str, Diagnosis] = {}  # the newest diagnosis of each pump: a state is worded with it
        self._links: dict[str, LinkStatus] = {}
        self._devices: dict[str, Device] = {}

    def on_update(self, update: PumpUpdate) -> None:
        """Takes an update to where it belongs."""
        match update:
            case Reading():
                self._reading(update)
            case LinkStatus(pump=""):  # a port whose board has not said its name
                self.retain("link", update.port, dump(payloads.link_status(update)))
                self.happened(payloads.link_event(update))
            case LinkStatus():
                self._link(update)
            case PumpRemoved(pump, port):
                self._found.pop(pump, None)
                for key in self.of_pump(pump) if pump else ():
                    self.clear(*key)
                self.clear("link", port)
            case GroundTruth():
                self._latest["truth", update.pump] = update
            case Assessed():
                self._latest["diagnosis", update.pump] = update
                self._found[update.pump] = update.assessment.diagnosis
            case AlarmChanged():
                self._alarm(update)
            case LimitsChanged(change):
                self.happened(payloads.limit_event(change))
            case ClockChanged():
                self.happened(payloads.clock_event(update))
            case RequestDone(outcome, at):
                self.happened(payloads.request_event(outcome, at))

    def of_pump(self, pump: str) -> list[Key]:
        """Topics of a pump: its own, and those of its alarms."""
        alarms = [key for key in self.retained if key[0] == "alarm" and key[1].startswith(f"{pump}/")]
        return [*((kind, pump) for kind in OF_PUMP), *alarms]

    def retain(self, kind: str, name: str, payload: bytes) -> None:
        """A retained topic's new payload. The same again is published only after a new connection."""
        if self.retained.get((kind, name)) != payload:
            self.retained[kind, name] = payload
            self._has_changed(kind, name)

    def clear(self, kind: str, name: str) -> None:
        """Takes a topic from the broker, if we have put it there."""
        self._latest.pop((kind, name), None)
        if self.retained.get((kind, name)):
            self.drop(kind, name)

    def happened(self, payload: Payload) -> None:
        """News for `bridge/event`."""
        self.news.enqueue(News("bridge_event", payload))

    def again(self, kind: str, name: str) -> None:
        """Publishes one topic again: somebody has overwritten it."""
        if (kind, name) in self.retained:
            self._has_changed(kind, name)

    def drop(self, kind: str, name: str) -> None:
        """Takes a topic from the broker, whoever has put it there."""
        self._latest.pop((kind, name), None)
        self.retained[kind, name] = b""
        self._has_changed(kind, name)

    def everything_again(self) -> None:
        """A new connection, or somebody who has missed it: all that is retained is to be published again."""
        for key in self.retained:  # what waits already keeps its place: who asks again and again delays nothing
            self._has_changed(*key)

    def pumps(self) -> list[str]:
        """Names of all pumps that have an availability."""
        return [name for (kind, name), payload in self.retained.items() if kind == "availability" and payload]

    def next_changes(self, limit: int) -> list[tuple[Key, bytes]]:
        """Retained topics that the broker does not have yet, at most so many: alarms before all others."""
        keys = list(itertools.islice(itertools.chain(self._urgent, self._changed), limit))
        return [(key, self._taken(key)) for key in keys]

    def _taken(self, key: Key) -> bytes:
        self._urgent.pop(key, None)
        self._changed.pop(key, None)
        payload = self.retained[key]
        if not payload:
            del self.retained[key]
        return payload

    def failed(self, key: Key) -> None:
        """A topic that was cleared here and is still to be cleared at the broker."""
        self.retained.setdefault(key, b"")

    def still(self, key: Key, payload: bytes) -> bool:
        """False for a state of a pump that went away since it was taken: told now it would stay with the broker."""
        return key[0] == "truth" or self.retained.get(key) == payload

    def take_latest(self, limit: int) -> list[tuple[Key, bytes]]:
        """Some of the states, diagnoses and truths that are new, those first that have waited longest."""
        out = []
        for key in list(itertools.islice(self._latest, limit)):
            value = self._latest.pop(key)
            payload = dump(payloads.latest(value, self._found.get(value.pump)))
            if not isinstance(value, GroundTruth):
                self.retained[key] = payload
            out.append((key, payload))
        return out

    def _has_changed(self, kind: str, name: str) -> None:
        (self._urgent if kind in URGENT else self._changed)[kind, name] = None
        self.has_changes.set()

    def _reading(self, update: Reading) -> None:
        self._latest["state", update.pump] = update
        flags = update.message.status & DEVICE_FLAGS
        device = self._devices.get(update.pump)
        if not flags and device is None:
            self._devices[update.pump] = Device(DEVICE_OK, update.utc)
            self._status(update.pump)
        elif flags or (device and device.state is not DEVICE_OK):
            state = device_state(flags)
            if device is None or state is not device.state:
                self._devices[update.pump] = Device(state, update.utc)
                self._status(update.pump)
                self.happened(payloads.device_event(update, state))

    def _link(self, update: LinkStatus) -> None:
        self._links[update.pump] = update
        if payloads.availability(update.state) == b"offline":
            self._devices.pop(update.pump, None)  # nobody knows
        self.retain("availability", update.pump, payloads.availability(update.state))
        self._status(update.pump)
        self.clear("link", update.port)
        self.happened(payloads.link_event(update))

    def _alarm(self, update: AlarmChanged) -> None:
        change = update.change
        self.retain("alarm", f"{update.pump}/{change.held.id}", dump(payloads.alarm(change.held)))
        if change.event not in ("", State.NORMAL.value):
            self.news.enqueue(News("alarm_event", payloads.alarm_event(change), update.pump, change.at))

    def _status(self, pump: str) -> None:
        if link := self._links.get(pump):
            device = self._devices.get(pump) or Device(DEVICE_OK, None)
            known = pump in self._devices
            self.retain("status", pump, dump(payloads.status(link, device.state, device.since, known)))
