"""The list of open alarms on a screen of its own; `k` acknowledges the chosen one, where the daemon allows it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from warmflow.cli.watch.acknowledge import NEEDS, Asking
from warmflow.cli.watch.alarm_list import UNSEEN, alarm_list, open_alarms
from warmflow.cli.watch.frame import Frame
from warmflow.cli.watch.text_runs import hanging

MARGIN_ROWS = 6  # border, head, keys, and two lines between
MARGIN_COLUMNS = 4
KEYS = "↑↓ choose   k acknowledge   a, Esc close"
AGAIN_S = 0.25


class AlarmScreen(ModalScreen[None]):
    """`frame()` gives what is to be seen now."""

    DEFAULT_CSS = """
    AlarmScreen { align: center middle; }
    AlarmScreen Static {
        width: 100%; height: auto; max-height: 100%; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
        background: $panel; color: $foreground; border: round $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a,q", "dismiss", "Close"),
        Binding("down", "choose(1)", "Next", show=False),
        Binding("up", "choose(-1)", "Previous", show=False),
        Binding("k", "acknowledge", "Acknowledge"),
    ]

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking
        self._chosen: tuple[str, str] | None = None  # by name: the list moves under the hand

    def compose(self) -> ComposeResult:
        yield Static(id="alarms", markup=False)

    def on_mount(self) -> None:
        self.set_interval(AGAIN_S, self.show)
        self.show()

    def show(self) -> None:
        """Draw what is to be seen now."""
        frame = self._frame()
        width = self.app.size.width - MARGIN_COLUMNS
        told = self._asking.progress_text(frame.model) or ("" if frame.model.commands else NEEDS)
        below = hanging(Content(""), Content.styled(told, "$level-low"), width)
        rows = max(3, self.app.size.height - MARGIN_ROWS - len(below))
        count = len(open_alarms(frame))
        head = f"{count} open alarm{'' if count == 1 else 's'}"
        parts = [
            Content.styled(head, "bold"),
            Content(""),
            alarm_list(frame, self._at(frame), width, rows),
            Content(""),
            *below,
            Content.styled(KEYS, "$dim"),
        ]
        self.query_one("#alarms", Static).update(Content("\n").join(parts))

    def action_choose(self, step: int) -> None:
        frame = self._frame()
        if found := open_alarms(frame):
            chosen = found[(self._at(frame) + step) % len(found)]
            self._chosen = (chosen.pump, chosen.id)
        self.show()

    def action_acknowledge(self) -> None:
        frame = self._frame()
        if found := open_alarms(frame):
            chosen = found[self._at(frame)]
            self._chosen = (chosen.pump, chosen.id)
            if chosen.alarm.state in UNSEEN:
                self._asking.acknowledge(frame.model, chosen.pump, chosen.id)
        self.show()

    def _at(self, frame: Frame) -> int:
        names = [(each.pump, each.id) for each in open_alarms(frame)]
        return names.index(self._chosen) if self._chosen in names else 0

    def _frame(self) -> Frame:
        frame: Frame = self.app.frame()  # type: ignore[attr-defined]
        return frame
