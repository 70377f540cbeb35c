"""What is done to a board for a lesson: settings as the lesson has them, all exposures and faults ended, a full pump at
rest; and everything as it was found when the lesson is left.

Commands only; what they lead to is seen in the board's truth. Each raises CommandError where the board does not answer.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from pumplink import messages as m
from pumplink.codes import Fault, Sensor
from pumpmodel import Pump
from warmflow.device.link import CommandError, PumpLink
from warmflow.device.link.json_answer import json_answer
from warmflow.device.states import LinkState
from warmflow.simulation.rig import Rig
from warmflow.training.live.player import NotNow
from warmflow.training.live.pump_listener import PumpListener
from warmflow.training.progress import Play
from warmflow.training.texts import texts

LONGEST_S = 365 * 86400  # of a fault that is to stay
RATE_HZ = 10  # at least: a command takes effect between two readings
TRUTH_S = 3.0
BOOT_S = 20.0
RESET_ANSWER_S = 0.5  # a board that resets has no time to answer
AT_REST_C = 0.02  # of the model's rest; the wire has thousandths
IN_HAND_C = 0.3  # with a probe in hand, which is warm itself
Settings = dict[str, Any]


async def settings(link: PumpLink) -> Settings:
    """All of the board's settings. Raises CommandError."""
    answer = await link.command(lambda number: m.GetConfig(number, ""))
    return json_answer(link.name, answer, "its settings", dict)


def wanted(play: Play, speed_x: int, link: PumpLink, found: Mapping[str, Any]) -> Settings:
    """What of them the lesson changes."""
    sensor = link.rig.sensor if link.rig else Sensor.NONE
    told: Settings = {
        "profile": play.rig.profile,
        "body": play.rig.body,
        "fluid": "drug",
        "glycerol_permille": 0,
        "speed_x": speed_x,
        "rate_hz": max(RATE_HZ, int(found.get("rate_hz", RATE_HZ))),
    }
    if play.dipped:
        told["place"] = play.lesson.probe
    elif sensor not in (Sensor.NONE, Sensor.EMULATED):
        told["sensor"] = "emulated"  # the scenario makes the exposure, and faster than a probe could follow
    return {key: value for key, value in told.items() if found.get(key) != value}


async def configure(link: PumpLink, changes: Mapping[str, Any]) -> None:
    """These settings from now on; nothing is sent where nothing changes."""
    if changes:
        await link.command(lambda number: m.SetConfig(number, json.dumps(dict(changes))))


async def calm(link: PumpLink) -> None:
    """Ends exposures and faults, and fills the reservoir."""
    await link.command(lambda number: m.SetEnvironment(number, 0, None, None, None, None))
    await link.command(lambda number: m.InjectFault(number, Fault.NONE, 0, 0))
    await link.command(lambda number: m.Refill(number, None))


async def fault(link: PumpLink, name: str, magnitude: float) -> None:
    """In force until it is ended, by a magnitude of 0."""
    code, permille = Fault[name.upper()], round(magnitude * 1000)
    await link.command(lambda number: m.InjectFault(number, code, permille, LONGEST_S))


async def to_rest(link: PumpLink, listener: PumpListener, rig: Rig, dipped: bool) -> m.Truth:
    """A calm, full pump at rest; the board is started again where it is still warm. Its truth then. Raises NotNow."""
    for last in (False, True):
        await calm(link)
        try:
            truth = await listener.truth(TRUTH_S)
        except TimeoutError:
            raise NotNow(texts()("train.link_lost")) from None
        if rests(truth, rig, dipped):
            return truth
        if last and dipped:
            return truth  # the probe is warm: its lesson begins there
        if not last:
            await restart(link)
    raise NotNow(texts()("stage.not_at_rest"))


def rests(truth: m.Truth, rig: Rig, dipped: bool) -> bool:
    """Whether the pump is as it is in a body at rest; with a probe in hand, nearly, and its skin does not count."""
    rest = Pump(rig.profile, rig.body, site_pressure_kpa=rig.site_kpa)
    pairs = [(truth.pump_mc, rest.pump_c), (truth.core_mc, rest.core_c), (truth.skin_mc, rest.skin_c)]
    near_c = IN_HAND_C if dipped else AT_REST_C
    return all(abs(milli / 1000 - rest_c) <= near_c for milli, rest_c in (pairs[:1] if dipped else pairs))


async def restart(link: PumpLink) -> None:
    """Starts the board again: its body is at rest then. Raises NotNow if it does not come back."""
    before = link.session.boot
    with contextlib.suppress(CommandError):
        await link.command(lambda number: m.Reset(number, 0), RESET_ANSWER_S)
    try:
        async with asyncio.timeout(BOOT_S):
            while link.session.boot in (None, before) or link.session.state is not LinkState.OK:
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise NotNow(texts()("train.link_lost")) from None
