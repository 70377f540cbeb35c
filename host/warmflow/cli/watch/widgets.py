"""The widgets: each draws one section out of a frame, and asks the screen for the lines that have changed.

Over ssh that is most of the traffic saved: a plot gains a dot, and its other lines stay.
"""

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from warmflow.cli.watch.frame import Frame

Draw = Callable[[Frame, int, int], Content]


class Section(Widget):
    """Lines of a frame. `rows`: its height where that depends on the frame and the screen's height; 0 hides it."""

    DEFAULT_CSS = """
    Section { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, name: str, draw: Draw, rows: Callable[[Frame, int], int] | None = None) -> None:
        super().__init__(id=name)
        self._draw, self._rows = draw, rows
        self._frame: Frame | None = None
        self._lines: list[Content] = []

    def show(self, frame: Frame) -> None:
        """Draw this frame, where it differs from what is on the screen."""
        self._frame = frame
        if not self.is_attached:  # a last tick of the clock while the application ends
            return
        if self._rows:
            self._take_rows(self._rows(frame, self.app.size.height))
        width, height = self.size
        if not self.display or not width or not height:
            return
        before, self._lines = self._lines, self._draw(frame, width, height).split("\n", allow_blank=True)
        changed = [at for at in range(height) if not _same(_line(before, at), _line(self._lines, at))]
        if changed:
            self.refresh(*(Region(0, at, width, 1) for at in changed))

    def on_resize(self) -> None:
        if self._frame:
            self.show(self._frame)

    def render_line(self, y: int) -> Strip:
        return Visual.to_strips(self, _line(self._lines, y), self.size.width, 1, self.visual_style)[0]

    def _take_rows(self, rows: int) -> None:
        self.display = rows > 0
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = max(1, rows)


def _line(lines: list[Content], at: int) -> Content:
    return lines[at] if at < len(lines) else Content("")


def _same(one: Content, other: Content) -> bool:
    """To Textual two contents are equal if their text is, whatever their colours."""
    return (one.plain, one.spans) == (other.plain, other.spans)
