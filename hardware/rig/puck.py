"""The puck as solids: body, lid, and the room that the parts take; exported to STL and STEP. Needs build123d.

Measures are puck_size.py's. A flat floor, a lid that is screwed on from above; both print without supports, the lid
upside down with its dome standing in a ring of support.
"""

from math import cos, radians, sin
from pathlib import Path

from build123d import (
    Axis,
    Box,
    Cylinder,
    Edge,
    Part,
    Pos,
    Rot,
    Sphere,
    export_step,
    export_stl,
    fillet,
)

from rig.puck_size import BLOCKS, PICO_HOLES, PICO_PCB, PUCK, Block, Puck

Spot = tuple[float, float]


def boss_spots(size: Puck = PUCK) -> list[Spot]:
    return [
        (size.screw_circle * cos(radians(angle)), size.screw_circle * sin(radians(angle)))
        for angle in size.screw_angles
    ]


def post_spots() -> list[Spot]:
    across, along = PICO_HOLES
    return [(PICO_PCB.x + sx * along / 2, sy * across / 2) for sx in (-1, 1) for sy in (-1, 1)]


def rod(x: float, y: float, z: float, radius: float, high: float) -> Part:
    """A cylinder that stands on z."""
    return Pos(x, y, z + high / 2) * Cylinder(radius, high)


def slab(x: float, y: float, z: float, wide: float, deep: float, high: float) -> Part:
    """A box that stands on z."""
    return Pos(x, y, z + high / 2) * Box(wide, deep, high)


def body(size: Puck = PUCK) -> Part:
    """The cup: floor, wall, three bosses, four posts for the Pico, openings for USB, leads and air."""
    outer, high = size.across / 2, size.thick - size.lid
    solid = rod(0, 0, 0, outer, high)
    solid = fillet(solid.edges().group_by(Axis.Z)[0], size.edge)
    inner = outer - size.wall
    solid -= rod(0, 0, size.floor, inner, high)
    for x, y in boss_spots(size):
        solid += rod(x, y, size.floor - 0.5, size.boss_radius, high - size.floor + 0.5) & rod(
            0, 0, 0, outer - 0.5, high
        )
    for x, y in boss_spots(size):
        solid -= rod(x, y, high - 8, size.insert_hole / 2, 8)
    for x, y in post_spots():
        solid += rod(x, y, size.floor - 0.5, size.post_radius, size.post_high + 0.5)
        solid += rod(x, y, size.floor + size.post_high - 0.2, size.peg_radius, 1.1)
    usb_z = PICO_PCB.z + PICO_PCB.high + 1.35 - size.usb_high / 2
    solid -= slab(-outer, 0, usb_z, 2 * size.wall + 2, size.usb_wide, size.usb_high)
    for angle, hole in ((-25.0, size.probe_hole), (25.0, size.lead_hole)):
        solid -= (
            Rot(0, 0, angle) * Pos(outer - size.wall / 2, 0, 14) * Rot(0, 90, 0) * Cylinder(hole / 2, 3 * size.wall)
        )
    solid -= (
        Rot(0, 0, 90) * Pos(outer - size.wall / 2, 0, 16) * Rot(0, 90, 0) * Cylinder(1.0, 3 * size.wall)
    )  # air, for the barometer
    return solid


def lid(size: Puck = PUCK) -> Part:
    """The plate with its hollow dome, the ring that centres it, the display's window and frame."""
    outer, low, top = size.across / 2, size.thick - size.lid, size.thick
    solid = rod(0, 0, low, outer, size.lid)
    solid = fillet(solid.edges().group_by(Axis.Z)[-1], size.edge)
    ring_outer = outer - size.wall - size.gap
    solid += rod(0, 0, low - size.lip_high, ring_outer, size.lip_high + 0.3) - rod(
        0, 0, low - size.lip_high, ring_outer - size.lip, size.lip_high + 0.3
    )
    for x, y in boss_spots(size):
        solid -= rod(x, y, low - size.lip_high, size.boss_radius + size.gap, size.lip_high)
    solid += _dome(size, size.dome_radius, size.dome_high, top - 0.5)
    solid -= _dome(size, size.dome_radius - size.wall, size.dome_high - size.wall, low - 0.01)
    for x, y in boss_spots(size):
        solid -= rod(x, y, low - 0.1, size.screw_hole / 2, size.lid + 0.2)
    oled = BLOCKS["OLED"]
    room, frame = oled.wide + 2 * size.gap, oled.wide + 2 * size.gap + 2 * size.frame_wall
    solid += slab(0, oled.y, low - 3, frame, frame, 3.3) - slab(0, oled.y, low - 3, room, room, 3.3)
    solid -= slab(0, oled.y, low - 3, 12, frame + 2, 3)  # wires and fingers reach the display
    solid -= slab(0, oled.y, low - 0.1, size.window_wide, size.window_high, size.lid + 0.2)
    for dx, dy in ((0, 0), (3.5, 0), (-3.5, 0), (0, 3.5), (0, -3.5)):
        solid -= rod(BLOCKS["buzzer"].x + dx, dy, low - 0.1, 0.9, size.lid + 0.2)
    return solid


def _dome(size: Puck, radius: float, high: float, low: float) -> Part:
    """A cap of a sphere on the lid's top, going on straight down to `low`."""
    sphere = (radius * radius + high * high) / (2 * high)
    cap = Pos(0, size.dome_y, size.thick + high - sphere) * Sphere(sphere)
    above = slab(0, size.dome_y, size.thick, 4 * radius, 4 * radius, 4 * radius)
    return (cap & above) + rod(0, size.dome_y, low, radius, size.thick - low + 0.01)


def block(room: Block) -> Part:
    return slab(room.x, room.y, room.z, room.wide, room.deep, room.high)


def blocks() -> dict[str, Part]:
    """The room of each part; the Pico with its four holes."""
    rooms = {name: block(room) for name, room in BLOCKS.items()}
    for x, y in post_spots():
        rooms["Pico"] -= rod(x, y, PICO_PCB.z - 1, 1.05, 4)
    return rooms


def thickness(solid: Part, start: tuple[float, float, float], end: tuple[float, float, float]) -> list[float]:
    """How much material a straight line meets, piece by piece, in mm."""
    found = solid & Edge.make_line(start, end)
    if found is None:
        return []
    return [edge.length for edge in (found if isinstance(found, list) else found.edges())]


def export(folder: Path) -> list[Path]:
    """body and lid as STL and STEP; the lid's STL lies as it prints."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, solid in (("body", body()), ("lid", lid())):
        export_step(solid, str(folder / f"puck-{name}.step"))
        turned = solid if name == "body" else Rot(180, 0, 0) * Pos(0, 0, -PUCK.thick) * solid
        export_stl(turned, str(folder / f"puck-{name}.stl"), tolerance=0.02, angular_tolerance=0.2)
        written += [folder / f"puck-{name}.step", folder / f"puck-{name}.stl"]
    return written


def outline(solid: Part, eye: tuple[float, float, float]) -> list[list[Spot]]:
    """What is seen from `eye`, hidden lines left out, as polylines to a twentieth of a millimetre."""
    seen, _ = solid.project_to_viewport(eye, viewport_up=(0, 0, 1), look_at=(0, 0, 0))
    lines = []
    for edge in seen:
        steps = 1 if edge.geom_type.name == "LINE" else max(6, min(60, int(edge.length / 1.2)))
        points = [edge.position_at(step / steps) for step in range(steps + 1)]
        lines.append([(round(point.X, 1) + 0.0, round(-point.Y, 1) + 0.0) for point in points])
    return sorted(lines)
