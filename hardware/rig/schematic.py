"""The schematic of a build, block by block.

Pins, wires and flags are recorded as they are drawn, for reading.py: a wire that is drawn wrongly cannot hide.
"""

from collections.abc import Sequence
from itertools import pairwise

from rig.draw import FAINT, INK, Point, Sheet
from rig.netlist import COLOURS, PARTS, nets_of
from rig.parts import PICO_NUMBERS

HERE = "hardware/rig/schematic.py"
RAILS = ("3V3", "GND", "VM")
RAIL_WORDS = {"3V3": "3V3", "GND": "GND", "VM": "12 V"}
STEP = 34.0  # between pins of a box


class Schematic(Sheet):
    """A sheet that knows which net each point is said to be on."""

    def __init__(self, width: float, height: float, build: str) -> None:
        super().__init__(width, height, f"warmflow rig, {build} build: schematic", "from hardware/rig/netlist.py")
        self.build = build
        self.pins: dict[str, Point] = {}
        self.wires: list[list[Point]] = []
        self.flags: list[tuple[str, Point]] = []

    def wire(self, *points: Point) -> None:
        self.wires.append(list(points))
        self.line(points)

    def flag(self, net: str, x: float, y: float, side: str) -> None:
        """A net's name on a short wire: the same name elsewhere is the same net. Rails have symbols of their own."""
        self.flags.append((net, (x, y)))
        if net == "GND":
            self.line([(x, y), (x, y + 8)])
            for half, down in ((9, 8), (6, 12), (3, 16)):
                self.line([(x - half, y + down), (x + half, y + down)])
        elif net in RAILS:
            self.line([(x, y), (x, y - 8)])
            self.line([(x - 9, y - 8), (x + 9, y - 8)], COLOURS[net], 2.4)
            self.text(x, y - 13, RAIL_WORDS[net], 11.5, "middle", COLOURS[net], bold=True)
        else:
            way, anchor = (-1, "end") if side == "left" else (1, "start")
            wide = len(net) * 11.5 * 0.62 + 12
            far = x + way * wide
            self.shape(
                [(x, y), (x + way * 8, y - 10), (far, y - 10), (far, y + 10), (x + way * 8, y + 10)],
                "#f3f6fb",
                COLOURS[net],
            )
            self.text(x + way * (10 if side == "right" else 8), y + 4, net, 11.5, anchor, INK)

    def chip(
        self, ref: str, x: float, y: float, wide: float, left: Sequence[str], right: Sequence[str], words: Sequence[str]
    ) -> None:
        """A box; "" leaves a place free. Stubs are 22 long."""
        high = STEP * max(len(left), len(right)) + 10
        self.box(x, y, wide, high, "#fffbe9")
        for names, edge, way in ((left, x, -1), (right, x + wide, 1)):
            for at, name in enumerate(names):
                if not name:
                    continue
                py = y + 22 + STEP * at
                self.line([(edge, py), (edge + way * 22, py)])
                self.pins[f"{ref}.{name}"] = (edge + way * 22, py)
                self.text(edge - way * 6, py + 4, name, 11.5, "start" if way < 0 else "end")
                if ref == "U1":
                    self.text(edge + way * 11, py - 4, str(PICO_NUMBERS[name]), 9, "middle", FAINT)
        self.text(x + wide / 2, y - 8 - 15 * (len(words) - 1), f"{ref}  {words[0]}", 12.5, "middle", bold=True)
        for line, text in enumerate(words[1:]):
            self.text(x + wide / 2, y - 8 - 15 * (len(words) - 2 - line), text, 11, "middle", FAINT)

    def two(self, ref: str, pins: tuple[str, str], start: Point, end: Point, words: str, label: Point) -> None:
        """A part with two legs, from `start` to `end`, along an axis."""
        self.pins[f"{ref}.{pins[0]}"], self.pins[f"{ref}.{pins[1]}"] = start, end
        (x1, y1), (x2, y2) = start, end
        self.line([start, end], INK)
        SYMBOLS[PARTS[ref].kind](self, (x1 + x2) / 2, (y1 + y2) / 2, y1 == y2)
        self.text(*label, f"{ref} {words}", 11.5, "start", bold=True)


