"""The Textual application: it holds the model, starts the feed, draws a frame four times a second, and listens to keys.

It watches, and acknowledges alarms where the daemon allows it: leaving it stops nothing but itself.
"""

import copy
import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from warmflow.cli.watch import alarm_list, plots, pump_list, status_lines, values_panel
from warmflow.cli.watch.acknowledge import Asking
from warmflow.cli.watch.alarm_screen import AlarmScreen
from warmflow.cli.watch.format import duration, level_badge, pump_clock
from warmflow.cli.watch.frame import Frame, link_trouble
from warmflow.cli.watch.help import HelpScreen
from warmflow.cli.watch.model import WatchModel
from warmflow.cli.watch.mqtt_feed import Feed, mqtt_feed, opener
from warmflow.cli.watch.pump_view import PumpView
from warmflow.cli.watch.themes import DARK, DARK_VARIABLES, LIGHT
from warmflow.cli.watch.value_history import SPANS_S
from warmflow.cli.watch.widgets import Section

FRAME_S = 0.25
LIST_ROWS, LIST_ROWS_TALL = 3, 8
ALARM_ROWS_TALL = 4
TALL = 34  # rows from which the temperatures get a plot of their own
SPANS = ("auto", *SPANS_S)


class _Paused(NamedTuple):
    model: WatchModel
    at_s: float
    messages: int


class WatchApp(App[None]):
    """Watches the pumps at one broker. Run it with `run()` or, beside other tasks of a loop, with `run_async()`."""

    TITLE = "warmflow watch"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layout: vertical; overflow: hidden; background: $background; color: $foreground; }
    #title { background: $panel; }
    #values { height: 4; }
    #deviation { height: 4; }
    #course { height: 14fr; min-height: 3; }
    #temperatures { height: 14fr; min-height: 5; display: none; }
    #log { height: 10fr; min-height: 3; }
    .-tall #temperatures { display: block; }
    Footer { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("p", "pause", "Pause"),
        Binding("t", "colours", "Theme"),
        Binding("s", "span", "Span"),
        Binding("a", "alarms", "Alarms"),
        Binding("right,down", "choose(1)", "Pump", key_display="←→"),
        Binding("left,up", "choose(-1)", "Pump", show=False),
        Binding("tab", "choose(1)", "Pump", show=False, priority=True),
        Binding("shift+tab", "choose(-1)", "Pump", show=False, priority=True),
        Binding("question_mark", "explain", "Help", key_display="?"),
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        host: str,
        port: int,
        *,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        base: str = "warmflow",
        by: str = "somebody",
        subtitle: str = "",
        hint: str = "",
        feed: Feed | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`by`: who acknowledges. `subtitle`: what is played. `hint`: how to subscribe from another terminal. `feed`:
        instead of MQTT.
        """
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]
        self.model = WatchModel(base)
        self.asking = Asking(base, by)
        self._feed = feed or mqtt_feed(opener(host, port, username, password, tls), clock, asking=self.asking)
        self._clock = clock
        self._where, self._subtitle, self._hint = f"{host}:{port}", subtitle, hint
        self._chosen = ""
        self._span = "auto"
        self._paused: _Paused | None = None
        self._sections = [Section(name, draw, ROWS.get(name)) for name, draw in LINES.items()]
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK_VARIABLES

    def compose(self) -> ComposeResult:
        yield from self._sections
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.run_worker(self._feed(self.model), name="feed")
        self.set_interval(FRAME_S, self.show_frame)
        self.show_frame()

    def show_frame(self) -> None:
        """Draw what is to be seen now."""
        frame = self.frame()
        for section in self._sections:
            section.show(frame)

    def frame(self) -> Frame:
        model, now_s = (self._paused.model, self._paused.at_s) if self._paused else (self.model, self._clock())
        return Frame(
            model=model,
            pump=self._pump(model),
            now_s=now_s,
            where=self._where,
            subtitle=self._subtitle,
            hint=self._hint,
            span=self._span,
            paused=self._banner(self._paused) if self._paused else "",
        )

    def action_pause(self) -> None:
        """Hold the picture; the model below goes on."""
        copied = copy.deepcopy(self.model)
        self._paused = None if self._paused else _Paused(copied, self._clock(), self.model.counts["messages"])
        self.show_frame()

    def action_span(self) -> None:
        self._span = SPANS[(SPANS.index(self._span) + 1) % len(SPANS)]
        self.show_frame()

    def action_colours(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_choose(self, step: int) -> None:
        model = self._paused.model if self._paused else self.model
        names, pump = model.names(), self._pump(model)
        if pump:
            at = next(at for at, name in enumerate(names) if model.pumps[name] is pump)
            self._chosen = names[(at + step) % len(names)]
        self.show_frame()

    def action_alarms(self) -> None:
        self.push_screen(AlarmScreen(self.asking))

    def action_explain(self) -> None:
        self.push_screen(HelpScreen())

    def _pump(self, model: WatchModel) -> PumpView | None:
        """The chosen pump; before a choice the first one that has told anything."""
        talking = (name for name in model.names() if model.pumps[name].state)
        first = next(talking, next(iter(model.names()), ""))
        return model.pumps.get(self._chosen) or model.pumps.get(first)

    def _banner(self, paused: _Paused) -> str:
        """Says that time stands still, and what is missed meanwhile."""
        pump, now_s = self._pump(self.model), self._clock()
        held = pump_clock(pump.state.value.pump_time_s) if pump and pump.state else ""
        if self.model.broker != "connected":
            live = "broker away"
        elif pump is None or pump.state is None or pump.stale(now_s):
            live = pump.stale(now_s) if pump else "no pump"
        else:
            live = f"{level_badge(pump.state.value.level, pump.state.value.deviation_percent)} at {held}"
        missed = self.model.counts["messages"] - paused.messages
        return f"PAUSED {duration(now_s - paused.at_s)}, {missed} messages collected - now {live} - p resumes"


def _list_rows(frame: Frame, screen_rows: int) -> int:
    pumps = len(frame.model.pumps)
    return 0 if pumps < 2 else min(pumps, LIST_ROWS_TALL if screen_rows >= TALL else LIST_ROWS)


def _alarm_rows(frame: Frame, screen_rows: int) -> int:
    return alarm_list.alarm_rows(frame, ALARM_ROWS_TALL if screen_rows >= TALL else 1)


def _pump_rows(frame: Frame, screen_rows: int) -> int:
    return 2 if frame.pump and link_trouble(frame, frame.pump) else 1


LINES = {
    "title": lambda frame, width, height: status_lines.title(frame, width),
    "context": lambda frame, width, height: status_lines.context(frame, width),
    "alarms": alarm_list.alarm_lines,
    "pumps": pump_list.pump_list,
    "pump": lambda frame, width, height: status_lines.pump_line(frame, width),
    "values": lambda frame, width, height: values_panel.values(frame, width),
    "deviation": lambda frame, width, height: values_panel.deviation(frame, width),
    "course": plots.deviation_course,
    "temperatures": plots.temperature_course,
    "log": pump_list.log,
    "hint": lambda frame, width, height: status_lines.hint(frame, width),
}
ROWS: dict[str, Callable[[Frame, int], int]] = {
    "alarms": _alarm_rows,
    "pumps": _list_rows,
    "pump": _pump_rows,
    "hint": lambda frame, screen_rows: 1 if frame.hint else 0,
}
