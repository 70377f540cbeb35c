"""`warmflow run`, the daemon, and `warmflow replay`, the daemon on recordings instead of boards."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warmflow.cli.options import Broker, ConfigFile, JournalFile
from warmflow.cli.run_to_end import run_to_the_end
from warmflow.errors import UserError

if TYPE_CHECKING:
    from warmflow.daemon.config import Loaded


def run(
    port: Annotated[
        list[str] | None,
        typer.Option(
            "--port", help="Serial port, or USB serial number of a Pico; may be repeated. Default: every Pico."
        ),
    ] = None,
    broker: Broker = None,
    broker_port: Annotated[
        int | None, typer.Option(help="Port of a broker that the daemon starts. Default: a free port.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Journal file. Default: one in the state folder.")] = None,
    base_topic: Annotated[str | None, typer.Option(help="First part of every topic. Default: warmflow.")] = None,
    listen: Annotated[
        str | None, typer.Option(help="Web server: address:port, or off. Default: 127.0.0.1:8080.")
    ] = None,
    virtual: Annotated[
        int, typer.Option(min=0, max=20, help="Start so many virtual Picos, too. Without a number: one.")
    ] = 0,
    record: Annotated[Path | None, typer.Option(help="Record every byte that the boards send, in this folder.")] = None,
    config_file: ConfigFile = None,
) -> None:
    """Run the daemon: publish the readings of all Picos to MQTT and raise alarms. Ctrl-C stops it."""
    from warmflow.daemon import config

    flags = {
        "port": tuple(port) if port else None,
        "broker.url": broker,
        "broker.port": broker_port,
        "mqtt.base_topic": base_topic,
        "journal.file": journal,
        "http.listen": listen,
        "record.folder": record,
    }
    run_to_the_end(_relay(config.load(config.chosen_file(config_file), os.environ, flags), virtual=virtual))


def replay(
    recording: Annotated[Path, typer.Argument(help="A recording, or a folder with the recordings of one port.")],
    speed: Annotated[str, typer.Option(help="1 is real time, N is N times as fast, max is as fast as possible.")] = "1",
    broker: Broker = None,
    journal: JournalFile = None,
    listen: Annotated[str | None, typer.Option(help="Web server: address:port, or off. Default: off.")] = "off",
    config_file: ConfigFile = None,
) -> None:
    """Replay a recording of `warmflow run --record` to its end. The data is marked as a replay."""
    from warmflow.daemon import config
    from warmflow.device.transport.replay import check

    flags = {
        "port": (check(recording, speed),),
        "broker.url": broker,
        "journal.file": journal,
        "http.listen": listen,
    }
    run_to_the_end(_relay(config.load(config.chosen_file(config_file), os.environ, flags), to_its_end=True))


async def _relay(loaded: "Loaded", to_its_end: bool = False, virtual: int = 0) -> int:
    from warmflow.cli.virtual_boards import virtual_boards
    from warmflow.daemon.config.effective import source
    from warmflow.daemon.service import service
    from warmflow.runtime import logs

    settings, chosen = loaded.settings, loaded.settings.log
    logs.set_up(chosen.level, chosen.areas, chosen.json_lines, settings.secrets())
    log = logs.area("daemon")
    log(source(loaded.file))
    try:
        async with service(settings, log) as running, virtual_boards(virtual, settings.state_dir) as ports:
            for port in ports:
                running.fleet.attach(port)
            await (running.over() if to_its_end else running.failed)
    except UserError:
        raise
    except Exception:
        log.logger.critical("this is a bug in warmflow; please report it with these lines", exc_info=True)
        return 1
    return 0
