"""Reads a schematic back from its drawing: what touches is joined, and must be the netlist's nets. Draws nothing."""

from collections.abc import Iterator

from rig.draw import Point
from rig.netlist import nets_of, parts_of
from rig.parts import KINDS
from rig.schematic import HERE, Schematic, lies_on, picture


def read_back(s: Schematic) -> dict[str, set[str]]:
    """Nets as they are drawn: flag or first pin -> pins. Wires join where an end or a corner touches."""
    groups: list[tuple[set[str], set[Point], list[list[Point]]]] = []
    items = [({pin}, {point}, []) for pin, point in s.pins.items()]
    items += [({f"={net}"}, {point}, []) for net, point in s.flags]
    items += [(set(), set(wire), [wire]) for wire in s.wires]
    for names, points, wires in items:
        touched = [
            group
            for group in groups
            if points & group[1]
            or {name for name in names & group[0] if name[0] == "="}
            or any(lies_on(point, wire) for wire in group[2] for point in points)
            or any(lies_on(point, wire) for wire in wires for point in group[1])
        ]
        merged = (set(names), set(points), list(wires))
        for group in touched:
            merged = (merged[0] | group[0], merged[1] | group[1], merged[2] + group[2])
            groups.remove(group)
        groups.append(merged)
    return {min(names): {name for name in names if name[0] != "="} for names, _, _ in groups if names}


def problems(build: str) -> Iterator[str]:
    """Where the drawing and the netlist differ."""
    s = picture(build)
    tied = {f"U1.{name}" for name in KINDS["pico"].ties[0][1:]}  # drawn by one of them
    drawn = read_back(s)
    for name, pins in drawn.items():
        for net, wanted in nets_of(build).items():
            wrong = sorted(pins ^ (set(wanted) - tied))
            if wrong and (name == f"={net}" or pins & set(wanted)):
                yield f"{HERE}: net {net} of {build} is not drawn as in the netlist: {', '.join(wrong)}"
    missing = [ref for ref in parts_of(build) if not any(pin.startswith(f"{ref}.") for pin in s.pins)]
    if missing:
        yield f"{HERE}: not drawn in {build}: {', '.join(missing)}"
