"""Names of pumps are parts of topics: what cannot be one is refused by name, and a changed one leaves nothing. What a
name is: `tests/device/test_identity.py`.
"""

import asyncio
import json
from pathlib import Path

import pytest

from pumplink import messages as m
from warmflow.device.link.fleet import Fleet
from warmflow.device.session import NoMemory
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus, PumpRemoved, Update
from warmflow.device.virtual import virtual_pico
from warmflow.hub import Hub, UpdateQueue
from warmflow.runtime.tasks import end


async def seen(subscriber: UpdateQueue, wanted: type[Update], seconds: float = 30) -> Update:
    async with asyncio.timeout(seconds):
        while True:
            update = await subscriber.get()
            if isinstance(update, wanted):
                return update


@pytest.mark.e2e
async def test_a_board_that_is_renamed_says_that_its_old_name_is_gone(tmp_path: Path) -> None:
    config = {"rig_name": "old", "sensor": "emulated"}
    async with virtual_pico("unix", state_dir=tmp_path, config=config) as pico:
        hub = Hub()
        fleet = Fleet([pico.port], hub.publish, print, NoMemory())
        running = asyncio.create_task(fleet.run())
        link = fleet.links[pico.port]
        try:
            await link.greeted(30)
            subscriber = hub.subscriber()
            since = link.since
            await link.command(lambda request: m.SetConfig(request, json.dumps({"rig_name": "new"})))
            assert await seen(subscriber, PumpRemoved) == PumpRemoved("old")
            told = await seen(subscriber, LinkStatus)
            assert isinstance(told, LinkStatus)
            assert (told.pump, told.state, told.since) == ("new", LinkState.OK, since)
        finally:
            await end(running)


@pytest.mark.e2e
async def test_a_link_that_is_restarted_is_well_again_before_the_answer(tmp_path: Path) -> None:
    async with virtual_pico("unix", state_dir=tmp_path, config={"rig_name": "rig", "sensor": "emulated"}) as pico:
        hub = Hub()
        fleet = Fleet([pico.port], hub.publish, print, NoMemory())
        running = asyncio.create_task(fleet.run())
        link = fleet.links[pico.port]
        try:
            await link.greeted(30)
            subscriber = hub.subscriber()
            await link.restart()
            assert link.session.state is LinkState.OK
            states = [update.state for update in subscriber.get_all() if isinstance(update, LinkStatus)]
            assert states[0] is LinkState.PORT_LOST
            assert states[-1] is LinkState.OK
        finally:
            await end(running)
