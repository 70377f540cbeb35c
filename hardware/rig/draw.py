"""A sheet of SVG that remembers where its labels are: text that overlaps other text is a problem, not a surprise.

The same calls give the same bytes on every machine. Text is measured by a rule of thumb that errs on the wide side.
"""

from collections.abc import Iterator, Sequence
from html import escape

INK, FAINT, PAPER = "#222222", "#8a8a8a", "#ffffff"
FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
WIDE = 0.62  # of the size, a character
Point = tuple[float, float]


def figure(value: float) -> str:
    """A coordinate, to a tenth, with no needless zeros."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace("-0", "-0") or "0"


class Sheet:
    """Shapes in the order of their drawing. `title` is read out by screen readers and stands in the file's head."""

    def __init__(self, width: float, height: float, title: str, source: str = "") -> None:
        self.width, self.height, self.title, self.source = width, height, title, source
        self._shapes: list[str] = []
        self.labels: list[tuple[float, float, float, float, str]] = []

    def line(
        self, points: Sequence[Point], colour: str = INK, thick: float = 1.6, halo: bool = False, dash: str = ""
    ) -> None:
        """A polyline; with `halo` it shows which of two crossing wires lies above."""
        path = " ".join(f"{figure(x)},{figure(y)}" for x, y in points)
        if halo:
            self._add(
                f'<polyline points="{path}" fill="none" stroke="{PAPER}" stroke-width="{figure(thick + 3)}" {_ROUND}/>'
            )
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._add(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{figure(thick)}"{dashes} {_ROUND}/>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, fill: str = PAPER, edge: str = INK, round_: float = 3
    ) -> None:
        self._add(
            f'<rect x="{figure(x)}" y="{figure(y)}" width="{figure(width)}" height="{figure(height)}" '
            f'rx="{figure(round_)}" fill="{fill}" stroke="{edge}" stroke-width="1.4"/>'
        )

    def dot(self, x: float, y: float, radius: float = 3, fill: str = INK, edge: str = "none") -> None:
        self._add(f'<circle cx="{figure(x)}" cy="{figure(y)}" r="{figure(radius)}" fill="{fill}" stroke="{edge}"/>')

    def dots(self, points: Sequence[Point], radius: float, fill: str) -> None:
        """Many dots as one shape: a tenth of the bytes."""
        path = "".join(f"M{figure(x)} {figure(y)}h0" for x, y in points)
        self._add(f'<path d="{path}" stroke="{fill}" stroke-width="{figure(2 * radius)}" stroke-linecap="round"/>')

    def veil(self) -> None:
        """All that was drawn steps back."""
        self._add(f'<rect width="100%" height="100%" fill="{PAPER}" opacity="0.62"/>')

    def shape(self, points: Sequence[Point], fill: str, edge: str = INK) -> None:
        path = " ".join(f"{figure(x)},{figure(y)}" for x, y in points)
        self._add(
            f'<polygon points="{path}" fill="{fill}" stroke="{edge}" stroke-width="1.4" stroke-linejoin="round"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 13,
        anchor: str = "start",
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """One line; `y` is its base line."""
        weight = ' font-weight="bold"' if bold else ""
        self._add(
            f'<text x="{figure(x)}" y="{figure(y)}" font-size="{figure(size)}" text-anchor="{anchor}" '
            f'fill="{colour}"{weight}>{escape(words)}</text>'
        )
        wide = len(words) * size * WIDE
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
        self.labels.append((left, y - 0.75 * size, left + wide, y + 0.2 * size, words))

    def overlaps(self) -> Iterator[str]:
        """Labels that lie on each other, or stick out of the sheet."""
        for at, (left, top, right, bottom, words) in enumerate(self.labels):
            if left < 0 or top < 0 or right > self.width or bottom > self.height:
                yield f"{words!r} sticks out of the sheet"
            for left2, top2, right2, bottom2, other in self.labels[at + 1 :]:
                if left < right2 and left2 < right and top < bottom2 and top2 < bottom:
                    yield f"{words!r} overlaps {other!r}"

    def svg(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {figure(self.width)} {figure(self.height)}" '
            f'width="{figure(self.width)}" height="{figure(self.height)}" font-family="{FONT}" role="img">\n'
            f"<title>{escape(self.title)}</title>\n"
        )
        source = f"<desc>{escape(self.source)}</desc>\n" if self.source else ""
        paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
        return head + source + paper + "\n".join(self._shapes) + "\n</svg>\n"

    def _add(self, shape: str) -> None:
        self._shapes.append(shape)


_ROUND = 'stroke-linejoin="round" stroke-linecap="round"'