def _resistor(sheet: Sheet, x: float, y: float, flat: bool) -> None:
    wide, high = (30, 12) if flat else (12, 22)
    sheet.box(x - wide / 2, y - high / 2, wide, high, "#ffffff", round_=0)


def _capacitor(sheet: Sheet, x: float, y: float, flat: bool) -> None:
    sheet.box(x - 14, y - 4, 28, 8, "#ffffff", "#ffffff", 0)
    sheet.line([(x - 13, y - 4), (x + 13, y - 4)], INK, 2.4)
    sheet.box(x - 13, y + 2, 26, 4, INK, round_=0)
    sheet.text(x - 16, y - 8, "+", 12, "middle")


def _led(sheet: Sheet, x: float, y: float, flat: bool) -> None:
    sheet.shape([(x - 9, y - 9), (x - 9, y + 9), (x + 8, y)], "#ffffff")
    sheet.line([(x + 8, y - 10), (x + 8, y + 10)], INK, 2)
    for shift in (0, 8):
        sheet.line([(x - 2 + shift, y - 12), (x + 5 + shift, y - 20), (x + 1 + shift, y - 19)], INK, 1.2)


def _buzzer(sheet: Sheet, x: float, y: float, flat: bool) -> None:
    sheet.dot(x, y, 14, "#ffffff", INK)
    sheet.text(x - 7, y + 4, "+", 11, "middle")


def _thermistor(sheet: Sheet, x: float, y: float, flat: bool) -> None:
    _resistor(sheet, x, y, flat)
    sheet.line([(x - 14, y + 13), (x - 8, y + 13), (x + 12, y - 13)], INK, 1.4)


SYMBOLS = {
    "resistor": _resistor, "capacitor": _capacitor, "led": _led, "buzzer": _buzzer, "thermistor": _thermistor,
}  # fmt: skip


def _pico(s: Schematic, x: float, y: float) -> None:
    build = s.build
    left = ["3V3", "GND1", "", "GP4", "GP5", "GP15"]
    right = ["GP16", "GP17", "GP18" if build == "training" else "", "GP19" if build == "training" else ""]
    right += ["GP26"] if build == "probes" else []
    s.chip("U1", x, y, 170, left, right, ("Raspberry Pi Pico", "USB: supply and data"))
    nets = {pin: net for net, pins in nets_of(build).items() for pin in pins}
    for name in left + right:
        if name:
            px, py = s.pins[f"U1.{name}"]
            net, side = nets[f"U1.{name}"], "left" if name in left else "right"
            if net in RAILS:
                s.wire((px, py), (px - 24, py))
                s.flag(net, px - 24, py, side)
            else:
                s.flag(net, px, py, side)
    s.text(x + 85, y + 22 + STEP * 6.2, "all GND pins are one net", 10.5, "middle", FAINT)


def _probe(s: Schematic, x: float, y: float) -> None:
    s.chip("U2", x, y, 120, ["VDD", "DQ", "GND"], [], ("DS18B20", "on a lead"))
    (vx, vy), (_, dy), (gx, gy) = (s.pins[f"U2.{name}"] for name in ("VDD", "DQ", "GND"))
    s.two("R1", ("1", "2"), (vx - 46, vy), (vx - 46, dy), "4k7", (vx - 36, vy + 21))
    s.wire((vx, vy), (vx - 46, vy), (vx - 80, vy))
    s.wire((vx, dy), (vx - 46, dy), (vx - 62, dy))
    s.flag("3V3", vx - 80, vy, "left")
    s.flag("one_wire", vx - 62, dy, "left")
    s.flag("GND", gx, gy, "left")


