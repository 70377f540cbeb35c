"""The one task that talks to the broker: it subscribes, hands on, and comes back after every loss.

Each attempt is a connection of its own. It publishes what the person at the view asks for, and nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiomqtt

from warmflow.api.topics import TOPICS
from warmflow.cli.watch.acknowledge import KIND, Asking
from warmflow.cli.watch.exact_topics import LIMIT, ExactTopics
from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.pump_view import TAKERS
from warmflow.runtime.backoff import pause_s
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker
from warmflow.sinks.mqtt.client import connection

RETRY_S = (0.5, 10.0)  # first and longest pause between attempts to connect
REFUSED = 0x80  # a broker's answer to a subscription that it does not grant

Opener = Callable[[], AbstractAsyncContextManager[aiomqtt.Client]]
Feed = Callable[[WatchModel], Awaitable[None]]


def mqtt_feed(
    connect: Opener,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    asking: Asking | None = None,
) -> Feed:
    """A feed that fills a model until it is cancelled, whatever the broker does."""

    async def feed(model: WatchModel) -> None:
        attempt = 0
        while True:
            try:
                async with connect() as client:
                    await _subscribe(client, model.base)
                    model.broker, model.broker_detail, attempt = "connected", "", 0
                    async with _sending(client, asking):
                        await _receive(client, model, clock)
                reason = "the broker ended the stream"
            except (aiomqtt.MqttError, OSError) as error:
                reason = str(error) or type(error).__name__
            wait_s = pause_s(attempt, *RETRY_S)
            attempt += 1
            model.broker, model.broker_detail = "away", f"{reason}; next try after {wait_s:.1f} s"
            model.counts["broker losses"] += 1
            await sleep(wait_s)

    return feed


async def _receive(client: aiomqtt.Client, model: WatchModel, clock: Callable[[], float]) -> None:
    exact = ExactTopics(model.base)
    async for message in client.messages:
        topic, payload = message.topic.value, message.payload
        if isinstance(payload, bytes):
            if more := exact.on_message(topic, payload, message.retain):
                model.broker_detail = LIMIT
                await client.subscribe(more)
            model.on_message(topic, payload, clock(), stored=message.retain)


@asynccontextmanager
async def _sending(client: aiomqtt.Client, asking: Asking | None) -> AsyncIterator[None]:
    """Requests go out while the block lasts. None is sent twice: one lost with the connection is not answered."""

    async def send_all(asking: Asking) -> None:
        while True:
            request = await asking.queue.get()
            await client.publish(request.topic, request.payload, qos=1)

    task = asyncio.create_task(send_all(asking)) if asking else None
    try:
        yield
    finally:
        if task:
            await end(task)


def opener(host: str, port: int, username: str | None, password: str | None, tls: bool) -> Opener:
    """How to connect, once for each attempt."""
    broker = Broker(
        f"mqtt://{host}:{port}",
        "configured",
        host,
        port,
        tls=tls,
        username=username,
        password=password,
        protocol="3.1.1",  # which every broker speaks, and reading needs no more
    )
    return lambda: connection(broker)


def filters(base: str) -> list[tuple[str, int]]:
    """Topic filters with their QoS: all that is shown, and not the readings in full, which nobody here looks at."""
    wanted = [TOPICS[kind] for kind in (*TAKERS, "bridge", "info", "response", "pumps")]
    return [(topic.path.format(base=base, pump="+", alarm="+", request=KIND), topic.qos) for topic in wanted]


async def _subscribe(client: aiomqtt.Client, base: str) -> None:
    wanted = filters(base)
    granted = [code if isinstance(code, int) else code.value for code in await client.subscribe(wanted)]
    for (path, _), code in zip(wanted, granted, strict=False):
        if code >= REFUSED:
            raise aiomqtt.MqttError(f"the broker does not let us read {path}")
