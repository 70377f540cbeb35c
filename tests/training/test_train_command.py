"""`warmflow train`: a board that was named and does not play is said; a virtual one that dies is started again."""

import asyncio
import os
import signal
from types import SimpleNamespace

import pytest
from wait import wait_until

from warmflow.cli import train
from warmflow.cli.train import TrainError, _revived, _told
from warmflow.device.states import LinkState
from warmflow.device.virtual import virtual_pico
from warmflow.runtime.tasks import end


async def test_a_named_port_that_is_not_there_is_said_once_and_one_that_plays_is_not(capsys):
    def link(state, detail=""):
        return SimpleNamespace(session=SimpleNamespace(state=state, detail=detail))

    links = {"NOPE": link(LinkState.NOT_FOUND, "no such port"), "rig": link(LinkState.OK)}

    telling = asyncio.create_task(_told(links, ("NOPE", "rig")))
    said = ""
    async with asyncio.timeout(10):
        while "unplugged" not in said:
            if said:
                links["rig"] = link(LinkState.PORT_LOST, "unplugged")
            await asyncio.sleep(0.02)
            said += capsys.readouterr().err
    await end(telling)
    assert said == "NOPE: port not found: no such port\nrig: port lost: unplugged\n"


@pytest.mark.parametrize("at_once_s", [0.0, 60.0])
async def test_a_virtual_pico_that_dies_is_started_again_on_its_port_and_given_up_if_it_dies_at_once(
    tmp_path, monkeypatch, capsys, at_once_s
):
    monkeypatch.setattr(train, "AT_ONCE_S", at_once_s)

    async def main():
        async with asyncio.timeout(30), virtual_pico("cpython", state_dir=tmp_path) as pico:
            port, boots = pico.port, pico.boots
            reviving = asyncio.create_task(_revived(pico))
            os.kill(pico.pid, signal.SIGKILL)
            await wait_until(lambda: pico.boots != boots or reviving.done())
            if reviving.done():
                reviving.result()
            await end(reviving)
            return pico.port == port

    if at_once_s:
        with pytest.raises(TrainError, match="another --engine"):
            await main()
    else:
        assert await main()
        assert "it is restarted" in capsys.readouterr().err
