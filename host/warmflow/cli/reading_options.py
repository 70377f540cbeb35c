"""Options of all commands that read an instrument's file: one set, so that `import` and `report` read it alike."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from warmflow.instruments.reader import Asked

As = Annotated[str | None, typer.Option("--as", help="Instrument that wrote the file: mettler, and, sensirion, ...")]
Columns = Annotated[
    list[str] | None, typer.Option("--column", help="Which column is what: flow=NAME, flow=NAME:ul/min or flow=3.")
]
DecimalSign = Annotated[
    Literal["point", "comma"] | None, typer.Option("--decimal", help="Decimal sign, if the file is ambiguous.")
]
TimeZone = Annotated[str | None, typer.Option(help="Of times without a zone: Europe/Berlin, UTC, ...")]
Evaporation = Annotated[float, typer.Option("--evaporation-ul-h", min=0, help="Evaporation to correct for, µL/h.")]
AirDensity = Annotated[
    float | None, typer.Option("--air-density", min=0.0009, max=0.0014, help="Correct for buoyancy in this air, g/mL.")
]
Density = Annotated[float | None, typer.Option(min=0.1, max=20, help="Of the liquid on a balance, g/mL.")]


def asked(
    instrument: str | None, column: list[str] | None, decimal: Literal["point", "comma"] | None, time_zone: str | None
) -> "Asked":
    """Raises InstrumentFileError for a column that cannot be meant."""
    from warmflow.instruments.choice import asked_from
    from warmflow.instruments.reader import Asked

    return Asked(asked_from(column or []), instrument, time_zone, decimal)
