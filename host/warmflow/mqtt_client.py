"""An aiomqtt connection for one attempt, safe to cancel at any moment. Knows brokers, and no topics.

aiomqtt 2.5 leaves a cancelled future behind when it is cancelled while it connects, and its next network callback
prints a traceback about it. So a connect that has begun is let end before the cancellation goes on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt

from warmflow.broker import Broker

KEEPALIVE_S = 10  # a lost broker is noticed within this, even when idle
TIMEOUT_S = 10.0


@asynccontextmanager
async def connection(broker: Broker, will: aiomqtt.Will | None = None) -> AsyncIterator[aiomqtt.Client]:
    """A connected client. Raises aiomqtt.MqttError if the broker can not be reached, or goes away."""
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_params=aiomqtt.TLSParameters() if broker.tls else None,
        will=will,
        keepalive=KEEPALIVE_S,
        timeout=TIMEOUT_S,
    )
    connecting = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        with contextlib.suppress(aiomqtt.MqttError):
            await connecting
            await client.__aexit__(None, None, None)
        raise
    try:
        yield client
    finally:
        await client.__aexit__(None, None, None)
