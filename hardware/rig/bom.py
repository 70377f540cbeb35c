"""The bills of materials: CSV by hand, tied to the netlist, the wiring and the puck; pages made from them.

Every quantity has a source: so many references, or a figure that the drawings give. A row with neither is refused.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from rig import wiring
from rig.netlist import ADDS_TO, BUILDS, PARTS, parts_of
from rig.parts import KINDS
from rig.puck_size import PUCK

FOLDER = "hardware/bom"
COLUMNS = ["refs", "item", "value", "quantity", "maker", "part_number", "alternates", "why", "sure"]
SURE = {"yes": "", "check": "check with your supplier"}
PICO_ROWS = 2


def counted(build: str) -> dict[str, int]:
    """Items that no reference stands for: item -> quantity, by the drawings."""
    wires, base = len(wiring.WIRES[build]), len(wiring.WIRES.get(ADDS_TO.get(build, ""), []))
    leads = sum(len(wiring.LEADS[ref]) for ref in _own_parts(build) if ref in ("DS1", "U3", "U5"))
    items = {
        "USB cable": 0 if build in ADDS_TO else 1,
        "breadboard": wiring.BREADBOARDS[build],
        "jumper wire": wires - base,
        "jumper wire, socket to pin": leads,
        "pin header, 20 pins": PICO_ROWS if build in ("bench", "training") else 0,
        "screw for the lid": PUCK.screws if build == "training" else 0,
        "insert for the lid": PUCK.screws if build == "training" else 0,
        "filament": 1 if build == "training" else 0,
        "pump head with tube": 1 if build == "training" else 0,
    }
    return {item: number for item, number in items.items() if number}


def _own_parts(build: str) -> list[str]:
    base = parts_of(ADDS_TO[build]) if build in ADDS_TO else {}
    return [ref for ref in parts_of(build) if ref not in base]


def rows(root: Path, build: str) -> list[tuple[int, dict[str, str]]]:
    """(line, row) of a list. Raises ValueError for another head."""
    path = root / FOLDER / f"{build}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise ValueError(f"{FOLDER}/{build}.csv:1: the columns must be {','.join(COLUMNS)}")
        return [(reader.line_num, row) for row in reader]


def problems(root: Path, build: str) -> Iterator[str]:
    """Where a list differs from the netlist and the drawings."""
    seen: set[str] = set()
    wanted = counted(build)
    for line, row in rows(root, build):
        here = f"{FOLDER}/{build}.csv:{line} ({row['item']})"
        if not row["quantity"].isdigit():
            yield f"{here}: quantity {row['quantity']!r} is no whole number"
            continue
        refs, quantity = row["refs"].split(), int(row["quantity"])
        if refs:
            if quantity != len(refs):
                yield f"{here}: quantity {quantity}, but {len(refs)} of them in the netlist: {row['refs']}"
            yield from _references(here, row, refs, seen, build)
        elif row["item"] not in wanted:
            yield f"{here}: nothing in the drawings asks for it (hardware/rig/bom.py knows what is counted)"
        elif quantity != wanted[row["item"]]:
            yield f"{here}: quantity {quantity}, but the drawings use {wanted[row['item']]}"
        seen |= {*refs, row["item"]}
        if not row["why"] or row["sure"] not in SURE or not (row["part_number"] or row["sure"] == "check"):
            yield f"{here}: say why, and 'yes' or 'check'; without a part number it is 'check'"
    for missing in [*_own_parts(build), *wanted]:
        if missing not in seen:
            yield f"{FOLDER}/{build}.csv: {missing} is missing"


def _references(here: str, row: dict[str, str], refs: list[str], seen: set[str], build: str) -> Iterator[str]:
    for ref in refs:
        if ref not in _own_parts(build):
            yield f"{here}: {ref} is not in the {build} netlist"
        elif ref in seen:
            yield f"{here}: {ref} is listed twice"
        elif row["value"] != PARTS[ref].value:
            yield f"{here}: value {row['value']!r}, but {ref} is {PARTS[ref].value!r} in hardware/rig/netlist.py"
        elif row["item"] != KINDS[PARTS[ref].kind].words:
            yield f"{here}: {ref} is a {KINDS[PARTS[ref].kind].words} in the netlist"


def page(root: Path, build: str) -> str:
    """The list as Markdown."""
    text = f"# Bill of materials: {build}\n\n"
    text += f"Made by `make hardware` from [{build}.csv]({build}.csv); do not edit this page.\n"
    if build in ADDS_TO:
        text += f"This list is added to [{ADDS_TO[build]}]({ADDS_TO[build]}.md).\n"
    text += "\n| parts | item | quantity | maker, number | or | why |\n|---|---|---|---|---|---|\n"
    for _, row in rows(root, build):
        number = " ".join(filter(None, (row["maker"], row["part_number"])))
        number = "; ".join(filter(None, (number, SURE[row["sure"]])))
        item = f"{row['item']} {row['value']}".strip()
        text += f"| {row['refs']} | {item} | {row['quantity']} | {number} | {row['alternates']} | {row['why']} |\n"
    return text


def index() -> str:
    return ", ".join(f"[{build}](bom/{build}.md)" for build in BUILDS)
