"""A broker for the daemon: the configured one, or one started here and stopped again.

It restarts nothing: `Broker.died` tells, the daemon shows it.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from warmflow.broker.address import Address, parse_url
from warmflow.broker.errors import BrokerError
from warmflow.broker.model import Broker
from warmflow.broker.probe import LOOPBACK
from warmflow.broker.recipes import Recipe, choose
from warmflow.broker.starting import Log, start_broker
from warmflow.child import Child
from warmflow.logs import toned

LOGGER = logging.getLogger(__name__)

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 0.6  # of the 3 s that a stop of the daemon may take


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
    log: takes the child's lines and the news of its death.  choose: which program, for tests.
    Raises: BrokerError.
    """
    if url is not None:
        yield _configured(parse_url(url))
        return
    recipe = choose()
    state_dir = _made(state_dir) if recipe.kind == "mosquitto" else None
    child, port = await start_broker(recipe, port, state_dir, log, timeout_s)
    broker = _from_child(recipe, child, port, state_dir)
    watch = asyncio.create_task(_tell_death(broker, child, log), name=f"watch {child.name}")
    try:
        yield broker
    finally:
        watch.cancel()
        await child.stop(STOP_TIMEOUT_S)


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


def _from_child(recipe: Recipe, child: Child, port: int, state_dir: Path | None) -> Broker:
    return Broker(
        url=Address("mqtt", LOOPBACK, port).url,
        kind=recipe.kind,
        protocol="3.1.1" if recipe.kind == "iotcore" else "5",
        host=LOOPBACK,
        port=port,
        pid=child.pid,
        state_dir=state_dir,
        _child=child,
    )


async def _tell_death(broker: Broker, child: Child, log: Log) -> None:
    await child.wait()
    broker.died.set()
    toned(log, logging.ERROR)(f"broker died: {broker.describe()}")


def _made(state_dir: Path | None) -> Path | None:
    if state_dir:
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=state_dir).close()  # mosquitto would tell only when it first saves
        except OSError as error:
            raise BrokerError(f"broker state folder {state_dir}: {error.strerror}; choose another one") from error
    return state_dir
