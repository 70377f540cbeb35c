"""The Pico with its forty pins, those in use in their net's colour; and the pin table as Markdown."""

from pathlib import Path

from rig import firmware
from rig.draw import FAINT, PAPER, Sheet
from rig.netlist import BUILDS, COLOURS, IN_THE_PUCK, NETS, lead, nets_of
from rig.parts import PICO_NUMBERS

TABLE_HEAD = "| name | GPIO | pin of the Pico | goes to | builds |\n|---|---|---|---|---|\n"


def _nets() -> dict[str, str]:
    """Pin of the Pico -> net, over all builds."""
    return {pin.removeprefix("U1."): net for net, text in NETS.items() for pin in text.split() if pin.startswith("U1.")}


def picture() -> Sheet:
    """USB on top, as the board is printed."""
    sheet = Sheet(760, 560, "warmflow rig: pins of the Pico", "from hardware/rig/netlist.py")
    sheet.text(24, 30, "Pins of the Pico, seen from above", 17, bold=True)
    sheet.box(290, 62, 180, 480, "#1f7a4d", "#14532d", 8)
    sheet.box(348, 50, 64, 34, "#c8ccd0", "#6b7280", 3)
    sheet.text(380, 72, "USB", 11, "middle")
    sheet.text(380, 293, "Raspberry Pi", 12, "middle", PAPER, bold=True)
    sheet.text(380, 311, "Pico", 12, "middle", PAPER, bold=True)
    nets = _nets()
    for name, number in PICO_NUMBERS.items():
        left = number <= 20
        y = 102 + 22.4 * (number - 1 if left else 40 - number)
        x = 300 if left else 460
        net = nets.get(name, "")
        colour = COLOURS.get(net, "#c4c8cc")
        sheet.dot(x, y, 6, "#d9b44a", "#14532d")
        sheet.text(x + (12 if left else -12), y + 4, str(number), 10, "start" if left else "end", PAPER)
        far = 252 if left else 508
        sheet.line([(x - 8 if left else x + 8, y), (far, y)], colour, 3 if net else 1)
        words = name.rstrip("1234567") if name.startswith("GND") else name
        label = f"{net}  {words}" if net and net not in ("GND", "3V3", name) else words
        if not left and label != words:
            label = f"{words}  {net}"
        sheet.text(
            far + (-8 if left else 8),
            y + 4,
            label,
            12,
            "end" if left else "start",
            "#222222" if net else FAINT,
            bold=bool(net),
        )
    return sheet


def page(root: Path) -> str:
    """pins.md."""
    rows, builds = [], {}
    for build in BUILDS:
        for net in nets_of(build):
            builds.setdefault(net, []).append(build)
    for name, (gpio, _) in firmware.pins(root).items():
        others = [pin for pin in NETS.get(name, "").split() if not pin.startswith("U1.")]
        rows.append(
            f"| `{name}` | {gpio} | {PICO_NUMBERS[f'GP{gpio}']} | {', '.join(others)} | {', '.join(builds[name])} |"
        )
    rows.append(
        f"| 3V3 (out) | | {PICO_NUMBERS['3V3']} | every part but the motor supply | {', '.join(builds['3V3'])} |"
    )
    rows.append(f"| GND | | 3, 38 and five more | all grounds | {', '.join(builds['GND'])} |")
    text = "# Pins\n\nMade by `make hardware` from `hardware/rig/netlist.py` and the firmware's table; do not edit.\n\n"
    text += "![Pins of the Pico](pictures/pinout.svg)\n\n" + TABLE_HEAD + "\n".join(rows)
    text += "\n\n## What passes through the wall of the puck\n\nInside: " + ", ".join(IN_THE_PUCK)
    text += ".\n\n| net | inside | outside |\n|---|---|---|\n"
    for net, inside, outside in lead():
        shown = (
            "any GND"
            if net == "GND"
            else ", ".join(pin for pin in inside if not pin.startswith("R") or net == "one_wire")
        )
        text += f"| {net} | {shown} | {', '.join(outside)} |\n"
    return text
