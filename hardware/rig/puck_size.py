"""The puck's measures, and those of what goes in. Millimetres; no CAD here, so every check can read them.

Outer form: the pump of FDA P890055, 78 mm across, 24 mm thick and a dome of 10 mm. Where the dome stands and how wide
it is were not found: chosen, so that the display has its flat.
"""

from typing import NamedTuple

LEAST_WALL = 1.6  # four lines of a 0.4 mm nozzle


class Puck(NamedTuple):
    """Lengths in mm. Heights are from the table; +x is away from the USB socket, +y towards the dome."""

    across: float = 78.0
    thick: float = 24.0
    dome_high: float = 10.0
    dome_radius: float = 13.0
    dome_y: float = 17.0
    wall: float = 2.4
    floor: float = 2.0
    lid: float = 2.4
    lip: float = 1.8
    lip_high: float = 2.0
    gap: float = 0.25  # between lid and body, each side
    screws: int = 3
    screw_angles: tuple[float, ...] = (50.0, 130.0, 270.0)
    screw_circle: float = 31.9
    boss_radius: float = 3.8
    insert_hole: float = 4.0  # for an M3 insert of 4.0 to 4.2 mm
    screw_hole: float = 3.4
    post_high: float = 3.0
    post_radius: float = 2.2
    peg_radius: float = 0.95  # in the Pico's holes of 2.1
    usb_wide: float = 13.0
    usb_high: float = 9.0
    probe_hole: float = 5.0
    lead_hole: float = 6.0
    window_wide: float = 24.0
    window_high: float = 13.0
    frame_wall: float = 1.8
    edge: float = 1.2  # rounding of the outer edges


PUCK = Puck()


class Block(NamedTuple):
    """The room that a part takes: centre x, y, lower z, and its extents. `source`: where the extents come from."""

    x: float
    y: float
    z: float
    wide: float
    deep: float
    high: float
    source: str


PICO_Z = PUCK.floor + PUCK.post_high
PICO_LEFT = -34.6
PICO_HOLES = (11.4, 47.0)  # between centres, across and along
PICO_PCB = Block(PICO_LEFT + 25.5, 0, PICO_Z, 51.0, 21.0, 1.0, "Pico data sheet, mechanical: 51 x 21 x 1 mm")
OLED_Z = PUCK.thick - PUCK.lid - 5.0
BLOCKS = {
    "Pico": PICO_PCB,
    "Pico, parts and wires": Block(
        PICO_LEFT + 28.5, 0, PICO_Z + 1, 45.0, 21.0, 4.0, "chosen: chips, and wires soldered from above"
    ),
    "USB socket": Block(PICO_LEFT + 2.2, 0, PICO_Z + 1, 7.0, 8.0, 2.7, "Pico data sheet: overhangs the edge by 1.3 mm"),
    "OLED": Block(0, -13.6, OLED_Z, 27.4, 27.4, 5.0, "modules of 27 x 27 mm: check with your supplier"),
    "BMP280": Block(0, 22.4, PUCK.floor + 0.5, 19.2, 17.9, 4.5, "breakout of 19.2 x 17.9 mm: check with your supplier"),
    "buzzer": Block(
        24.6, 0, PUCK.floor + 0.5, 12.6, 12.6, 7.0, "round, 12.2 or 12.6 mm across, 6.9 mm high: its maker's data sheet"
    ),
}
