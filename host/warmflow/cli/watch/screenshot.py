"""Screenshots by command: `python -m warmflow.cli.watch.screenshot OUT.svg --size 80x24 --light --scene paused`.

It plays the sample in the real application without a terminal, and writes what is on the screen. It needs no broker.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from warmflow.api import payloads
from warmflow.cli.watch.app import WatchApp
from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.sample_run import Message, hot_tub
from warmflow.device.identity import pump_name
from warmflow.device.states import DEVICE_OK, LinkState
from warmflow.device.updates import LinkStatus
from warmflow.runtime.json_bytes import dump
from warmflow.runtime.output_file import write_text

HOT_S = 2400  # pump time soon after the peak
HINT = "mosquitto_sub -h 127.0.0.1 -p 35149 -t 'warmflow/#' -v"


LOST_AT = datetime(2026, 11, 21, 22, 30, 25, tzinfo=UTC)
LOST = LinkStatus("", LinkState.PORT_LOST, "/dev/ttyACM1 went away; plug the Pico in again", LOST_AT)
PORT_LOST = dump(payloads.status(LOST, DEVICE_OK, None, False))


class Stage:
    """A feed and a clock that stand where the last message left them."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self._messages, self.now_s = messages, 0.0

    async def feed(self, model: WatchModel) -> None:
        model.broker = "connected"
        for message in self._messages:
            self.now_s = message.at_s
            model.on_message(message.topic, message.payload, message.at_s)


def several() -> Iterator[Message]:
    """Four pumps, each somewhere else in its hot tub; one of them lost its port."""
    streams = [hot_tub(pump_name(name), seed, until) for seed, (name, until) in enumerate(OTHERS.items())]
    yield from sorted((message for stream in streams for message in stream), key=lambda message: message.at_s)
    yield Message(HOT_S / 60, "warmflow/rig-c/status", PORT_LOST)
    yield Message(HOT_S / 60, "warmflow/rig-c/availability", b"offline")


OTHERS = {"rig-a": HOT_S, "rig-b": 900, "rig-c": 1500, "rig-d": HOT_S}


def _away(stage: Stage, app: WatchApp) -> None:
    app.model.broker, app.model.broker_detail = "away", "[Errno 111] Connection refused; next try after 5 s"
    stage.now_s += 47


def _offline(stage: Stage, app: WatchApp) -> None:
    stage.now_s += 5


SCENES: dict[str, tuple[Callable[[], Iterator[Message]], tuple[str, ...], Callable[[Stage, WatchApp], None] | None]] = {
    "hot": (lambda: hot_tub(until_s=HOT_S), (), None),
    "whole": (hot_tub, (), None),
    "early": (lambda: hot_tub(until_s=120), (), None),
    "several": (several, (), None),
    "offline": (several, ("right", "right"), _offline),
    "paused": (lambda: hot_tub(until_s=HOT_S), ("p",), None),
    "away": (lambda: hot_tub(until_s=HOT_S), (), _away),
    "help": (lambda: hot_tub(until_s=HOT_S), ("question_mark",), None),
    "nothing": (lambda: iter(()), (), None),
}


async def picture(scene: str, columns: int, rows: int, light: bool) -> str:
    """The screen as SVG."""
    messages, keys, then = SCENES[scene]
    stage = Stage(messages())
    app = WatchApp(
        "127.0.0.1",
        35149,
        subtitle="Hot tub, 42 degC, 30 minutes",
        hint=HINT,
        feed=stage.feed,
        clock=lambda: stage.now_s,
    )
    async with app.run_test(size=(columns, rows)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press(*keys, *("t" if light else ""))
        if then:
            then(stage, app)
        await pilot.pause()  # the layout knows its sizes before the frame is drawn
        app.show_frame()
        await pilot.pause()
        return app.export_screenshot(title=f"warmflow watch, {columns}x{rows}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m warmflow.cli.watch.screenshot", description=__doc__)
    parser.add_argument("out", type=Path, help="where the SVG goes")
    parser.add_argument("--size", default="80x24", help="columns x rows, 80x24")
    parser.add_argument("--scene", choices=SCENES, default="hot")
    parser.add_argument("--light", action="store_true")
    given = parser.parse_args()
    columns, rows = (int(number) for number in given.size.split("x"))
    write_text(given.out, asyncio.run(picture(given.scene, columns, rows, given.light)))


if __name__ == "__main__":
    main()
