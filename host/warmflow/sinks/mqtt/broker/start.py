"""Starts a broker program and waits until it answers an MQTT CONNECT."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from warmflow.runtime.child_process import Child, ChildError
from warmflow.runtime.output_file import write_text
from warmflow.sinks.mqtt.broker.errors import BrokerError
from warmflow.sinks.mqtt.broker.reachability import LOOPBACK, accepts_connect, free_port, require_free
from warmflow.sinks.mqtt.broker.server_programs import Recipe

POLL_INTERVAL_S = 0.02
# A free port found a moment ago can be gone when the broker binds it.
PORT_ATTEMPTS = 3

Log = Callable[[str], None]


async def start_broker(
    recipe: Recipe, port: int | None, state_dir: Path | None, log: Log, timeout_s: float
) -> tuple[Child, int]:
    """The child and its port, once it answers there; whoever starts it stops it.

    port: default: any free one.
    Raises: BrokerError.
    """
    for attempt in range(1, PORT_ATTEMPTS + 1):
        chosen = _usable_port(port)
        try:
            return await _start_once(recipe, chosen, state_dir, log, timeout_s), chosen
        except _PortGone as error:
            if attempt == PORT_ATTEMPTS:
                raise
            log(f"{error}; trying again")
    raise AssertionError("the loop returns or raises")


class _PortGone(BrokerError):
    pass


def _usable_port(wanted: int | None) -> int:
    if wanted is None:
        return free_port()
    require_free(wanted)
    return wanted


async def _start_once(recipe: Recipe, port: int, state_dir: Path | None, log: Log, timeout_s: float) -> Child:
    # The file is read at the start only: gone right after, it cannot be left behind however we end.
    with tempfile.TemporaryDirectory(prefix="warmflow-broker-") as folder:
        config = Path(folder, recipe.config_name)
        write_text(config, recipe.write_config(port, state_dir))
        try:
            child = await Child.start(
                [*recipe.argv, config], name=recipe.kind, on_line=lambda line: log(f"{recipe.kind}: {line}")
            )
        except ChildError as error:
            raise BrokerError(f"{error}; reinstall mosquitto, or name a broker as mqtt://host:port") from error
        try:
            await _wait_until_it_answers(child, port, timeout_s)
        except BaseException:
            await child.stop()
            raise
        return child


async def _wait_until_it_answers(child: Child, port: int, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            # its end is looked at last: another broker, faster on this port, would answer as well
            while not (await accepts_connect(LOOPBACK, port) and child.returncode is None):
                if child.returncode is not None:
                    await child.wait()
                    fault = _PortGone if any("in use" in line for line in child.tail()) else BrokerError
                    raise fault(f"{child.name} did not start on {LOOPBACK}:{port}: {child.last_words()}")
                await asyncio.sleep(POLL_INTERVAL_S)
    except TimeoutError:
        raise BrokerError(
            f"{child.name} accepts no MQTT connection on {LOOPBACK}:{port} after {timeout_s:g} s: {child.last_words()}"
        ) from None
