"""`warmflow train`: the training rig on this computer: broker, daemon with the training page, and a virtual Pico.
Boards that are named can be used, too. Ctrl-C stops all of it.
"""

import asyncio
import os
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from platformdirs import user_state_path

from warmflow.cli.options import ConfigFile
from warmflow.cli.run_to_end import run_to_the_end
from warmflow.errors import UserError
from warmflow.notice import NOTICE
from warmflow.runtime import console
from warmflow.runtime.tasks import end
from warmflow.training.live import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warmflow.daemon.config import Loaded
    from warmflow.device.link import PumpLink
    from warmflow.device.virtual.virtual_pico import VirtualPico

SETTINGS = {"rig_name": FIRST, "speed_x": 1, "rate_hz": 10, "sensor": "emulated", "place": "water"}
BROWSER_S = 5.0
LOOK_S = 0.5
AT_ONCE_S = 3.0


class TrainError(UserError):
    """The training cannot continue; the text says what to do."""


def train(
    lessons: Annotated[
        Path | None, typer.Option(help="Folder with your own lessons. Default: from the settings.")
    ] = None,
    port: Annotated[
        list[str] | None,
        typer.Option("--port", help="Serial port of a board to use as well; may be repeated."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    engine: Annotated[str, typer.Option(help="Engine that runs the virtual Pico: auto, unix or cpython.")] = "auto",
    listen: Annotated[str | None, typer.Option(help="Address and port of the page. Default: 127.0.0.1:8080.")] = None,
    broker: Annotated[str | None, typer.Option(help="mqtt://host:port, or embedded. Default: its own broker.")] = None,
    state: Annotated[
        Path | None, typer.Option(help="Folder for journal and session logs. Default: one in the state folder.")
    ] = None,
    config_file: ConfigFile = None,
) -> None:
    """Start the training page with a virtual Pico. No hardware is needed. Ctrl-C stops it."""
    from warmflow.daemon import config

    folder = (state or user_state_path("warmflow") / "train").absolute()
    flags = {
        "broker.url": broker,
        "journal.file": folder / "journal.sqlite",
        "http.listen": listen,
        "training.lessons": lessons,
    }
    loaded = config.load(config.chosen_file(config_file), os.environ, flags)
    run_to_the_end(_train(loaded, tuple(port or ()), folder, engine, open_))


async def _train(loaded: "Loaded", ports: tuple[str, ...], folder: Path, engine: str, open_: bool) -> int:
    from warmflow.daemon.instructor_code import FILE as INSTRUCTOR_CODE
    from warmflow.daemon.service import service
    from warmflow.device.virtual import virtual_pico
    from warmflow.runtime import logs

    settings = loaded.settings
    # that the virtual Pico was started again since the last training is no news
    logs.set_up("warning", {"link": "error", **settings.log.areas}, settings.log.json_lines, settings.secrets())
    async with virtual_pico(engine, state_dir=folder / "pico", config=SETTINGS) as pico:
        named = ports or settings.port
        ports = (pico.port, *named)
        addresses: list[str] = []
        async with service(
            settings.model_copy(update={"port": ports}), logs.area("daemon"), addresses.append, rig=True
        ) as running:
            if not addresses:
                raise TrainError("http.listen is off, but the training page needs it; remove it from the settings")
            code_file = settings.training.code_file or folder / INSTRUCTOR_CODE
            _welcome(addresses[0], folder, code_file if settings.http.token_file else None)
            if open_:
                await _opened(addresses[0])
            reviving = asyncio.create_task(_revived(pico))
            looking = asyncio.create_task(_told(running.fleet.links, named))
            waits: set[asyncio.Future[Any]] = {reviving, running.failed}
            try:
                done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for ended in done:
                    ended.result()
            finally:
                await end(reviving, looking)
            return 0


async def _revived(pico: "VirtualPico") -> None:
    """A virtual Pico that dies in the middle of a training is started again. Raises TrainError for one that dies at
    once: it would do so again.
    """
    clock = asyncio.get_running_loop().time
    while True:
        began_s = clock()
        await pico.died.wait()
        if clock() - began_s < AT_ONCE_S:
            raise TrainError(f"{pico.describe()}; start again, or choose another --engine")
        console.note(f"{pico.describe()}; it is restarted")
        await pico.reset()


def _welcome(address: str, folder: Path, code_file: Path | None) -> None:
    console.say(f"warmflow training: {NOTICE}")
    console.say(f"  trainees    {address}/train")
    console.say(f"  instructor  {address}/train/instructor" + (f", code in {code_file}" if code_file else ""))
    console.say(f"  session logs are in {folder}; Ctrl-C stops the training")


async def _told(links: "Mapping[str, PumpLink]", ports: "Iterable[str]") -> None:
    """Says of each port that the user named why it does not play, once for each reason, until cancelled."""
    before: dict[str, object] = {}
    while True:
        for port in ports:
            session = links[port].session
            if session.state is not before.get(port) and session.state.value not in ("connecting", "ok"):
                console.note(f"{port}: {session.state.value}: {session.detail}")
            before[port] = session.state
        await asyncio.sleep(LOOK_S)


async def _opened(address: str) -> None:
    """A browser that takes long, or that there is not, is no reason to wait."""
    try:
        async with asyncio.timeout(BROWSER_S):
            done = await asyncio.to_thread(webbrowser.open, f"{address}/train")
    except TimeoutError:
        done = False
    if not done:
        console.say("no browser could be opened; open the address yourself")
