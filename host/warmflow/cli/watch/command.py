"""`warmflow watch`: reads the broker's address and opens the view. The command line registers it."""

import getpass
import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from warmflow.errors import UserError
from warmflow.runtime import console
from warmflow.runtime.text_file import SECRET_BYTES, TextFileError, read_text
from warmflow.sinks.mqtt.broker import BrokerError, parse_url

CONNECT_S = 5.0
PASSWORD = "WARMFLOW_BROKER_PASSWORD"
Broker = Annotated[str, typer.Option(help="mqtt://host:port, or mqtts://user@host for TLS.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help=f"File with the user's password at the broker; or {PASSWORD}.")
]
Name = Annotated[str | None, typer.Option("--name", help="Your name, to acknowledge alarms. Default: login name.")]
Base = Annotated[str, typer.Option("--base-topic", help="First part of every topic.")]


def watch(
    broker: Broker = "mqtt://127.0.0.1:1883",
    base: Base = "warmflow",
    name: Name = None,
    password_file: PasswordFile = None,
) -> None:
    """Watch pumps live in the terminal, over MQTT. Alarms can be acknowledged; pumps cannot be controlled. q quits.

    Raises: UserError without a terminal; BrokerError for an invalid address, one that holds a password, or one at which
    nobody listens.
    """
    from warmflow.cli.watch.app import WatchApp  # Textual takes a third of a second to import

    address = parse_url(broker)
    if address.password is not None:
        raise BrokerError(
            "--broker holds a password, which everybody who sees the process list can read: write mqtts://user@host, "
            f"and give the password by --password-file or {PASSWORD}"
        )
    if not console.is_terminal():
        raise UserError("watch needs a terminal. Without one, subscribe: mosquitto_sub -t 'warmflow/#' -v")
    check_listens(address.host, address.port)
    app = WatchApp(
        address.host,
        address.port,
        username=address.username,
        password=_password(password_file),
        tls=address.tls,
        base=base,
        by=name or _user(),
        hint=f"mosquitto_sub -h {address.host} -p {address.port} -t '{base}/#' -v",
    )
    app.run(mouse=False)  # so that the terminal's own selecting and copying works


def check_listens(host: str, port: int) -> None:
    """Raises BrokerError if nobody listens there: a view that would stay empty is not opened."""
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        raise BrokerError(
            f"no broker at {host}:{port} ({error.strerror or error}). Start `warmflow run --broker-port {port}`, or "
            "name a broker with --broker"
        ) from None


def _password(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(PASSWORD)
    try:
        return read_text(file, SECRET_BYTES).removesuffix("\n")
    except TextFileError as error:
        raise BrokerError(f"the password's file {error}") from None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return "somebody at a terminal"
