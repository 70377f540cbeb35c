"""`warmflow watch`: reads the broker's address and opens the view. The command line registers it."""

import getpass
from typing import Annotated

import typer

from warmflow.sinks.mqtt.broker import parse_url

Broker = Annotated[str, typer.Option(help="mqtt://host:port, or mqtts://user:password@host for TLS.")]
Name = Annotated[str | None, typer.Option("--name", help="Your name, to acknowledge alarms. Default: login name.")]
Base = Annotated[str, typer.Option("--base-topic", help="First part of every topic.")]


def watch(broker: Broker = "mqtt://127.0.0.1:1883", base: Base = "warmflow", name: Name = None) -> None:
    """Watch pumps live in the terminal, over MQTT. Alarms can be acknowledged; pumps cannot be controlled. q quits.

    Raises: BrokerError for an invalid address.
    """
    from warmflow.cli.watch.app import WatchApp  # Textual takes a third of a second to import

    address = parse_url(broker)
    app = WatchApp(
        address.host,
        address.port,
        username=address.username,
        password=address.password,
        tls=address.tls,
        base=base,
        by=name or _user(),
        hint=f"mosquitto_sub -h {address.host} -p {address.port} -t '{base}/#' -v",
    )
    app.run(mouse=False)  # so that the terminal's own selecting and copying works


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return "somebody at a terminal"
