"""Where everything goes on a breadboard: the wiring source. Its check reads the nets back from holes and strips.

A hole is a row's letter and a column, "c12"; a rail is T or B (top, bottom), its sign and a column, "T+5". A part's
pins are in holes; a wire goes from hole to hole. Colours are the net's, so nobody states a net twice.
"""

from collections.abc import Iterator

from rig.netlist import net_at, nets_of, parts_of
from rig.parts import KINDS, PICO_NUMBERS

HERE = "hardware/rig/wiring.py"
COLUMNS = 63
TOP, BOTTOM = "jihgf", "edcba"
BREADBOARDS = {"bare": 0, "bench": 1, "training": 1, "probes": 0}


def _pico() -> dict[str, str]:
    return {name: f"c{at}" if at <= 20 else f"h{41 - at}" for name, at in PICO_NUMBERS.items()}


PLACED = {  # reference -> pin -> hole
    "U1": _pico(),
    "R1": {"2": "b23", "1": "b27"},
    "R2": {"2": "b36", "1": "b40"},
    "R3": {"1": "b29", "2": "b34"},
    "R4": {"1": "i24", "2": "i28"},
    "D1": {"A": "g28", "K": "g30"},
    "R5": {"1": "i36", "2": "i40"},
    "LS1": {"+": "f40", "-": "f42"},
    "R6": {"2": "i45", "1": "i49"},
    "C1": {"-": "b54", "+": "b55"},
    "U4": {
        "DIR": "g48", "STEP": "g49", "SLEEP": "g50", "RESET": "g51", "MS3": "g52", "MS2": "g53", "MS1": "g54",
        "ENABLE": "g55",
        "GND1": "d48", "VDD": "d49", "1B": "d50", "1A": "d51", "2A": "d52", "2B": "d53", "GND2": "d54", "VMOT": "d55",
    },
    "R8": {"2": "i45", "1": "i49"},
    "TH1": {"1": "g45", "2": "g47"},
}  # fmt: skip

LEADS = {  # parts beside the board, on leads: pin -> hole
    "U2": {"DQ": "a23", "GND": "B-25", "VDD": "B+26"},
    "DS1": {"GND": "B-31", "VCC": "B+32", "SCL": "a34", "SDA": "a36"},
    "U3": {"VIN": "B+42", "GND": "B-43", "SCK": "a44", "SDI": "a46"},
    "U5": {"VIN": "B+42", "GND": "B-43", "SCL": "a44", "SDA": "a46"},
    "M1": {"1B": "a50", "1A": "a51", "2A": "a52", "2B": "a53"},
    "J1": {"-": "a54", "+": "a55"},
}

_BENCH = [
    ("j5", "T+5"), ("j3", "T-3"), ("a3", "B-3"), ("T+62", "B+62"),
    ("j12", "e23"), ("a7", "e34"), ("a6", "e36"),
    ("j20", "j36"), ("j19", "j24"),
    ("a27", "B+27"), ("a29", "B+29"), ("a40", "B+40"),
    ("j30", "T-30"), ("j42", "T-42"),
]  # fmt: skip
_BUS_ON = [("c34", "c44"), ("d36", "d46")]
_DRIVER = [
    ("j17", "j49"), ("j16", "j48"), ("j45", "T-45"), ("i50", "i51"),
    ("j52", "T+52"), ("j53", "T+53"), ("j54", "T+54"), ("j55", "T-55"),
    ("a48", "B-48"), ("a49", "B+49"),
]  # fmt: skip
_THERMISTOR = [("j10", "j45"), ("j8", "j47"), ("j6", "j49")]
WIRES = {
    "bare": [],
    "bench": _BENCH,
    "training": _BENCH + _BUS_ON + _DRIVER,
    "probes": _BENCH + _BUS_ON + _THERMISTOR,
}
STAGES = (  # steps of the build guide: name, parts, wires; together they are the training build
    ("the Pico and the rails", ("U1",), (("j5", "T+5"), ("j3", "T-3"), ("a3", "B-3"), ("T+62", "B+62"))),
    ("the probe", ("U2", "R1"), (("j12", "e23"), ("a27", "B+27"))),
    ("the display", ("DS1", "R2", "R3"), (("a7", "e34"), ("a6", "e36"), ("a29", "B+29"), ("a40", "B+40"))),
    ("the drip lamp", ("R4", "D1"), (("j19", "j24"), ("j30", "T-30"))),
    ("the buzzer", ("R5", "LS1"), (("j20", "j36"), ("j42", "T-42"))),
    ("the barometer", ("U3",), tuple(_BUS_ON)),
    ("the driver", ("U4", "R6", "C1"), tuple(_DRIVER)),
    ("the motor and its supply", ("M1", "J1"), ()),
)


