"""Small plots as SVG text: axes, lines, bands, points. No script, no style from outside; readable without colour.

A plot knows nothing of pumps: what is drawn, and in which unit, is the caller's.
"""

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from warmflow.instruments.columns import Column

WIDTH, HEIGHT = 720, 250
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 12, 42
INK, GREY, FAINT = "#1a1f24", "#5b6570", "#dfe4e8"
FONT = 'font-family="Helvetica, Arial, Liberation Sans, sans-serif"'


class Plot:
    """Draw in data units, then `svg()`. `ticks_x`: places and words where numbers will not do."""

    def __init__(
        self,
        title: str,
        x: tuple[float, float],
        y: tuple[float, float],
        label_x: str,
        label_y: str,
        ticks_x: Sequence[tuple[float, str]] | None = None,
        width: int = WIDTH,
        height: int = HEIGHT,
    ) -> None:
        self.title, self.width, self.height = title, width, height
        self._x, self._y = x, _roomy(*y)
        self._marks: list[str] = []
        self._keys: list[str] = []
        self._frame(label_x, label_y, ticks_x)

    def line(self, x: Column, y: Column, colour: str, name: str = "", dash: str = "", wide: float = 1.6) -> None:
        """Broken where a value is NaN."""
        style = f'fill="none" stroke="{colour}" stroke-width="{wide}" stroke-linejoin="round"'
        style += f' stroke-dasharray="{dash}"' if dash else ""
        path, pen = [], "M"
        for at_x, at_y in zip(x.tolist(), y.tolist(), strict=True):
            if math.isnan(at_y):
                pen = "M"
                continue
            path.append(f"{pen}{self._px(at_x):.1f} {self._py(at_y):.1f}")
            pen = "L"
        self._marks.append(f'<path d="{" ".join(path)}" {style} class="data"/>')
        if name:
            self._key(name, f'<path d="M0 -4H22" {style}/>')

    def band(self, x: Column, low: Column, high: Column, colour: str, name: str = "") -> None:
        """Between two curves; a NaN leaves it open there."""
        for piece in _whole_pieces(np.isnan(low) | np.isnan(high)):
            up = [f"{self._px(a):.1f} {self._py(b):.1f}" for a, b in zip(x[piece], high[piece], strict=True)]
            down = [f"{self._px(a):.1f} {self._py(b):.1f}" for a, b in zip(x[piece], low[piece], strict=True)]
            self._marks.append(f'<path d="M{" L".join(up + down[::-1])}Z" fill="{colour}" class="data"/>')
        if name:
            self._key(name, f'<rect x="0" y="-9" width="22" height="9" fill="{colour}"/>')

    def points(self, x: Column, y: Column, colour: str, name: str = "", size: float = 2.2) -> None:
        dots = "".join(
            f'<circle cx="{self._px(a):.1f}" cy="{self._py(b):.1f}" r="{size}"/>'
            for a, b in zip(x.tolist(), y.tolist(), strict=True)
            if not math.isnan(b)
        )
        self._marks.append(f'<g fill="{colour}" class="data">{dots}</g>')
        if name:
            self._key(name, f'<circle cx="11" cy="-4" r="3" fill="{colour}"/>')

    def level(self, y: float, colour: str, name: str = "", dash: str = "5 3") -> None:
        self.line(np.array(self._x), np.array([y, y]), colour, name, dash, 1.2)

    def stretch(self, from_x: float, to_x: float, colour: str) -> None:
        """A vertical stripe behind everything."""
        left, right = self._px(max(from_x, self._x[0])), self._px(min(to_x, self._x[1]))
        wide = max(1.0, right - left)
        self._marks.insert(
            0, f'<rect x="{left:.1f}" y="{TOP}" width="{wide:.1f}" height="{self._bottom - TOP}" fill="{colour}"/>'
        )

    def svg(self) -> str:
        keys = "".join(self._keys)
        extra = 20 if keys else 0
        size = f'viewBox="0 0 {self.width} {self.height + extra}" width="{self.width}" height="{self.height + extra}"'
        clip = f'<svg x="0" y="0" width="{self.width}" height="{self.height}" overflow="hidden">'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(self.title)}" {size} {FONT} '
            f'font-size="11"><title>{escape(self.title)}</title>{self._grid}{clip}{"".join(self._marks)}</svg>'
            f"{self._axes}{keys}</svg>"
        )

    @property
    def _bottom(self) -> int:
        return self.height - BOTTOM

    def _px(self, x: float) -> float:
        low, high = self._x
        return LEFT + (x - low) / ((high - low) or 1) * (self.width - LEFT - RIGHT)

    def _py(self, y: float) -> float:
        low, high = self._y
        at = self._bottom - (y - low) / ((high - low) or 1) * (self._bottom - TOP)
        return min(self._bottom + 60.0, max(-60.0, at))

    def _key(self, name: str, sample: str) -> None:
        used = sum(44 + 6.1 * len(_text_of(key)) for key in self._keys)
        self._keys.append(
            f'<g transform="translate({LEFT + used:.0f} {self.height + 10})">{sample}'
            f'<text x="28" fill="{INK}">{escape(name)}</text></g>'
        )

    def _frame(self, label_x: str, label_y: str, ticks_x: Sequence[tuple[float, str]] | None) -> None:
        grid, axes = [], []
        for value, word in nice_ticks(*self._y):
            at = self._py(value)
            strong = "#9aa4ad" if value == 0 else FAINT
            grid.append(f'<path d="M{LEFT} {at:.1f}H{self.width - RIGHT}" stroke="{strong}"/>')
            axes.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end" fill="{INK}">{word}</text>')
        for value, word in ticks_x or nice_ticks(*self._x):
            at = self._px(value)
            axes.append(f'<path d="M{at:.1f} {self._bottom}v4" stroke="{GREY}"/>')
            axes.append(
                f'<text x="{at:.1f}" y="{self._bottom + 16}" text-anchor="middle" fill="{INK}">{escape(word)}</text>'
            )
        middle = (TOP + self._bottom) / 2
        axes.append(f'<path d="M{LEFT} {TOP}V{self._bottom}H{self.width - RIGHT}" fill="none" stroke="{GREY}"/>')
        axes.append(
            f'<text x="{(LEFT + self.width - RIGHT) / 2:.0f}" y="{self.height - 8}" text-anchor="middle" '
            f'fill="{INK}">{escape(label_x)}</text>'
        )
        axes.append(
            f'<text transform="translate(13 {middle:.0f}) rotate(-90)" text-anchor="middle" '
            f'fill="{INK}">{escape(label_y)}</text>'
        )
        self._grid, self._axes = "".join(grid), "".join(axes)


def nice_ticks(low: float, high: float, most: int = 7) -> list[tuple[float, str]]:
    """Places of 1, 2 or 5 times a power of ten, with their words."""
    rough = (high - low) / most or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(low / step - 1e-9)
    values = [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
    return [(value, f"{value + 0.0:.{digits}f}".replace("-0" if value == 0 else "\0", "0")) for value in values]


def _roomy(low: float, high: float) -> tuple[float, float]:
    room = 0.06 * (high - low) or max(1e-3, abs(high) * 0.02)
    return low - room, high + room


def _whole_pieces(gaps: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[True], gaps, [True]]).astype(int)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _text_of(key: str) -> str:
    return key.rpartition('">')[2].partition("</text>")[0]
