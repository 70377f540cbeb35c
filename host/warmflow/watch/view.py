"""The widgets: each draws one section out of a frame, and asks for the screen only when its lines have changed."""

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from warmflow.watch.panels import Frame

Draw = Callable[[Frame, int, int], Content]


class Section(Widget):
    """Lines of a frame. `rows`: its height where that depends on the frame; 0 takes it off the screen."""

    DEFAULT_CSS = """
    Section { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, name: str, draw: Draw, rows: Callable[[Frame], int] | None = None) -> None:
        super().__init__(id=name)
        self._draw, self._rows = draw, rows
        self._frame: Frame | None = None
        self._content = Content("")

    def show(self, frame: Frame) -> None:
        """Draw this frame, if it differs from what is on the screen."""
        self._frame = frame
        if self._rows:
            rows = self._rows(frame)
            self.display = rows > 0
            if self.styles.height is None or self.styles.height.value != rows:
                self.styles.height = max(1, rows)
        if not self.display or not self.size.width or not self.size.height:
            return
        content = self._draw(frame, self.size.width, self.size.height)
        # two contents are equal to Textual if their text is, whatever their colours
        if (content.plain, content.spans) != (self._content.plain, self._content.spans):
            self._content = content
            self.refresh()

    def on_resize(self) -> None:
        if self._frame:
            self.show(self._frame)

    def render(self) -> Content:
        return self._content
