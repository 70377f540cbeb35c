"""Pictures of how well the monitor's words are calibrated: confidence against how often it is right, and the band of
the expected flow against how often it holds. As SVG, by hand: nothing is imported for two pictures.
"""

import math
from pathlib import Path

SIZE, EDGE = 260, 40
INK, MARK, RULE = "#334155", "#0369a1", "#94a3b8"


def confidence_plot(rows: list[tuple[float, float, int]]) -> str:
    """Rows: mean confidence, share that was right, count; with the 99 % binomial interval of the said confidence."""
    marks = []
    for said, right, count in rows:
        half = 2.576 * math.sqrt(max(said * (1 - said), 1e-4) / count)
        low, high = max(said - half, 0.0), min(said + half, 1.0)
        marks.append(_bar(said, low, high))
        marks.append(_dot(said, right, f"{count} looks: said {100 * said:.0f} %, right {100 * right:.0f} %"))
    return _picture("confidence", "share that was right", marks)


def band_plot(bands: list[tuple[float, bool]]) -> str:
    """(distance from the expected flow in s.d., whether in an exposure): nominal against actual share inside."""
    marks = []
    for exposed, shape in ((False, _dot), (True, _square)):
        away = sorted(distance for distance, which in bands if which is exposed)
        for nominal in (0.5, 0.68, 0.8, 0.9, 0.95, 0.99):
            limit = _normal_quantile(nominal)
            if away:
                inside = sum(distance < limit for distance in away) / len(away)
                where = "in exposures" if exposed else "at rest"
                marks.append(shape(nominal, inside, f"{where}: {100 * nominal:.0f} % band holds {100 * inside:.0f} %"))
    return _picture("band", "share inside (dots at rest, squares in exposures)", marks)


def write(folder: Path, rows: list[tuple[float, float, int]], bands: list[tuple[float, bool]]) -> None:
    """Both pictures into a folder that exists."""
    (folder / "calibration-confidence.svg").write_text(confidence_plot(rows), encoding="utf-8")
    (folder / "calibration-band.svg").write_text(band_plot(bands), encoding="utf-8")


def _normal_quantile(share: float) -> float:
    low, high = 0.0, 6.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if math.erf(middle / math.sqrt(2)) < share else (low, middle)
    return low


def _at(x: float, y: float) -> tuple[float, float]:
    return EDGE + SIZE * x, EDGE / 2 + SIZE * (1 - y)


def _dot(x: float, y: float, title: str) -> str:
    left, top = _at(x, y)
    return f'<circle cx="{left:.1f}" cy="{top:.1f}" r="4" fill="{MARK}"><title>{title}</title></circle>'


def _square(x: float, y: float, title: str) -> str:
    left, top = _at(x, y)
    box = f'x="{left - 4:.1f}" y="{top - 4:.1f}" width="8" height="8" fill="none" stroke="{MARK}"'
    return f"<rect {box}><title>{title}</title></rect>"


def _bar(x: float, low: float, high: float) -> str:
    left, bottom = _at(x, low)
    _, top = _at(x, high)
    return f'<path d="M{left:.1f} {bottom:.1f}V{top:.1f}" stroke="{RULE}" stroke-width="6" stroke-opacity="0.5"/>'


def _picture(x_name: str, y_name: str, marks: list[str]) -> str:
    left, bottom = _at(0, 0)
    right, top = _at(1, 1)
    frame = f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="{INK}"/>'
    ideal = f'<path d="M{left} {bottom}L{right} {top}" stroke="{RULE}" stroke-dasharray="4 4"/>'
    texts = [
        f'<text x="{_at(tick, 0)[0]:.0f}" y="{bottom + 14:.0f}" text-anchor="middle">{100 * tick:.0f}</text>'
        f'<text x="{left - 6:.0f}" y="{_at(0, tick)[1] + 4:.0f}" text-anchor="end">{100 * tick:.0f}</text>'
        for tick in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    texts.append(f'<text x="{(left + right) / 2:.0f}" y="{bottom + 30:.0f}" text-anchor="middle">{x_name} / %</text>')
    texts.append(f'<text x="{left + 6:.0f}" y="{top + 4:.0f}">{y_name} / %</text>')
    body = "\n".join([frame, ideal, *marks, *texts])
    style = f'font-family="sans-serif" font-size="11" fill="{INK}"'
    width, height = SIZE + 2 * EDGE, SIZE + 2 * EDGE
    root = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
    return f"<svg {root}><g {style}>\n{body}\n</g></svg>\n"
