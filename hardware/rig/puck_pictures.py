"""Pictures of the puck: plan and section by its measures alone; the exploded view by CAD, with its source's hash."""

from hashlib import sha256
from math import cos, radians, sin, sqrt
from pathlib import Path

from rig.draw import FAINT, INK, Point, Sheet
from rig.puck_size import BLOCKS, PICO_HOLES, PICO_PCB, PUCK

SOURCES = ("hardware/rig/puck.py", "hardware/rig/puck_size.py", "hardware/rig/puck_pictures.py")
EYE = (90.0, -150.0, 130.0)
FILLS = {"Pico": "#bfe3cf", "OLED": "#cfe0f5", "BMP280": "#e8d6f2", "buzzer": "#d8d8d8", "USB socket": "#c8ccd0"}
LIFTS = {
    "lid": 78.0,
    "OLED": 44.0,
    "Pico": 26.0,
    "Pico, parts and wires": 26.0,
    "USB socket": 26.0,
    "BMP280": 26.0,
    "buzzer": 26.0,
}

LABELS = (  # words, a point on the part, whether the words stand to the right
    ("lid, dome, window", (37, 3, 24 + LIFTS["lid"]), True),
    ("display in its frame", (13.6, -13.6, 18 + LIFTS["OLED"]), True),
    ("barometer", (9, 22, 6 + LIFTS["BMP280"]), True),
    ("buzzer", (30.5, 1, 7 + LIFTS["buzzer"]), True),
    ("Pico", (-31, -9, 6 + LIFTS["Pico"]), False),
    ("posts for the Pico", (-32.5, -5.7, 4), False),
    ("body", (-24, -31, 8), False),
    ("hole of the probe's lead", (35.3, -16.5, 14), True),
)


def source_hash(root: Path) -> str:
    """Of what the exploded view is made from."""
    return sha256(b"".join((root / name).read_bytes() for name in SOURCES)).hexdigest()[:16]


def _size_line(sheet: Sheet, start: Point, end: Point, words: str, at: Point) -> None:
    """A measure with a tick at each end."""
    sheet.line([start, end], INK, 1)
    flat = start[1] == end[1]
    for x, y in (start, end):
        sheet.line([(x, y - 5), (x, y + 5)] if flat else [(x - 5, y), (x + 5, y)], INK, 1)
    sheet.text(*at, words, 12, "middle" if flat else "start")


def plan_and_section() -> Sheet:
    """Left the open body from above, right a cut through the middle of display and dome."""
    sheet = Sheet(1000, 560, "warmflow rig: the puck, plan and section", "from hardware/rig/puck_size.py")
    sheet.text(24, 30, "The puck: the open body from above, and a cut from back to front", 17, bold=True)
    _plan(sheet, 260, 300, 5.2)
    _section(sheet, 745, 400, 5.0)
    return sheet


def _plan(sheet: Sheet, cx: float, cy: float, k: float) -> None:
    size = PUCK
    outer, inner = size.across / 2 * k, (size.across / 2 - size.wall) * k
    sheet.dot(cx, cy, outer, "#e9e3d3", INK)
    sheet.dot(cx, cy, inner, "#ffffff", INK)
    for angle in size.screw_angles:
        x, y = cx + size.screw_circle * k * cos(radians(angle)), cy - size.screw_circle * k * sin(radians(angle))
        sheet.dot(x, y, size.boss_radius * k, "#e9e3d3", INK)
        sheet.dot(x, y, size.insert_hole / 2 * k, "#ffffff", INK)
    for name in ("BMP280", "Pico", "USB socket", "buzzer"):
        room = BLOCKS[name]
        if name == "buzzer":
            sheet.dot(cx + room.x * k, cy - room.y * k, room.wide / 2 * k, FILLS[name], INK)
        else:
            sheet.box(
                cx + (room.x - room.wide / 2) * k,
                cy - (room.y + room.deep / 2) * k,
                room.wide * k,
                room.deep * k,
                FILLS[name],
            )
        if name != "USB socket":
            sheet.text(
                cx + room.x * k, cy - room.y * k + (-22 if name == "Pico" else 4), name, 12.5, "middle", bold=True
            )
    oled = BLOCKS["OLED"]
    left, top = cx - oled.wide / 2 * k, cy - (oled.y + oled.deep / 2) * k
    right, low = left + oled.wide * k, top + oled.deep * k
    sheet.line([(left, top), (right, top), (right, low), (left, low), (left, top)], "#3b6ea5", 1.6, dash="6 4")
    sheet.text(cx, low - 34, "OLED", 12.5, "middle", "#3b6ea5", bold=True)
    sheet.text(cx, low - 17, "above, in the lid", 12, "middle", "#3b6ea5")
    for sx in (-1, 1):
        for sy in (-1, 1):
            sheet.dot(
                cx + (PICO_PCB.x + sx * PICO_HOLES[1] / 2) * k, cy + sy * PICO_HOLES[0] / 2 * k, 4, "#ffffff", INK
            )
    for angle, words in ((-25, "probe lead"), (25, "lead to the stand"), (90, "air hole")):
        x, y = cx + outer * cos(radians(angle)), cy - outer * sin(radians(angle))
        sheet.dot(x, y, 5, "#e07b00")
        sheet.text(x + (14 if angle < 90 else 10), y + (4 if angle < 90 else -8), words, 12)
    sheet.text(cx - outer + 2, cy - 62, "USB", 12, "end")
    _size_line(
        sheet,
        (cx - outer, cy + outer + 26),
        (cx + outer, cy + outer + 26),
        f"{size.across:g} mm across",
        (cx, cy + outer + 46),
    )


