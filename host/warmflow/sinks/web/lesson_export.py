"""A lesson as one HTML file that works from a disk with no network: drawing, ribbon, playable model, texts, the run.

The page's own modules are inside as `data:` addresses in an import map; the file's policy lets it load nothing else.
"""

import base64
import html
import json
import re
from functools import partial
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from warmflow.sinks.web.pages import STATIC
from warmflow.training import views
from warmflow.training.lesson_file import Loaded
from warmflow.training.playback_modes import ways
from warmflow.training.progress import Progress, advance, played
from warmflow.training.quantities import NAMES, value
from warmflow.training.simulated_run import Replay
from warmflow.training.tempo import STILL_S, Tempo, tempo
from warmflow.training.texts import texts

FRAME_S = 0.2  # of real time
MOST_X = 50_000
ENTRY = "training/standalone.js"
STYLES = ("core/base.css", "training/training.css", "training/drawing/drawing.css")
IMPORT = re.compile(r"""(\bfrom\s+|\bimport\s+)"(\.{1,2}/[^"]+)\"""")
POLICY = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data:"


def exported(loaded: Loaded) -> str:
    """The file's text."""
    say = texts()
    modules = {name: _address(text) for name, text in _modules(ENTRY).items()}
    imports = json.dumps({"imports": {_bare(name): address for name, address in modules.items()}})
    style = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in STYLES)
    notice = html.escape(f"{say('notice.short')} {say('notice.modelled')}")
    return f"""<!doctype html>
<html lang="en" data-theme="dark" class="train" data-screen="standalone">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(loaded.lesson.title)} · warmflow</title>
<style>{style}</style>
<script type="importmap">{imports}</script>
</head>
<body>
<main id="page" class="standalone"></main>
<footer>{notice}</footer>
<script type="application/json" id="lesson">{_inert(_lesson(loaded))}</script>
<script type="module">import "{_bare(ENTRY)}";</script>
</body>
</html>
"""


def _lesson(loaded: Loaded) -> dict[str, Any]:
    play, lesson = played(loaded), loaded.lesson
    replay = Replay.of(play)
    progress, moments = Progress(play), []
    for sample in replay.until(replay.whole_s):
        progress = advance(progress, (sample,))
        moments.append(progress)
    own_x = next(way for way in ways(play) if way.name == "replay").speed_x
    pace = tempo(own_x, MOST_X, [one.t_s for one in progress.reached], replay.whole_s)
    reached = [
        {**views.of_step(one.step, lesson), "t_s": one.t_s, "numbers": views.numbers(progress, one.step.shows)}
        for one in progress.reached
    ]
    return {
        "title": lesson.title,
        "intro": lesson.intro or loaded.scenario.title,
        "begins_s": play.begins_s,
        "whole_s": replay.whole_s,
        "peak_percent": progress.peak_percent,
        "steps": reached,
        "frames": list(_frames(moments, pace)),
        "closing": views.closing(lesson),
        "texts": texts().all(),
    }


def _frames(moments: list[Progress], pace: Tempo) -> list[dict[str, Any]]:
    """The newest moment at each fifth of a second of real time, and the last one."""
    at_s, frames = [0.0], []
    for before, after in pairwise(moments):
        at_s.append(at_s[-1] + _real_s(pace, _t_s(before), _t_s(after)))
    due_s = 0.0
    for number, moment in enumerate(moments):
        if at_s[number] < due_s and number < len(moments) - 1:
            continue
        due_s = at_s[number] + FRAME_S
        assert moment.now is not None
        drawing = {name: value(name, moment.now) for name in NAMES}
        shows = {name for step in moment.play.lesson.step for name in step.shows}
        rows = {row["name"]: row for row in views.numbers(moment, tuple(shows))}
        kept = ("value", "text", "change", "change_percent")
        frames.append({
            "at_s": round(at_s[number], 3),
            "t_s": _t_s(moment),
            "speed_x": pace.speed_x(_t_s(moment)),
            "drawing": {name: None if one is None else float(f"{one:.5g}") for name, one in drawing.items()},
            "texts": {name: {key: row[key] for key in kept} for name, row in rows.items()},
        })  # fmt: skip
    return frames


def _t_s(moment: Progress) -> float:
    return moment.now.now.t_s if moment.now else 0.0


def _real_s(pace: Tempo, from_s: float, to_s: float) -> float:
    """Real time between two moments that lie close together: at the speed of the first, up to a change between them."""
    real_s = 0.0
    for change_s, _ in (*pace.changes, (float("inf"), 0)):
        if change_s <= from_s:
            continue
        until_s = min(change_s, to_s)
        real_s += (until_s - from_s) / pace.speed_x(from_s)
        from_s = until_s
        if from_s >= to_s:
            break
    return min(real_s, STILL_S)


def _modules(entry: str) -> dict[str, str]:
    """By path below the static files: every module that the entry needs, its imports by bare names."""
    found: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        text = (STATIC / name).read_text(encoding="utf-8")
        needs = {given: _resolved(name, given) for _, given in IMPORT.findall(text)}
        found[name] = IMPORT.sub(partial(_renamed, needs), text)
        waiting += needs.values()
    return found


def _renamed(needs: dict[str, str], found: re.Match[str]) -> str:
    return f'{found[1]}"{_bare(needs[found[2]])}"'


def _resolved(importer: str, given: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(importer).parent / given).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return str(Path(*parts))


def _bare(name: str) -> str:
    return f"warmflow/{name}"


def _address(text: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(text.encode()).decode()


def _inert(found: dict[str, Any]) -> str:
    """JSON in which nothing can end its script element."""
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
