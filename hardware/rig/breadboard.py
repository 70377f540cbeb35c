"""The wiring picture of a build: a breadboard seen from above, drawn from wiring.py alone. Not to scale off the board.

Wires run in lanes, each with its own; a wire that crosses another has a white edge.
"""

from rig import wiring
from rig.draw import FAINT, INK, PAPER, Point, Sheet
from rig.netlist import COLOURS, PARTS, nets_of, parts_of
from rig.parts import KINDS, PICO_NUMBERS
from rig.wiring import COLUMNS, LEADS, PLACED, STAGES, WIRES

PITCH, LEFT, WIDTH = 16.0, 46.0, 1096.0
ROWS = {"T+": 62.0, "T-": 78.0, "B+": 470.0, "B-": 486.0}
ROWS |= {letter: 190.0 + PITCH * at for at, letter in enumerate("jihgf")}
ROWS |= {letter: 302.0 + PITCH * at for at, letter in enumerate("edcba")}
TOP_LANES = {
    ("j10", "j45"): 5,
    ("j6", "j49"): 4,
    ("j8", "j47"): 3,
    ("j16", "j48"): 4,
    ("j17", "j49"): 3,
    ("j20", "j36"): 2,
    ("j19", "j24"): 1,
}
RISERS = {
    ("a7", "e34"): (2, 21.9, 2),
    ("a6", "e36"): (3, 22.6, 3),
}  # lane, column, trench
FALLS = {("j12", "e23"): (6, 21.2, 1)}  # from the upper half to the lower: the same
BOXES = {  # parts beside the board: left edge's column, columns wide, words
    "U2": (20.4, 8, ("DS18B20 probe", "red VDD, black GND,", "yellow or white DQ")),
    "DS1": (30.4, 8.6, ("OLED 128 x 64", "SSD1306 at 0x3C")),
    "U3": (39.9, 8.4, ("BMP280", "0x77 or 0x76")),
    "U5": (39.9, 8.4, ("TMP117", "0x48")),
    "M1": (48.7, 6.6, ("M1", "stepper")),
    "J1": (55.8, 7, ("12 V supply", "motor only")),
}


def at(hole: str) -> Point:
    row, column = (hole[:2], int(hole[2:])) if hole[0] in "TB" else (hole[0], int(hole[1:]))
    return LEFT + PITCH * column, ROWS[row]


def column_x(column: float) -> float:
    return LEFT + PITCH * column


def picture(build: str) -> Sheet:
    """The whole build."""
    sheet = _sheet(build, f"{build} build on a breadboard, seen from above")
    _draw(sheet, build, tuple(parts_of(build)), tuple(WIRES[build]))
    _legend(sheet, build, list(nets_of(build)))
    return sheet


def stage_picture(number: int) -> Sheet:
    """A step of the build guide: what was there steps back, what is new stands out."""
    name, parts, wires = STAGES[number - 1]
    sheet = _sheet("training", f"step {number} on the breadboard: {name}")
    for _, older, old_wires in STAGES[: number - 1]:
        _draw(sheet, "training", older, old_wires)
    sheet.labels.clear()  # they step back too
    sheet.veil()
    _numbers(sheet, "training")
    sheet.text(24, 28, sheet.title.split(": ", 1)[1], 17, bold=True)
    _draw(sheet, "training", parts, wires)
    nets = {wiring.net_of_wire("training", wire) for wire in wires}
    nets |= {net for ref in parts if ref in LEADS for net in _nets_at(ref)}
    _legend(sheet, "training", [net for net in nets_of("training") if net in nets])
    return sheet


def _nets_at(ref: str) -> list[str]:
    return [net for net, pins in nets_of("training").items() if any(pin.startswith(f"{ref}.") for pin in pins)]


def _sheet(build: str, title: str) -> Sheet:
    sheet = Sheet(WIDTH, 696, f"warmflow rig: {title}", "from hardware/rig/wiring.py")
    sheet.text(24, 28, title, 17, bold=True)
    _board(sheet, build)
    return sheet


def _draw(sheet: Sheet, build: str, refs: tuple[str, ...], wires: tuple[tuple[str, str], ...]) -> None:
    for wire in sorted(wires, key=lambda wire: wire in RISERS or wire in TOP_LANES):
        _wire(sheet, build, wire)
    for ref in refs:
        if ref in PLACED:
            DRAWN[PARTS[ref].kind](sheet, ref, {pin: at(hole) for pin, hole in PLACED[ref].items()})
        if ref in LEADS:
            _beside(sheet, build, ref)


