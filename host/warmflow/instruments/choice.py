"""Which column of a table is which quantity. Two that could be are asked for, unless they say the same."""

from collections.abc import Mapping
from typing import NamedTuple

from warmflow.instruments import columns
from warmflow.instruments.columns import FLOW, MASS, QUANTITIES, TIME, VOLUME, Meaning, Quantity
from warmflow.instruments.errors import InstrumentFileError, at_line
from warmflow.instruments.table import NAMES_MAX, Table

AMOUNTS = (VOLUME, MASS, FLOW)  # what a run can be made of
DATES = ("date", "datum", "day", "tag")


class Chosen(NamedTuple):
    """A column by its place. `factor` is NaN where no unit is known yet; `dates` is the place of a date beside it."""

    at: int
    header: str
    meaning: Meaning
    dates: int | None = None


def candidates(found: Table, asked: Mapping[str, str]) -> dict[str, list[Chosen]]:
    """By quantity, each column that may be it; what was asked for alone where something was."""
    chosen: dict[str, list[Chosen]] = {}
    for at, header in enumerate(found.names):
        if meant := columns.meaning(header, found.units[at]):
            chosen.setdefault(meant.quantity.name, []).append(Chosen(at, header, meant))
    for name, spec in asked.items():
        chosen[name] = [_asked(found, name, spec)]
    amounts = [one.name for one in AMOUNTS if one.name in asked]
    if amounts:
        for one in AMOUNTS:
            if one.name not in amounts:
                chosen.pop(one.name, None)
    for quantity in AMOUNTS:  # a column without a unit counts only where no other has one
        with_unit = [one for one in chosen.get(quantity.name, []) if one.meaning.unit]
        if with_unit:
            chosen[quantity.name] = with_unit
    return chosen


def asked_from(texts: list[str]) -> dict[str, str]:
    """`flow=NAME`, `flow=NAME:UNIT` or `flow=3`, as given with --column. Raises InstrumentFileError."""
    found = {}
    for text in texts:
        name, there, spec = text.partition("=")
        if not there or name.strip() not in QUANTITIES or not spec.strip():
            known = ", ".join(QUANTITIES)
            raise InstrumentFileError(
                f"--column {text}: write QUANTITY=NAME or QUANTITY=NUMBER; quantities are {known}"
            )
        found[name.strip()] = spec.strip()
    return found


def _asked(found: Table, name: str, spec: str) -> Chosen:
    quantity = QUANTITIES[name]
    header, unit = spec, ""
    if spec not in found.names and ":" in spec:
        header, _, unit = spec.rpartition(":")
    places = [at for at, given in enumerate(found.names) if columns.plain(given) == columns.plain(header)]
    if not places and header.isdigit() and 1 <= int(header) <= len(found.names):
        places = [int(header) - 1]
    if not places:
        raise at_line(
            found.path, found.header_line, f"--column {name}={spec}: no such column; there is: {listed(found)}"
        )
    if len(places) > 1:
        raise at_line(
            found.path, found.header_line, f"--column {name}={spec}: {len(places)} have this name; give the number: "
            + " or ".join(f"--column {name}={at + 1}" for at in places)
        )  # fmt: skip
    at = places[0]
    if unit:
        factor = columns.unit_factor(quantity, unit)
        if factor is None:
            raise InstrumentFileError(
                f"--column {name}={spec}: no unit of {name}; known are {', '.join(quantity.units)}"
            )
        return Chosen(at, found.names[at], Meaning(quantity, unit, factor))
    meant = columns.meaning(found.names[at], found.units[at])
    if meant is None or meant.quantity is not quantity:
        meant = _unit_of(quantity, found.names[at], found.units[at])
    return Chosen(at, found.names[at], meant)


def _unit_of(quantity: Quantity, header: str, unit_row: str) -> Meaning:
    """The unit in the header of a column whose name means nothing: `Channel 2 (µL/min)`, `ch2_ul_min`."""
    for _, unit in columns.splits(columns.plain(header), columns.plain(unit_row).strip(" []()")):
        if unit and (factor := columns.unit_factor(quantity, unit)) is not None:
            return Meaning(quantity, unit, factor)
    return Meaning(quantity, "", 1.0 if quantity is TIME else float("nan"))


def time_columns(found: Table, chosen: dict[str, list[Chosen]]) -> list[Chosen]:
    """The columns of time, each with the date beside it if there is one. Raises InstrumentFileError for none."""
    times = chosen.get("time", [])
    plain = [columns.plain(name) for name in found.names]
    dates = [at for at, name in enumerate(plain) if name in DATES]
    if not times and len(dates) == 1:
        return [Chosen(dates[0], found.names[dates[0]], Meaning(TIME, "", 1.0))]
    if not times:
        raise at_line(
            found.path, found.header_line, "no column of time; known are time (UTC or seconds), time_s, "
            f"time_min, ...; or say which with --column time=NAME:UNIT; there is: {listed(found)}"
        )  # fmt: skip
    if len(times) == 1 and len(dates) == 1 and not times[0].meaning.unit:
        return [times[0]._replace(dates=dates[0])]
    return times


def several(found: Table, name: str, which: list[Chosen]) -> InstrumentFileError:
    """What to say where two columns give one quantity and do not agree."""
    says = ", ".join(f"{one.header} (column {one.at + 1})" for one in which)
    by = {one.header for one in which}
    first = which[0].header if len(by) == len(which) else str(which[0].at + 1)
    return at_line(
        found.path,
        found.header_line,
        f"{len(which)} columns of {name}: {says}: choose one, like --column {name}={first}",
    )


WHOSE = columns.words(
    "pump, pump id, device, device id, sensor, sensor id, channel, rig, unit, serial, serial number, id, kanal, gerät"
)


def one_source(found: Table) -> None:
    """Raises InstrumentFileError for a table with rows of several pumps or sensors."""
    for at, header in enumerate(found.names):
        values = dict.fromkeys(text.strip() for text in found.columns[at])
        if all(columns.is_unit(text) for text in values):
            continue
        if columns.plain(header) in WHOSE and 1 < len(values) < len(found.lines) // 2:
            some = ", ".join(list(values)[:3])
            raise at_line(
                found.path, found.header_line, f"{header}: rows of {len(values)} ({some}): save those of each one as a "
                "file of its own"
            )  # fmt: skip


def listed(found: Table) -> str:
    more = ", ..." if len(found.names) > NAMES_MAX else ""
    return ", ".join(name or "(no name)" for name in found.names[:NAMES_MAX]) + more
