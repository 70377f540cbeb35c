"""Noise on both ways of a running virtual Pico: every valid frame after it is delivered."""

import asyncio
import os
from pathlib import Path

import pytest

from pumplink import messages as m
from warmflow.device.link import PumpLink
from warmflow.device.updates import Gap, Reading
from warmflow.device.virtual import virtual_pico
from warmflow.hub import Hub, UpdateQueue

pytestmark = pytest.mark.e2e
CONFIG = {"rig_name": "noisy", "sensor": "emulated", "rate_hz": 20}


async def readings(subscriber: UpdateQueue, number: int) -> list[Reading]:
    """The next so many readings; fails on a gap."""
    got: list[Reading] = []
    async with asyncio.timeout(20):
        while len(got) < number:
            update = await subscriber.get()
            assert not isinstance(update, Gap), update
            if isinstance(update, Reading):
                got.append(update)
    return got


async def test_64_kib_of_noise_into_the_port_costs_no_command_and_no_reading(tmp_path: Path) -> None:
    async with virtual_pico("unix", state_dir=tmp_path, config=CONFIG) as pico:
        hub = Hub()
        subscriber = hub.subscriber()
        link = PumpLink(pico.port, hub.publish, print)
        task = asyncio.create_task(link.run())
        try:
            await link.greeted(10)
            await readings(subscriber, 5)
            noise = bytes(byte for byte in os.urandom(70_000) if byte != 3)[:65536]
            for start in range(0, len(noise), 2048):
                link.wire.post(noise[start : start + 2048])
            answer = await link.command(m.Ping, 10)
            assert answer.command == 0x84
            got = await readings(subscriber, 20)
            sequences = [reading.message.sequence for reading in got]
            assert sequences == list(range(sequences[0], sequences[0] + 20))
            assert link.wire.decoder.counts.total() == link.session.counts["out of order"] == 0
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
