"""Two peers of the daemon for the flood: the same stream decoded and published at QoS 1, and nothing else.

`batch` publishes the daemon's own messages, as many at a time as the daemon does; `each` is plain aiomqtt, awaited, one
message a reading. Both ask for the board's records as the daemon does, and keep nothing.
"""

import asyncio
import sys

import aiomqtt

from pumplink import messages as m
from pumplink.decoder import Decoder, Received
from pumplink.fastcodec import ENCODERS
from pumplink.framing import line
from warmflow.api import payloads
from warmflow.device.identity import Boot
from warmflow.device.transport.serial_port import SerialPort
from warmflow.device.updates import Reading
from warmflow.monitor import Measured
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.wall_clock import wall_clock
from warmflow.sinks.mqtt.client import IN_FLIGHT
from warmflow.sinks.record_batches import BATCH_MAX


class Stream:
    """The board's readings, as they come off the wire."""

    def __init__(self) -> None:
        self.waiting: list[m.Telemetry] = []
        self.some = asyncio.Event()
        self.hello: asyncio.Future[m.Hello] = asyncio.get_running_loop().create_future()
        self._decoder = Decoder()

    def take(self, data: bytes) -> None:
        for event in self._decoder.feed(data):
            if isinstance(event, Received):
                if isinstance(event.message, m.Telemetry):
                    self.waiting.append(event.message)
                    self.some.set()
                elif isinstance(event.message, m.Hello) and not self.hello.done():
                    self.hello.set_result(event.message)

    async def batch(self, limit: int) -> list[m.Telemetry]:
        while not self.waiting:
            self.some.clear()
            await self.some.wait()
        batch, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return batch


async def relay(mode: str, path: str, host: str, port: int) -> None:
    """Until it is killed."""
    stream = Stream()
    source = SerialPort(path, stream.take, print)
    await source.write(line(ENCODERS[m.HelloRequest](m.HelloRequest(1, None))))
    hello = await stream.hello
    boot = Boot(hello.board_id.hex(), hello.boot_count, hello.boot_random)
    await source.write(line(ENCODERS[m.ResendFrom](m.ResendFrom(0, boot.boots, boot.random, 1))))
    async with aiomqtt.Client(host, port) as client:

        async def publish(batch: list[m.Telemetry]) -> None:
            payload = payloads.telemetry([_reading(hello.rig_name, boot, message) for message in batch], False)
            await client.publish(f"warmflow/{hello.rig_name}/telemetry", dump(payload), qos=1)

        while mode == "each":
            await publish(await stream.batch(1))
        while True:
            batches = [await stream.batch(BATCH_MAX)]
            while stream.waiting and len(batches) < IN_FLIGHT:
                batches.append(await stream.batch(BATCH_MAX))
            await asyncio.gather(*map(publish, batches))


def _reading(pump: str, boot: Boot, message: m.Telemetry) -> Reading:
    measured, now = Measured.reading(message), wall_clock()
    return Reading(pump, boot, message, measured, now, bool(message.backlog), None, None, 1)


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
