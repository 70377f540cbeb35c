"""Readings as the daemon has them, made for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from warmflow.device.identity import Boot
from warmflow.device.updates import Reading
from warmflow.monitor import Measured

BOOT = Boot("0011223344556677", 4, 0xABCD)
START = datetime(2026, 11, 21, 12, tzinfo=UTC)


def framed(record: Any) -> Any:
    """The record with the bytes that its message has on the wire."""
    return record._replace(payload=ENCODERS[type(record.message)](record.message))


def reading(sequence: int, boot: Boot = BOOT, pump: str = "rig", backlog: int = 0, flow: int = 48_880) -> Reading:
    message = m.Telemetry(
        backlog, sequence, sequence * 100, sequence * 100, 24_000 + sequence, 0, None, flow, sequence * 81, 32
    )
    utc = START + timedelta(milliseconds=sequence * 100)
    return Reading(pump, boot, message, Measured.reading(message), utc, bool(backlog), None, None, 0)
