"""Several pumps with one daemon: each on its own, and no two with one name."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from warmflow.device.link.fleet import Fleet
from warmflow.device.session import NoMemory
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus, Reading
from warmflow.device.virtual import VirtualPico, virtual_pico
from warmflow.hub import Hub, UpdateQueue
from warmflow.runtime.tasks import end

pytestmark = pytest.mark.e2e


class Seen:
    def __init__(self, subscriber: UpdateQueue) -> None:
        self._subscriber = subscriber
        self.readings: dict[str, list[int]] = {}
        self.states: dict[str, LinkState] = {}

    async def receive_until(self, what: Callable[[], bool], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not what():
                update = await self._subscriber.get()
                if isinstance(update, Reading):
                    self.readings.setdefault(update.pump, []).append(update.message.sequence)
                elif isinstance(update, LinkStatus):
                    self.states[update.pump] = update.state


async def with_pumps(
    tmp_path: Path, names: list[str], check: Callable[[Seen, Fleet, list[VirtualPico]], object]
) -> None:
    async with AsyncExitStack() as stack:
        boards = [
            await stack.enter_async_context(
                virtual_pico("unix", state_dir=tmp_path / str(number), config={"rig_name": name, "sensor": "emulated"})
            )
            for number, name in enumerate(names)
        ]
        hub = Hub()
        seen = Seen(hub.subscriber())
        fleet = Fleet([board.port for board in boards], hub.publish, print, NoMemory())
        running = asyncio.create_task(fleet.run())
        try:
            await check(seen, fleet, boards)  # type: ignore[misc]
        finally:
            await end(running)


async def test_each_pump_is_read_on_its_own_and_the_loss_of_one_disturbs_no_other(tmp_path: Path) -> None:
    async def check(seen: Seen, fleet: Fleet, boards: list[VirtualPico]) -> None:
        await seen.receive_until(lambda: {"left", "right"} <= seen.readings.keys())
        await boards[0].close()
        await seen.receive_until(
            lambda: seen.states.get("left") in (LinkState.SILENT, LinkState.PORT_LOST, LinkState.NOT_FOUND)
        )
        before = len(seen.readings["right"])
        await seen.receive_until(lambda: len(seen.readings["right"]) >= before + 20)
        right = seen.readings["right"]
        assert right == list(range(right[0], right[0] + len(right))) or len(right) == right[-1] - right[0]
        assert seen.states["right"] is LinkState.OK

    await with_pumps(tmp_path, ["left", "right"], check)


async def test_a_second_board_with_a_name_that_is_taken_is_refused_by_name(tmp_path: Path) -> None:
    async def check(seen: Seen, fleet: Fleet, boards: list[VirtualPico]) -> None:
        await seen.receive_until(
            lambda: LinkState.NAME_TAKEN in seen.states.values() and len(seen.readings.get("twin", [])) > 20
        )
        refused = [link for link in fleet.links.values() if link.session.state is LinkState.NAME_TAKEN]
        assert len(refused) == 1
        assert "twin" in refused[0].session.detail
        assert "rig_name" in refused[0].session.detail
        assert seen.states["twin"] is LinkState.OK

    await with_pumps(tmp_path, ["twin", "twin"], check)