def _section(sheet: Sheet, cx: float, base: float, k: float) -> None:
    """x is the puck's y: the display to the left, the dome to the right."""
    size = PUCK
    half, wall = size.across / 2 * k, size.wall * k
    seam, top = base - (size.thick - size.lid) * k, base - size.thick * k
    body = [(-half, base), (half, base), (half, seam), (half - wall, seam), (half - wall, base - size.floor * k)]
    body += [(wall - half, base - size.floor * k), (wall - half, seam), (-half, seam)]
    sheet.shape([(cx + x, y) for x, y in body], "#e9e3d3")
    dome_x, radius = size.dome_y * k, size.dome_radius * k
    outside, inside = (
        _arc(size.dome_radius, size.dome_high),
        _arc(size.dome_radius - size.wall, size.dome_high - size.wall),
    )
    oled = BLOCKS["OLED"]
    window = (oled.y - size.window_high / 2) * k, (oled.y + size.window_high / 2) * k
    sheet.shape([(cx - half, seam), (cx - half, top), (cx + window[0], top), (cx + window[0], seam)], "#d9e2ea")
    lid = [(window[1], seam), (window[1], top), (dome_x - radius, top)]
    lid += [(dome_x + x * k, top - y * k) for x, y in outside] + [(half, top), (half, seam)]
    lid += [(dome_x + x * k, top - y * k) for x, y in reversed(inside)]
    right_in = dome_x + (size.dome_radius - size.wall) * k
    lid = [*lid[: -len(inside)], (right_in, seam), *lid[-len(inside) :], (2 * dome_x - right_in, seam)]
    sheet.shape([(cx + x, y) for x, y in lid], "#d9e2ea")
    for name in ("Pico", "OLED", "BMP280"):
        room = BLOCKS[name]
        x, y = cx + (room.y - room.deep / 2) * k, base - (room.z + room.high) * k
        sheet.box(x, y, room.deep * k, room.high * k, FILLS[name], round_=1)
    sheet.text(cx + BLOCKS["BMP280"].y * k, base - 19, "BMP280", 11, "middle")
    sheet.text(cx - 2, base - 36, "Pico", 11, "middle")
    sheet.text(cx + oled.y * k, base - (oled.z + 1.7) * k, "OLED", 11, "middle")
    sheet.text(cx + oled.y * k, top - 8, "window", 12, "middle")
    sheet.text(cx + dome_x, top - size.dome_high * k - 10, "dome", 12, "middle")
    left = cx - half - 22
    _size_line(sheet, (left, base), (left, top), "", (left, top))
    sheet.text(left + 4, base + 22, f"{size.thick:g} mm thick", 12, "middle")
    right = cx + half + 14
    _size_line(sheet, (right, top), (right, top - size.dome_high * k), "", (right, top))
    sheet.text(right + 6, top - size.dome_high * k - 10, f"{size.dome_high:g} mm", 12, "middle")
    sheet.text(
        cx, base + 54, f"walls {size.wall:g} mm, floor {size.floor:g} mm, lid {size.lid:g} mm", 12, "middle", FAINT
    )
    sheet.text(cx, base + 74, f"{size.screws} screws M3 into inserts; leads leave at the side", 12, "middle", FAINT)


def _arc(radius: float, high: float) -> list[Point]:
    """A cap from left to right, over its base."""
    sphere = (radius * radius + high * high) / (2 * high)
    return [(x, sqrt(sphere * sphere - x * x) - (sphere - high)) for x in (radius * (at / 12 - 1) for at in range(25))]


def project(x: float, y: float, z: float) -> Point:
    """Where the exploded view shows a point."""
    length = sqrt(sum(each * each for each in EYE))
    ex, ey, ez = (each / length for each in EYE)
    flat = sqrt(ex * ex + ey * ey)
    rx, ry = -ey / flat, ex / flat
    ux, uy, uz = -ez * ry, ez * rx, ex * ry * -1 + ey * rx
    return x * rx + y * ry, -(x * ux + y * uy + z * -uz if uz < 0 else x * ux + y * uy + z * uz)


def exploded(root: Path) -> Sheet:
    """Lid, display, boards and body, one above the other. Needs build123d."""
    from build123d import Compound, Pos

    from rig import puck

    rooms = {"body": puck.body(), "lid": puck.lid(), **puck.blocks()}
    whole = Compound(children=[Pos(0, 0, LIFTS.get(name, 0.0)) * solid for name, solid in rooms.items()])
    lines = puck.outline(whole, EYE)
    sheet = Sheet(
        860, 700, "warmflow rig: the puck, exploded", f"from {', '.join(SOURCES)}; sha256 {source_hash(root)}"
    )
    sheet.text(24, 30, "The puck, exploded", 17, bold=True)
    k, cx, cy = 4.8, 400.0, 560.0

    def place(point: Point) -> Point:
        return cx + k * point[0], cy + k * point[1]

    for line in lines:
        sheet.line([place(point) for point in line], INK, 1.1)
    for words, point, right in LABELS:
        x, y = place(project(*point))
        far = 640.0 if right else 180.0
        sheet.line([(x, y), (far, y)], "#e07b00", 1.2)
        sheet.dot(x, y, 3, "#e07b00")
        sheet.text(far + (8 if right else -8), y + 4, words, 13, "start" if right else "end")
    return sheet