def holes(build: str) -> dict[str, str]:
    """Pin ("R1.1") -> hole, of all parts of a build, on the board and on leads."""
    there = parts_of(build)
    return {
        f"{ref}.{pin}": hole
        for table in (PLACED, LEADS)
        for ref, pins in table.items()
        if ref in there
        for pin, hole in pins.items()
    }


def strip(hole: str) -> str:
    """What a hole is joined to inside the breadboard: half a column, or a whole rail. Raises ValueError."""
    if hole[0] in "TB" and hole[1] in "+-" and 1 <= int(hole[2:]) <= COLUMNS:
        return hole[:2]
    if hole[0] in TOP + BOTTOM and 1 <= int(hole[1:]) <= COLUMNS:
        return ("top" if hole[0] in TOP else "bottom") + hole[1:]
    raise ValueError(f"{HERE}: there is no hole {hole}")


def joined(build: str) -> dict[str, str]:
    """Pin or strip -> a name for all that is joined to it by strips, wires and the insides of parts."""
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    def join(one: str, other: str) -> None:
        parent[find(one)] = find(other)

    for pin, hole in holes(build).items():
        join(pin, strip(hole))
    for one, other in WIRES[build]:
        join(strip(one), strip(other))
    for ref, part in parts_of(build).items():
        for ties in KINDS[part.kind].ties:
            for pin in ties[1:]:
                join(f"{ref}.{pin}", f"{ref}.{ties[0]}")
    return {name: find(name) for name in list(parent)}


def problems(build: str) -> Iterator[str]:
    """Where the breadboard and the netlist differ: open nets, shorts, holes taken twice."""
    if build == "bare":
        return
    yield from _taken_twice(build)
    if build == "training":
        yield from _left_out()
    groups, placed = joined(build), holes(build)
    for net, pins in nets_of(build).items():
        if missing := [pin for pin in pins if pin not in placed]:
            yield f"{HERE}: net {net}: {', '.join(missing)} in no hole in the {build} build"
        there = [pin for pin in pins if pin in placed]
        if apart := [pin for pin in there if groups[pin] != groups[there[0]]]:
            yield f"{HERE}: net {net} is open on the {build} breadboard: {', '.join(apart)} not joined to {there[0]}"
    nets, owner = net_at(build), {}
    for pin, hole in placed.items():
        net = nets.get(pin, f"nothing but {pin}")
        if owner.setdefault(groups[pin], net) != net:
            yield f"{HERE}: {owner[groups[pin]]} and {net} are joined on the {build} breadboard, at {pin} in {hole}"


def _left_out() -> Iterator[str]:
    """The steps of the guide and the training build must be the same."""
    parts = [ref for _, refs, _ in STAGES for ref in refs]
    wires = [wire for _, _, wires in STAGES for wire in wires]
    for what in {*parts} ^ {*parts_of("training")} | {*wires} ^ {*WIRES["training"]}:
        yield f"{HERE} STAGES: {what} is in the steps or in the training build, not in both"


def _taken_twice(build: str) -> Iterator[str]:
    taken: dict[str, str] = {}
    ends = [(hole, pin) for pin, hole in holes(build).items()]
    ends += [(hole, f"wire {one}-{other}") for one, other in WIRES[build] for hole in (one, other)]
    for hole, what in ends:
        if hole in taken:
            yield f"{HERE}: hole {hole} is taken twice, by {taken[hole]} and {what}, in the {build} build"
        taken[hole] = what


def net_of_wire(build: str, wire: tuple[str, str]) -> str:
    """The net that a wire carries, by what is in its strips. Raises ValueError for one that leads nowhere."""
    groups, nets = joined(build), net_at(build)
    for pin in holes(build):
        if pin in nets and groups[pin] == groups[strip(wire[0])]:
            return nets[pin]
    raise ValueError(f"{HERE}: wire {wire[0]}-{wire[1]} leads nowhere in the {build} build")
