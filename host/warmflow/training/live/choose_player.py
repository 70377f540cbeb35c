"""Who plays a lesson: the way that was asked for, or the best one that is there. What cannot be is refused."""

from typing import NamedTuple

from warmflow.device.link import PumpLink
from warmflow.training.lesson_file import Loaded
from warmflow.training.live.action_fields import Choose
from warmflow.training.live.available_pumps import possible
from warmflow.training.live.board_player import living
from warmflow.training.live.controller import LessonController
from warmflow.training.live.lesson_run import LessonRun
from warmflow.training.live.player import NotNow, Player
from warmflow.training.live.replay_player import replaying
from warmflow.training.playback_modes import PlaybackMode, allowed, best, ways
from warmflow.training.progress import played
from warmflow.training.texts import texts


class Part(NamedTuple):
    """What was found fit to play. `link` is None for a replay."""

    loaded: Loaded
    way: PlaybackMode
    speed_x: int
    link: PumpLink | None


def found(stage: LessonController, loaded: Loaded, ask: Choose) -> Part:
    """Looks, and touches nothing. Raises NotNow."""
    way = _way(stage, loaded, ask)
    speed_x = ask.speed_x or way.speed_x
    if not allowed(way, speed_x):
        raise NotNow(texts()("stage.too_fast", most=f"{way.most_x:,}"))
    if way.name == "replay":
        return Part(loaded, way, speed_x, None)
    if stage.around.commands:
        raise NotNow(stage.around.commands)
    there = [link for link in possible(stage.around.links())[way.name] if ask.pump in (None, link.name)]
    if not there:
        raise NotNow(texts()("stage.no_pump"))
    if busy := stage.around.busy(there[0].name):
        raise NotNow(busy)
    return Part(loaded, way, speed_x, there[0])


def again(stage: LessonController, before: LessonRun) -> Part:
    """The same for the same. Raises NotNow."""
    player = before.player
    fields = {"way": player.way.name, "speed_x": before.speed_x, "pump": player.pump}
    return found(stage, before.loaded, Choose.model_validate({"lesson": before.loaded.name, **fields}))


async def cast(stage: LessonController, part: Part) -> LessonRun:
    """The lesson with its player, to be put on an empty stage. Raises UserError."""
    return LessonRun(part.loaded, await _player(stage, part))


async def _player(stage: LessonController, part: Part) -> Player:
    if part.link is None:
        return await replaying(played(part.loaded), part.way, part.speed_x, stage.now)
    play = played(part.loaded, dipped=part.way.name == "probe")
    return await living(play, part.way, part.speed_x, part.link, stage.listener, stage.log)


def _way(stage: LessonController, loaded: Loaded, ask: Choose) -> PlaybackMode:
    offered = ways(played(loaded))
    if ask.way is None:
        boards = not stage.around.commands and bool(possible(stage.around.links())["virtual"])
        return best(offered, boards)
    [way] = [one for one in offered if one.name == ask.way]
    if not way.possible:
        raise NotNow(texts()(way.why_not))
    return way
