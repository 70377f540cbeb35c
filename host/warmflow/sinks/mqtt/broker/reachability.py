"""Is somebody there? Free and taken loopback ports, and the question whether a broker answers an MQTT CONNECT.

An open port is not yet a broker: only the CONNACK counts. It waits for nothing; the caller asks again.
"""

import asyncio
import os
import socket
from contextlib import suppress

from warmflow.sinks.mqtt.broker.errors import BrokerError

LOOPBACK = "127.0.0.1"
ANSWER_TIMEOUT_S = 1.0
CLEAN_SESSION = 0x02
CONNACK_ACCEPTED = (0x20, 0)  # type of packet, return code


def connect_packet() -> bytes:
    """A CONNECT with a clean session and a keepalive of 10 s. Ref: MQTT 3.1.1 section 3.1."""
    # a name of its own each time: the same name twice is a takeover, and no broker's best-tested path
    client_id = b"warmflow-probe-" + os.urandom(3).hex().encode()
    body = b"\x00\x04MQTT\x04" + bytes([CLEAN_SESSION, 0, 10, 0, len(client_id)]) + client_id
    return bytes([0x10, len(body)]) + body


async def accepts_connect(host: str, port: int) -> bool:
    """True when a broker accepted our CONNECT; False for a refusal, silence or no listener."""
    writer = None
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(connect_packet())
            kind, _length, _session_present, code = await reader.readexactly(4)
            writer.write(b"\xe0\x00")  # DISCONNECT
            return (kind, code) == CONNACK_ACCEPTED
    except (OSError, EOFError, TimeoutError):
        return False
    finally:
        if writer:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def free_port() -> int:
    """A loopback port nobody listens on just now. Another program may still be faster."""
    with socket.socket() as attempt:
        attempt.bind((LOOPBACK, 0))
        port: int = attempt.getsockname()[1]
        return port


def require_free(port: int) -> None:
    """Raises: BrokerError when we could not listen on this loopback port."""
    if not 1 <= port <= 65535:
        raise BrokerError(f"broker port {port} is out of range: choose one from 1024 to 65535")
    with socket.socket() as attempt:
        # as the brokers do: a port whose last connections are in TIME_WAIT is free
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LOOPBACK, port))
        except PermissionError as error:
            raise BrokerError(f"broker port {port} may not be used ({error.strerror}): choose one above 1023") from None
        except OSError as error:
            raise BrokerError(
                f"broker port {port} on {LOOPBACK} is taken ({error.strerror}): choose another port, or use "
                f"mqtt://{LOOPBACK}:{port} as the broker if that is one"
            ) from None