def _board(sheet: Sheet, build: str) -> None:
    sheet.box(LEFT - 6, 46, PITCH * (COLUMNS + 1) + 12, 458, "#f6f4ee", "#c9c4b5", 8)
    for rail, colour in (
        ("T+", COLOURS["3V3"]),
        ("T-", COLOURS["GND"]),
        ("B+", COLOURS["3V3"]),
        ("B-", COLOURS["GND"]),
    ):
        y = ROWS[rail]
        sheet.line([(column_x(0.6), y), (column_x(COLUMNS + 0.4), y)], colour, 1)
        sheet.text(LEFT - 30, y + 5, rail[1].replace("-", "\u2212"), 14, colour=colour, bold=True)
    sheet.dots([(column_x(column), y) for y in ROWS.values() for column in range(1, COLUMNS + 1)], 1.7, "#b9b4a6")
    _numbers(sheet, build)


def _numbers(sheet: Sheet, build: str) -> None:
    """Rows and columns."""
    for row, y in ROWS.items():
        if len(row) == 1:
            sheet.text(LEFT - 30, y + 4, row, 11, colour=FAINT)
            sheet.text(column_x(COLUMNS + 1) + 10, y + 4, row, 11, colour=FAINT)
    for column in range(5, COLUMNS, 5):
        sheet.text(column_x(column), ROWS["T+"] - 5, str(column), 10, "middle", FAINT)
        for y, half in ((ROWS["a"] + 18, wiring.BOTTOM), (ROWS["j"] - 10, wiring.TOP)):
            if column > 22 and not any(abs(x - column_x(column)) < 12 for x in _crossed(build, half)):
                sheet.text(column_x(column), y, str(column), 10, "middle", FAINT)


def _crossed(build: str, half: str) -> list[float]:
    """Where wires and leads pass the outer edge of a half: no room for a number."""
    ends = [hole for wire in WIRES[build] for hole in wire] + [
        hole for ref in parts_of(build) for hole in LEADS.get(ref, {}).values()
    ]
    return [at(hole)[0] for hole in ends if hole[0] in half[0] + half[-1]] + [at("a62")[0]]


def route(wire: tuple[str, str]) -> list[Point]:
    """The corners of a wire."""
    (x1, y1), (x2, y2) = at(wire[0]), at(wire[1])
    if wire in TOP_LANES:
        lane_y = ROWS["j"] - 12 - 14 * TOP_LANES[wire]
        return [(x1, y1), (x1, lane_y), (x2, lane_y), (x2, y2)]
    if wire in RISERS:
        lane, riser, trench = RISERS[wire]
        lane_y, trench_y = ROWS["a"] + 6 + 18 * lane, ROWS["e"] - 4 - 12 * trench
        return [
            (x1, y1),
            (x1, lane_y),
            (column_x(riser), lane_y),
            (column_x(riser), trench_y),
            (x2, trench_y),
            (x2, y2),
        ]
    if wire in FALLS:
        lane, fall, trench = FALLS[wire]
        lane_y, trench_y, fall_x = ROWS["j"] - 12 - 14 * lane, ROWS["e"] - 4 - 12 * trench, column_x(fall)
        return [(x1, y1), (x1, lane_y), (fall_x, lane_y), (fall_x, trench_y), (x2, trench_y), (x2, y2)]
    return [(x1, y1), (x2, y2)]


def _wire(sheet: Sheet, build: str, wire: tuple[str, str]) -> None:
    net = wiring.net_of_wire(build, wire)
    corners = route(wire)
    sheet.line(corners, COLOURS[net], 3.2, halo=True)
    for x, y in (corners[0], corners[-1]):
        sheet.dot(x, y, 3.4, COLOURS[net], PAPER)