def _display(s: Schematic, x: float, y: float) -> None:
    s.chip("DS1", x, y, 120, ["VCC", "SCL", "SDA", "GND"], [], ("OLED SSD1306", "128 x 64, address 0x3C"))
    points = {name: s.pins[f"DS1.{name}"] for name in ("VCC", "SCL", "SDA", "GND")}
    (vx, vy), (_, cy), (_, dy), (gx, gy) = points.values()
    s.two("R3", ("1", "2"), (vx - 46, vy), (vx - 46, cy), "4k7", (vx - 36, vy + 21))
    s.two("R2", ("1", "2"), (vx - 122, vy), (vx - 122, vy + 30), "4k7", (vx - 112, vy + 21))
    s.wire((vx - 122, vy + 30), (vx - 122, dy))  # crosses SCL, joins nothing there
    s.wire((vx, vy), (vx - 46, vy), (vx - 122, vy), (vx - 146, vy))
    s.flag("3V3", vx - 146, vy, "left")
    s.wire((vx, cy), (vx - 46, cy), (vx - 142, cy))
    s.flag("i2c_scl", vx - 142, cy, "left")
    s.wire((vx, dy), (vx - 122, dy), (vx - 142, dy))
    s.flag("i2c_sda", vx - 142, dy, "left")
    s.flag("GND", gx, gy, "left")


def _on_the_bus(s: Schematic, ref: str, x: float, y: float, names: Sequence[str], words: Sequence[str]) -> None:
    """A breakout with its own pull-ups: supply, SCL, SDA, ground."""
    s.chip(ref, x, y, 120, names, [], words)
    vx, vy = s.pins[f"{ref}.{names[0]}"]
    s.wire((vx, vy), (vx - 20, vy))
    s.flag("3V3", vx - 20, vy, "left")
    for name, net in ((names[1], "i2c_scl"), (names[2], "i2c_sda"), (names[3], "GND")):
        s.flag(net, *s.pins[f"{ref}.{name}"], "left")


def _lamp(s: Schematic, x: float, y: float) -> None:
    s.flag("drip", x, y, "left")
    s.two("R4", ("1", "2"), (x, y), (x + 80, y), "330R", (x + 14, y - 13))
    s.two("D1", ("A", "K"), (x + 80, y), (x + 160, y), "red LED", (x + 78, y + 28))
    s.flag("GND", x + 160, y, "right")


def _sound(s: Schematic, x: float, y: float) -> None:
    s.flag("buzzer", x, y, "left")
    s.two("R5", ("1", "2"), (x, y), (x + 80, y), "1k", (x + 20, y - 13))
    s.two("LS1", ("+", "-"), (x + 80, y), (x + 160, y), "passive piezo", (x + 62, y + 32))
    s.flag("GND", x + 160, y, "right")


