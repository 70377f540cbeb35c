"""Everything that is made: name -> text, for `make hardware` to write and the check to compare, byte by byte."""

from collections.abc import Callable
from pathlib import Path

from rig import accuracy, bom, breadboard, calibration_picture, firmware, pinout, puck_pictures, rules, schematic
from rig.draw import Sheet
from rig.netlist import BUILDS, PARTS
from rig.parts import KINDS, PICO_3V3_MA, PICO_OWN_MA
from rig.wiring import STAGES

DRAWN_BUILDS = tuple(build for build in BUILDS if build != "bare")


def sheets() -> dict[str, Callable[[], Sheet]]:
    """Pictures that need no CAD."""
    made: dict[str, Callable[[], Sheet]] = {"pinout": pinout.picture, "puck-plan": puck_pictures.plan_and_section}
    made["calibration"] = calibration_picture.picture
    for build in DRAWN_BUILDS:
        made[f"schematic-{build}"] = lambda build=build: schematic.picture(build)
        made[f"wiring-{build}"] = lambda build=build: breadboard.picture(build)
    for number in range(1, len(STAGES) + 1):
        made[f"step-{number}"] = lambda number=number: breadboard.stage_picture(number)
    return made


def made(root: Path) -> dict[str, str]:
    """Every file that is written: its name below hardware/ -> its text."""
    files = {f"pictures/{name}.svg": make().svg() for name, make in sheets().items()}
    files["pins.md"] = pinout.page(root)
    files |= {f"bom/{build}.md": bom.page(root, build) for build in BUILDS}
    tables_of = {"specifications.md": SPECIFICATIONS, "build_guide.md": {"lamp": lambda: firmware.lamp_table(root)}}
    for page, tables in tables_of.items():
        files[page] = filled((root / "hardware" / page).read_text(encoding="utf-8"), tables, page)
    return files


def filled(text: str, tables: dict[str, Callable[[], str]], page: str) -> str:
    """A page with its made tables in place, between "<!-- made: name -->" and "<!-- end -->". Raises ValueError."""
    for name, make in tables.items():
        mark = f"<!-- made: {name} -->\n"
        if mark not in text:
            raise ValueError(f"hardware/{page}: the line {mark.strip()!r} is missing")
        before, _, rest = text.partition(mark)
        text = before + mark + make() + "<!-- end -->" + rest.partition("<!-- end -->")[2]
    return text


def current_table() -> str:
    """What each build takes, at the most."""
    refs = [ref for ref in PARTS if any(ref in rules.rail_ma(build) for build in BUILDS)]
    text = "| from 3V3, mA at the most | " + " | ".join(BUILDS) + " |\n|---|" + "---|" * len(BUILDS) + "\n"
    for ref in refs:
        cells = [f"{rules.rail_ma(build)[ref]:.1f}" if ref in rules.rail_ma(build) else "" for build in BUILDS]
        text += (
            f"| {ref}, {KINDS[PARTS[ref].kind].words} {PARTS[ref].value} | ".replace(" |", " |")
            + " | ".join(cells)
            + " |\n"
        )
    sums = [sum(rules.rail_ma(build).values()) for build in BUILDS]
    gpio = [sum(rules.gpio_ma(build).values()) for build in BUILDS]
    text += (
        "| **together** (the Pico gives "
        + f"{PICO_3V3_MA:.0f}) | "
        + " | ".join(f"**{each:.1f}**" for each in sums)
        + " |\n"
    )
    text += "| driven by GPIOs (50 allowed) | " + " | ".join(f"{each:.1f}" for each in gpio) + " |\n"
    totals = [PICO_OWN_MA + rail + pins for rail, pins in zip(sums, gpio, strict=True)]
    text += (
        "| **from USB**, with the Pico's own "
        + f"{PICO_OWN_MA:.0f} | "
        + " | ".join(f"**{each:.0f}**" for each in totals)
        + " |\n"
    )
    return text


SPECIFICATIONS: dict[str, Callable[[], str]] = {
    "currents": current_table,
    "lesson": accuracy.lesson_table,
    "probes": accuracy.probe_table,
}