def _pico(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    left, right = pins["GP0"][0] - 12, pins["GP15"][0] + 12
    sheet.box(left, ROWS["h"] - 8, right - left, ROWS["c"] - ROWS["h"] + 16, "#1f7a4d", "#14532d", 5)
    middle = (ROWS["h"] + ROWS["c"]) / 2
    sheet.box(left - 10, middle - 13, 32, 26, "#c8ccd0", "#6b7280", 2)
    for x, y in pins.values():
        sheet.dot(x, y, 3.2, "#d9b44a", "#14532d")
    sheet.text((left + right) / 2 + 14, middle - 4, "Raspberry Pi Pico", 14, "middle", PAPER, bold=True)
    sheet.text((left + right) / 2 + 14, middle + 14, "USB to the left, pin 1 at c1", 11, "middle", PAPER)


def _resistor(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    (x1, y), (x2, _) = sorted(pins.values())
    sheet.line([(x1, y), (x2, y)], "#8a7f6a", 2.4)
    sheet.box((x1 + x2) / 2 - 16, y - 6, 32, 12, "#e3cfa4", "#8a6d3b", 5)
    sheet.text((x1 + x2) / 2, y + 17, f"{ref} {PARTS[ref].value}", 10.5, "middle", bold=True)


def _led(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    x, y = (pins["A"][0] + pins["K"][0]) / 2, pins["A"][1]
    sheet.line([pins["A"], pins["K"]], "#8a7f6a", 2.4)
    sheet.dot(x, y, 11, "#f19a9a", "#a11d1d")
    sheet.text(pins["A"][0] - 10, y + 18, "A", 10.5, "middle")
    sheet.text(pins["K"][0] + 10, y + 18, "K", 10.5, "middle")
    sheet.text(pins["K"][0] + 20, y + 4, f"{ref} LED", 10.5, bold=True)


def _buzzer(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    x, y = (pins["+"][0] + pins["-"][0]) / 2, pins["+"][1]
    sheet.dot(x, y, 37, "#3a3a3a", INK)
    sheet.dot(x, y, 5, PAPER)
    for pin, (px, py) in pins.items():
        sheet.dot(px, py, 3.4, "#d9b44a")
        sheet.text(px + (-8 if pin == "+" else 8), py + 4, pin.replace("-", "\u2212"), 12, "middle", PAPER, bold=True)
    sheet.text(x, y + 26, ref, 11, "middle", PAPER, bold=True)


def _driver(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    left, right = pins["DIR"][0] - 9, pins["ENABLE"][0] + 9
    sheet.box(left, ROWS["g"] - 8, right - left, ROWS["d"] - ROWS["g"] + 16, "#6d3fa0", "#43206b", 4)
    for x, y in pins.values():
        sheet.dot(x, y, 3.2, "#d9b44a", "#43206b")
    middle = (ROWS["g"] + ROWS["d"]) / 2
    sheet.text((left + right) / 2, middle - 2, "A4988 carrier", 13, "middle", PAPER, bold=True)
    sheet.text((left + right) / 2, middle + 15, "DIR top left", 11, "middle", PAPER)


def _capacitor(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    x, y = (pins["+"][0] + pins["-"][0]) / 2, pins["+"][1]
    sheet.dot(x, y, 15, "#2b4a7f", INK)
    for px, py in pins.values():
        sheet.dot(px, py, 3, "#d9b44a")
    sheet.box(x + 18, y - 10, 98, 32, "#f6f4ee", "none", 3)
    sheet.text(x + 21, y + 3, "C1 100 \u00b5F 25 V", 10.5, bold=True)
    sheet.text(x + 21, y + 17, "+ at column 55", 10.5)


def _thermistor(sheet: Sheet, ref: str, pins: dict[str, Point]) -> None:
    sheet.line([pins["1"], pins["2"]], "#8a7f6a", 2.4)
    x, y = (pins["1"][0] + pins["2"][0]) / 2, pins["1"][1]
    sheet.line([(x, y), (x, y + 44)], "#555555", 5)
    sheet.dot(x, y, 8, "#3d3d3d")
    sheet.text(x + 12, y + 40, f"{ref} 10k, on its lead", 10.5, bold=True)


DRAWN = {
    "pico": _pico, "resistor": _resistor, "led": _led, "buzzer": _buzzer, "a4988": _driver, "capacitor": _capacitor,
    "thermistor": _thermistor,
}  # fmt: skip


def _beside(sheet: Sheet, build: str, ref: str) -> None:
    column, wide, words = BOXES[ref]
    top, left = 548.0, column_x(column)
    sheet.box(left, top, PITCH * wide, 74, "#eef3f8", "#5b6b7c", 6)
    for line, text in enumerate(words):
        sheet.text(
            left + PITCH * wide / 2, top + 34 + 15 * line, text, 11.5 if line == 0 else 10, "middle", bold=line == 0
        )
    nets = {pin: net for net, pins in nets_of(build).items() for pin in pins}
    leads = LEADS[ref]
    for number, (pin, hole) in enumerate(leads.items()):
        x = left + PITCH * wide * (number + 1) / (len(leads) + 1)
        hole_x, hole_y = at(hole)
        colour = COLOURS[nets[f"{ref}.{pin}"]]
        sheet.line([(x, top), (hole_x, ROWS["B-"] + 20), (hole_x, hole_y)], colour, 2.6, halo=True)
        sheet.dot(hole_x, hole_y, 3.4, colour, PAPER)
        sheet.text(x, top + 13, pin.replace("-", "\u2212"), 9.5, "middle", colour, bold=True)


def _legend(sheet: Sheet, build: str, nets: list[str]) -> None:
    rows = []
    for net in nets:
        pins = nets_of(build)[net]
        pico = [pin.removeprefix("U1.") for pin in pins if pin.startswith("U1.") and not pin.startswith("U1.GND")]
        words = f"{net}: {pico[0]}, pin {PICO_NUMBERS[pico[0]]}" if pico else net
        if net == "GND":
            words = "GND: pins 3 and 38"
        if pico or net in ("GND", "VM"):
            rows.append((COLOURS[net], words.replace("VM", "12 V, motor only")))
    for number, (colour, words) in enumerate(rows):
        x, y = 24 + 212 * (number % 5), 652 + 22 * (number // 5)
        sheet.line([(x, y - 4), (x + 22, y - 4)], colour, 4)
        sheet.text(x + 30, y, words, 11.5)


def unplaced(build: str) -> list[str]:
    """Parts that the picture would not show."""
    return [ref for ref in parts_of(build) if ref not in PLACED and ref not in LEADS and KINDS[PARTS[ref].kind].pins]