def _driver(s: Schematic, x: float, y: float) -> None:
    left = ["STEP", "DIR", "SLEEP", "RESET", "MS1", "MS2", "MS3", "ENABLE", "VDD", "GND1"]
    s.chip(
        "U4",
        x,
        y,
        170,
        left,
        ["VMOT", "GND2", "", "", "1A", "1B", "2A", "2B"],
        ("A4988 carrier", "1/16 step; VDD from 3V3, never 5 V"),
    )
    at = {name: s.pins[f"U4.{name}"] for name in [*left, "VMOT", "GND2", "1A", "1B", "2A", "2B"]}
    lx, rx = at["STEP"][0], at["VMOT"][0]
    s.two("R6", ("1", "2"), (lx - 60, at["STEP"][1]), (lx - 60, at["SLEEP"][1]), "10k", (lx - 122, at["DIR"][1] + 4))
    s.flag("GND", lx - 60, at["SLEEP"][1], "left")
    s.wire(at["STEP"], (lx - 60, at["STEP"][1]), (lx - 76, at["STEP"][1]))
    s.flag("step", lx - 76, at["STEP"][1], "left")
    s.flag("dir", *at["DIR"], "left")
    s.wire(at["SLEEP"], (lx - 14, at["SLEEP"][1]), (lx - 14, at["RESET"][1]), at["RESET"])
    rail = lx - 20
    s.wire(at["MS1"], (rail, at["MS1"][1]), (rail, at["MS2"][1]), (rail, at["MS3"][1]), at["MS3"])
    s.wire(at["MS2"], (rail, at["MS2"][1]))
    s.wire((rail, at["MS2"][1]), (rail - 34, at["MS2"][1]))
    s.flag("3V3", rail - 34, at["MS2"][1], "left")
    for name, net, far in (("ENABLE", "GND", 30), ("VDD", "3V3", 66), ("GND1", "GND", 30)):
        s.wire(at[name], (lx - far, at[name][1]))
        s.flag(net, lx - far, at[name][1], "left")
    cx = rx + 60
    s.two(
        "C1", ("+", "-"), (cx, at["VMOT"][1]), (cx, at["GND2"][1]), "100 \u00b5F, 25 V", (rx + 14, at["GND2"][1] + 40)
    )
    s.wire(at["VMOT"], (cx, at["VMOT"][1]))
    s.wire(at["GND2"], (cx, at["GND2"][1]))
    s.chip("J1", rx + 152, at["VMOT"][1] - 22, 78, ["+", "-"], [], ("12 V", "motor only"))
    s.wire((cx, at["VMOT"][1]), (cx + 34, at["VMOT"][1]), s.pins["J1.+"])
    s.wire((cx, at["GND2"][1]), (cx + 34, at["GND2"][1]), s.pins["J1.-"])
    s.flag("VM", cx + 34, at["VMOT"][1], "right")
    s.flag("GND", cx + 34, at["GND2"][1], "right")
    s.chip("M1", rx + 152, at["1A"][1] - 22, 78, ["1A", "1B", "2A", "2B"], [], ("stepper", "bipolar"))
    for coil in ("1A", "1B", "2A", "2B"):
        s.wire(at[coil], s.pins[f"M1.{coil}"])


def _divider(s: Schematic, x: float, y: float) -> None:
    s.two("R8", ("1", "2"), (x, y), (x, y + 60), "10k, 0.1 %", (x + 14, y + 34))
    s.two("TH1", ("1", "2"), (x, y + 60), (x, y + 120), "10k thermistor, on a lead", (x + 20, y + 96))
    s.flag("3V3", x, y, "left")
    s.flag("GND", x, y + 120, "left")
    s.wire((x, y + 60), (x - 30, y + 60))
    s.flag("ntc", x - 30, y + 60, "left")


def picture(build: str) -> Schematic:
    """The whole sheet of a build that has wires."""
    s = Schematic(1090, 960 if build == "training" else 550, build)
    s.text(24, 30, f"{build} build: schematic", 17, bold=True)
    s.text(1066, 30, "flags of the same name are one net; small numbers are pins of the Pico", 11.5, "end", FAINT)
    _pico(s, 150, 110)
    _probe(s, 610, 110)
    _display(s, 610, 300)
    _lamp(s, 130, 400)
    _sound(s, 130, 480)
    if build == "training":
        _on_the_bus(s, "U3", 920, 110, ("VIN", "SCK", "SDI", "GND"), ("BMP280", "breakout, 0x77 or 0x76"))
        _driver(s, 420, 580)
    if build == "probes":
        _on_the_bus(s, "U5", 920, 110, ("VIN", "SCL", "SDA", "GND"), ("TMP117", "breakout, address 0x48"))
        _divider(s, 850, 350)
    for x, y in _junctions(s):
        s.dot(x, y, 3.2)
    return s


def _junctions(s: Schematic) -> list[Point]:
    """Where three ways meet: those get a dot."""
    segments = [pair for wire in s.wires for pair in pairwise(wire)]
    ends = [point for _, point in s.flags] + list(s.pins.values())
    found = []
    for point in sorted({point for wire in s.wires for point in wire}):
        ways = sum(1 if point in pair else 2 for pair in segments if lies_on(point, pair))
        if ways + ends.count(point) > 2:
            found.append(point)
    return found


def lies_on(point: Point, wire: Sequence[Point]) -> bool:
    """Whether a point lies on a wire's segments, all along an axis."""
    x, y = point
    return any(
        min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2) and (x1 == x2 == x or y1 == y2 == y)
        for (x1, y1), (x2, y2) in pairwise(wire)
    )
