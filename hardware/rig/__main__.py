"""`python -m rig make|check|cad|accuracy`, with hardware/ on the path: writes what is made, or says what differs where.

The check needs no CAD package; `make` without it makes all the rest and says how to get it.
"""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from rig import accuracy, bom, breadboard, pages, puck_pictures, reading, rules, wiring
from rig.netlist import BUILDS

NO_CAD = (
    "build123d is missing: no STL, STEP or exploded view. Get it by: .venv/bin/python -m pip install -e '.[hardware]'"
)
EXPLODED = "hardware/pictures/puck-exploded.svg"


def problems(root: Path) -> list[str]:
    """Everything that is wrong: with the sources, and only where those are sound with what is made from them."""
    return list(dict.fromkeys(sources(root))) or list(made_otherwise(root))


def sources(root: Path) -> list[str]:
    """Where firmware, netlist, wiring, lists and the drawing's lines differ."""
    found = list(rules.pins_agree(root))
    for build in BUILDS:
        found += [*rules.problems(build, root), *wiring.problems(build), *bom.problems(root, build)]
    if not found:  # a drawing needs a sound netlist
        for build in pages.DRAWN_BUILDS:
            found += reading.problems(build)
            found += [f"{wiring.HERE}: {ref} is not in the picture" for ref in breadboard.unplaced(build)]
    return found


def made_otherwise(root: Path) -> Iterator[str]:
    """Where a picture, table or list is not what its source makes, or cannot be read."""
    for name, make in pages.sheets().items():
        yield from (f"hardware/pictures/{name}.svg: label {words}" for words in make().overlaps())
    for name, text in pages.made(root).items():
        path = root / "hardware" / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"hardware/{name}: not what its source makes; run make hardware and look at it"
    if not exploded_is_current(root):
        yield f"{EXPLODED}: made from another {puck_pictures.SOURCES[0]}; run make hardware and look at it"


def exploded_is_current(root: Path) -> bool:
    """By the hash of its source: CAD draws lines a little otherwise from machine to machine."""
    path = root / EXPLODED
    return path.is_file() and f"sha256 {puck_pictures.source_hash(root)}" in path.read_text(encoding="utf-8")


def make(root: Path) -> int:
    """Writes pictures, tables, lists; with CAD also solids and the exploded view."""
    if wrong := list(dict.fromkeys(sources(root))):
        print("\n".join([*wrong, "nothing was made: mend these first"]))
        return 1
    for name, text in pages.made(root).items():
        path = root / "hardware" / name
        path.parent.mkdir(exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote hardware/{name}")
    cad_status = cad(root)
    wrong = problems(root)
    print("\n".join(wrong) if wrong else "pictures, tables and lists are as their sources say")
    return 1 if wrong else cad_status


def cad(root: Path) -> int:
    """STL and STEP into build/hardware, and the exploded view. 2 where the CAD package is missing."""
    if find_spec("build123d") is None:
        print(NO_CAD, file=sys.stderr)
        return 2
    from rig import puck

    for path in puck.export(root / "build" / "hardware"):
        print(f"wrote {path.relative_to(root)}, {path.stat().st_size // 1024} KiB")
    if not exploded_is_current(root):
        (root / EXPLODED).write_text(puck_pictures.exploded(root).svg(), encoding="utf-8")
        print(f"wrote {EXPLODED}")
    return 0


def check(root: Path) -> int:
    wrong = problems(root)
    print("\n".join(wrong) if wrong else f"hardware: {len(BUILDS)} builds agree with firmware, drawings and lists")
    return 1 if wrong else 0


def show_accuracy(root: Path) -> int:
    print(accuracy.lesson_table())
    print(accuracy.probe_table())
    return 0


COMMANDS = {"make": make, "check": check, "cad": cad, "accuracy": show_accuracy}


def main(arguments: list[str]) -> int:
    """Exit status: 0 well, 1 something differs, 2 a tool is missing or the command is unknown."""
    if not arguments or arguments[0] not in COMMANDS:
        print(f"say one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    root = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).resolve().parents[2]
    try:
        return COMMANDS[arguments[0]](root)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
