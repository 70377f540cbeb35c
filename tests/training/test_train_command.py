"""`warmflow train`: a board that the user named and that does not play is said, with its trouble."""

import asyncio
from types import SimpleNamespace

from warmflow.commands.train import _told
from warmflow.status import LinkState
from warmflow.tasks import end


def test_a_named_port_that_is_not_there_is_said_once_and_one_that_plays_is_not(capsys):
    def link(state, detail=""):
        return SimpleNamespace(session=SimpleNamespace(state=state, detail=detail))

    links = {"NOPE": link(LinkState.NOT_FOUND, "no such port"), "rig": link(LinkState.OK)}

    async def main():
        telling = asyncio.create_task(_told(links, ("NOPE", "rig")))
        said = ""
        async with asyncio.timeout(10):
            while "unplugged" not in said:
                if said:
                    links["rig"] = link(LinkState.PORT_LOST, "unplugged")
                await asyncio.sleep(0.02)
                said += capsys.readouterr().err
        await end(telling)
        return said

    assert asyncio.run(main()) == "NOPE: port not found: no such port\nrig: port lost: unplugged\n"
