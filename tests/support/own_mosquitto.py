"""A mosquitto with a configuration of the test's own: TLS, passwords, access lists. And the certificates for it."""

import asyncio
import base64
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from wait import wait_until

from warmflow.sinks.mqtt.broker.reachability import free_port
from warmflow.sinks.mqtt.broker.server_programs import find_mosquitto

PROGRAM = find_mosquitto()


@dataclass(frozen=True)
class Papers:
    """An authority, the broker's certificate for `host`, and a client's, as files."""

    ca: Path
    server_cert: Path
    server_key: Path
    client_cert: Path
    client_key: Path


def papers(folder: Path, host: str = "127.0.0.1", name: str = "ours") -> Papers:
    authority = trustme.CA()
    server, client = authority.issue_cert(host), authority.issue_cert("daemon@example.org")
    found = Papers(*(folder / f"{name}-{part}.pem" for part in ("ca", "server", "server-key", "client", "client-key")))
    authority.cert_pem.write_to_path(str(found.ca))
    for certificate, cert, key in (
        (server, found.server_cert, found.server_key),
        (client, found.client_cert, found.client_key),
    ):
        certificate.cert_chain_pems[0].write_to_path(str(cert))
        certificate.private_key_pem.write_to_path(str(key))
    return found


def password_line(user: str, password: str) -> str:
    """As mosquitto_passwd writes it. Ref: mosquitto 2, PBKDF2 with SHA-512."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{user}:$7$101${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}\n"


@asynccontextmanager
async def mosquitto(folder: Path, *lines: str, port: int | None = None) -> AsyncIterator[tuple[int, int]]:
    """Port and process id of a broker with these lines in its configuration."""
    assert PROGRAM
    port = port or free_port()
    config = folder / f"mosquitto-{port}.conf"
    text = [f"listener {port} 127.0.0.1", *lines, "log_dest stderr", "persistence false"]
    config.write_text("\n".join([*text, *(["user root"] if os.geteuid() == 0 else [])]) + "\n")
    with (folder / "mosquitto.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(PROGRAM, "-c", str(config), stderr=log, stdout=log)

    def lives() -> None:
        assert process.returncode is None, (folder / "mosquitto.log").read_text()

    try:
        await wait_until(lambda: _listens(port), what=f"mosquitto listens at port {port}", check=lives)
        yield port, process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
