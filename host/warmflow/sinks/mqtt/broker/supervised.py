"""The broker of the daemon: the configured one, or one that is started here and stopped at the end.

If a broker started here dies, it is restarted on the same port after growing pauses; `Broker.died` is set meanwhile.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from warmflow.runtime.backoff import pause_s
from warmflow.runtime.child_process import Child
from warmflow.runtime.logs import toned
from warmflow.runtime.private_files import private_folder
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker.address import Address, parse_url
from warmflow.sinks.mqtt.broker.errors import BrokerError
from warmflow.sinks.mqtt.broker.model import Broker
from warmflow.sinks.mqtt.broker.reachability import LOOPBACK
from warmflow.sinks.mqtt.broker.server_programs import Recipe, choose
from warmflow.sinks.mqtt.broker.start import Log, start_broker

LOGGER = logging.getLogger(__name__)
Again = Callable[[], Awaitable[tuple[Child, int]]]

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 0.6  # of the 3 s that a stop of the daemon may take
AGAIN_S = (0.5, 30.0)  # first and longest pause before a dead one is started again
STEADY_S = 10.0  # one that lived so long was a good one


@asynccontextmanager
async def running_broker(
    url: str | None,
    *,
    port: int | None = None,
    state_dir: Path | None = None,
    log: Log = LOGGER.info,
    choose: Callable[[], Recipe] = choose,
    timeout_s: float = START_TIMEOUT_S,
) -> AsyncIterator[Broker]:
    """Give a broker for as long as the block lasts: the one at `url`, else a child on a loopback port.

    url: mqtt://host:port or mqtts://...; it is not contacted, for a broker that is away is a state, not an error.
    port: for a child; default: any free one.  state_dir: where mosquitto keeps retained messages and sessions.
    log: takes the child's lines and the news of its deaths.  choose: which program, for tests.
    Raises: BrokerError.
    """
    if url is not None:
        yield _configured(parse_url(url))
        return
    recipe = choose()
    state_dir = _made(state_dir) if recipe.kind == "mosquitto" else None
    child, port = await start_broker(recipe, port, state_dir, log, timeout_s)
    children = [child]
    broker = _ours(recipe, children, port, state_dir)
    again = partial(start_broker, recipe, port, state_dir, log, timeout_s)
    watch = asyncio.create_task(_keep_alive(broker, children, again, log), name=f"watch {child.name}")
    try:
        yield broker
    finally:
        await end(watch)
        await children[-1].stop(STOP_TIMEOUT_S)


def _configured(address: Address) -> Broker:
    return Broker(
        url=address.url,
        kind="configured",
        host=address.host,
        port=address.port,
        tls=address.tls,
        username=address.username,
        password=address.password,
    )


def _ours(recipe: Recipe, children: list[Child], port: int, state_dir: Path | None) -> Broker:
    return Broker(
        url=Address("mqtt", LOOPBACK, port).url,
        kind=recipe.kind,
        protocol="3.1.1" if recipe.kind == "iotcore" else "5",
        host=LOOPBACK,
        port=port,
        state_dir=state_dir,
        _children=children,
    )


async def _keep_alive(broker: Broker, children: list[Child], again: Again, log: Log) -> None:
    """Until cancelled. `children` always holds the one that is to be stopped, and nothing else."""
    loop = asyncio.get_running_loop()
    attempt = 0
    while True:
        began_s = loop.time()
        await children[-1].wait()
        broker.died.set()
        toned(log, logging.ERROR)(f"broker died: {broker.describe()}")
        attempt = 0 if loop.time() - began_s > STEADY_S else attempt
        while broker.died.is_set():
            pause = pause_s(attempt, *AGAIN_S)
            attempt += 1
            log(f"broker is started again on port {broker.port} in {pause:.1f} s")
            await asyncio.sleep(pause)
            try:
                children[:] = [(await again())[0]]
            except Exception as error:  # whatever it is: the next attempt may help, and the watch must not end
                toned(log, logging.WARNING)(f"broker did not start: {error}")
            else:
                broker.died.clear()
                log(f"broker is back: {broker.describe()}")


def _made(state_dir: Path | None) -> Path | None:
    if state_dir:
        try:
            private_folder(state_dir)
            tempfile.TemporaryFile(dir=state_dir).close()  # mosquitto would tell only when it first saves
        except OSError as error:
            raise BrokerError(f"broker state folder {state_dir}: {error.strerror}; choose another one") from error
    return state_dir
