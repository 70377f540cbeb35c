"""Small files as laboratories really have them, each with something in it that a reader may get wrong.

Each is a run at 48.9 µL/h unless it says otherwise. `rate_ul_h` is what a report may say of it, or None where nobody
can know: then it has to be refused, or not judged.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

RATE_UL_H = 48.9
COUNT = 90
BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Trap(NamedTuple):
    """A file, how it is read, and the rate that is right. `refused`: reading it at all would be a fault."""

    content: str | bytes
    rate_ul_h: float | None = RATE_UL_H
    options: tuple[tuple[str, str], ...] = ()
    refused: bool = False


def ul(n: float) -> float:
    """Delivered after n minutes."""
    return RATE_UL_H * n / 60


def lines(
    header: str = "time_s,volume_ul", row: Callable[[int], str] = lambda n: f"{60 * n},{ul(n):.3f}", count: int = COUNT
) -> list[str]:
    return [header, *(row(n) for n in range(count))]


def text(found: list[str], end: str = "\n") -> str:
    return end.join(found) + end


def inserted(at: int, *extra: str, into: list[str] | None = None) -> str:
    """The plain file with lines more, before the reading of that number."""
    found = into or lines()
    return text([*found[: at + 1], *extra, *found[at + 1 :]])


def clock(n: float, form: str = "%Y-%m-%dT%H:%M:%SZ", begin: datetime = BEGIN) -> str:
    return (begin + timedelta(minutes=n)).strftime(form)


def replaced(at: int, line: str) -> str:
    found = lines()
    found[at + 1] = line
    return text(found)


NOON_12H = "%m/%d/%Y %I:%M:%S %p"
NBSP, NARROW, FIGURE = "\u00a0", "\u202f", "\u2007"
TRAPS: dict[str, Trap] = {
    # --- headers and units
    "units in a second header row": Trap(text(["Time,Volume", "s,µL", *lines()[1:]])),
    "units in a second header row, ml": Trap(
        text(["Time,Volume", "min,mL", *(f"{n},{ul(n) / 1000:.6f}" for n in range(COUNT))])
    ),
    "units in brackets in a second row": Trap(
        text(["Time;Weight", "[s];[mg]", *(f"{60 * n};{ul(n):.3f}".replace(".", ",") for n in range(COUNT))]),
        options=(("density", "1"),),
    ),
    "description, names, units": Trap(
        text(["Pump test 4711,", "Time,Volume", "(min),(ul)", *(f"{n},{ul(n):.3f}" for n in range(COUNT))])
    ),
    "units without names that fit": Trap(text(["Time,Volume", "s,°C", *lines()[1:]]), None),
    "repeated header in the middle": Trap(inserted(40, "time_s,volume_ul")),
    "repeated header with another unit": Trap(
        text([*lines()[:41], "time_s,volume_ml", *lines()[41:]]), None, refused=True
    ),
    "second table below": Trap(
        text([*lines(), "", "time_s,volume_ul", *(f"{60 * n},{3 * ul(n):.3f}" for n in range(COUNT))]), None
    ),
    "second table with other columns below": Trap(text([*lines(), "", "parameter,value", "tare,0", "operator,AB"])),
    "micro sign, mu": Trap(text(lines("time_s,volume_μl"))),
    "micro sign, latin": Trap(text(lines("time_s,volume_µL"))),
    "capital mu": Trap(text(lines("time_s,volume_ΜL"))),
    "micro sign lost to a question mark": Trap(text(lines("time_s,volume (?L)")), None),
    "micro sign as two letters": Trap(text(lines("time_s,volume (Âµl)")), None),
    "percent of the set rate": Trap(text(lines("time_s,flow (%)", lambda n: f"{60 * n},100.0")), None),
    "percent signs in cells": Trap(text(lines("time_s,flow_ul_h", lambda n: f"{60 * n},48.9%")), None, refused=True),
    "flow in ml/h, header says h": Trap(text(lines("time_s,flow ml/h", lambda n: f"{60 * n},0.0489"))),
    # --- ends
    "summary row: Mean": Trap(text([*lines("time_s,flow_ul_h", lambda n: f"{60 * n},48.9"), "Mean,48.9"])),
    "summary rows: Mean, SD, Max": Trap(
        text([*lines("time_s,flow_ul_h", lambda n: f"{60 * n},48.9"), "Mean,48.9", "SD,0.1", "Max,52"])
    ),
    "summary row with an empty time": Trap(text([*lines(), ",36.3"])),
    "summary row: Total as a number of its own": Trap(text([*lines(), "Total,9999"])),
    "end marker": Trap(text([*lines(), "END"])),
    "end of file in words": Trap(text([*lines(), "# end of file"])),
    "cut in the last line": Trap(text(lines())[:-4], None, refused=True),
    "cut in the last number": Trap(
        text(lines("time_s,volume_ul", lambda n: f"{60 * n},{1000 + ul(n):.3f}"))[:-7], None
    ),
    "NULs after a crash": Trap(text(lines()).encode() + b"\0" * 200),
    "ctrl-Z of DOS": Trap(text(lines()) + "\x1a"),
    "mixed line ends": Trap("".join(one + ("\r\n" if n % 3 else "\n") for n, one in enumerate(lines()))),
    "old Macintosh line ends": Trap(text(lines(), "\r")),
    "doubled carriage returns": Trap(text(lines(), "\r\r\n")),
    "empty file": Trap("", None, refused=True),
    "blanks alone": Trap("\n \n\n", None, refused=True),
    "header alone": Trap("time_s,volume_ul\n", None, refused=True),
    "one row": Trap("time_s,volume_ul\n0,0\n", None),
    "two rows": Trap("time_s,volume_ul\n0,0\n3600,48.9\n", None),
    "trailing delimiters": Trap(text([one + "," for one in lines()])),
    "trailing delimiters, several": Trap(text([one + ",,," for one in lines()])),
    "trailing delimiter on the rows alone": Trap(text([lines()[0], *(one + "," for one in lines()[1:])])),
    "trailing delimiter on some rows": Trap(text([one + "," * (n % 2) for n, one in enumerate(lines())])),
    "quoted field with a line feed": Trap(
        text(
            [
                "time_s,volume_ul,note",
                *(f"{60 * n},{ul(n):.3f}," + ('"two\nlines"' if n == 30 else "") for n in range(COUNT)),
            ]
        )
    ),
    "quoted header with a line feed": Trap(text(['time_s,"volume\n(ul)"', *lines()[1:]])),
    "unclosed quote": Trap(inserted(20, '1200,"16.3'), None, refused=True),
    "note with a comma, unquoted": Trap(
        text(["time_s,volume_ul,note", *(f"{60 * n},{ul(n):.3f}," + ("a, b" if n == 9 else "") for n in range(COUNT))]),
        RATE_UL_H,
    ),
    # --- numbers
    "thousands with commas, quoted": Trap(text(lines("time_s,volume_nl", lambda n: f'{60 * n},"{1000 * ul(n):,.2f}"'))),
    "thousands with commas and a currency blank": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.2f} "))
    ),
    "thousands with points and decimal commas": Trap(
        text(
            lines(
                "time_s;volume_nl",
                lambda n: f"{60 * n};{1000 * ul(n):,.2f}".replace(",", "_").replace(".", ",").replace("_", "."),
            )
        )
    ),
    "thousands with blanks": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.2f}".replace(",", " ")))
    ),
    "thousands with no-break spaces": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.2f}".replace(",", NBSP)))
    ),
    "thousands with narrow spaces": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.2f}".replace(",", NARROW)))
    ),
    "thousands with figure spaces": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.2f}".replace(",", FIGURE)))
    ),
    "thousands with apostrophes": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.2f}".replace(",", "'")))
    ),
    "thousands unquoted between commas": Trap(
        text(lines("time_s,volume_nl", lambda n: f"{60 * n},{1000 * ul(n):,.0f}")), None
    ),
    "thousands from the middle on": Trap(text(lines("time_s;volume_nl", lambda n: f"{60 * n};{1000 * ul(n):,.0f}"))),
    "whole numbers grouped with points": Trap(
        text(lines("time_s;volume_nl", lambda n: f"{60 * n};{900 + 1000 * ul(n):,.0f}".replace(",", ".")))
    ),
    "no-break spaces around": Trap(
        text(lines("time_s,volume_ul", lambda n: f"{NBSP}{60 * n},{NBSP}{ul(n):.3f}{NBSP}"))
    ),
    "no-break spaces in the header": Trap(text(lines(f"time{NBSP}(s),volume{NBSP}(ul)"))),
    "scientific with a comma": Trap(
        text(lines("time_s;volume_ul", lambda n: f"{60 * n};{ul(n):.5E}".replace(".", ",")))
    ),
    "scientific with a blank before E": Trap(
        text(lines("time_s;volume_ul", lambda n: f"{60 * n};{ul(n):.5E}".replace("E", " E")))
    ),
    "Fortran's D": Trap(text(lines("time_s;volume_ul", lambda n: f"{60 * n};{ul(n):.5E}".replace("E", "D")))),
    "times ten to the": Trap(text(lines("time_s;volume_ul", lambda n: f"{60 * n};{ul(n):.3f}x10^0")), None),
    "negative zero and a flutter around it": Trap(
        text(lines("time_s,volume_ul", lambda n: f"{60 * n},{'-0.000' if n % 2 else '0.000'}")), 0.0
    ),
    "negative zero at the start": Trap(text([lines()[0], "-60,-0.000", *lines()[1:]]), RATE_UL_H * 89 / 90),
    "plus signs": Trap(text(lines("time_s,volume_ul", lambda n: f"+{60 * n},+{ul(n):.3f}"))),
    "sign behind": Trap(text(lines("time_s,volume_ul", lambda n: f"{60 * n},{ul(n):.3f}-")), None, refused=True),
    "parentheses for negative": Trap(text(lines("time_s,flow_ul_h", lambda n: f"{60 * n},(48.9)")), None, refused=True),
    "leading apostrophes": Trap(text(lines("time_s,volume_ul", lambda n: f"'{60 * n},'{ul(n):.3f}"))),
    "formulas": Trap(text(lines("time_s,volume_ul", lambda n: f'{60 * n},"=""{ul(n):.3f}"""')), None),
    "full-width digits": Trap(
        text(
            lines(
                "time_s,volume_ul", lambda n: f"{60 * n},{ul(n):.3f}".translate({48 + d: 0xFF10 + d for d in range(10)})
            )
        ),
        RATE_UL_H,
    ),
    "arabic digits": Trap(
        text(
            lines(
                "time_s,volume_ul", lambda n: f"{60 * n},{ul(n):.3f}".translate({48 + d: 0x660 + d for d in range(10)})
            )
        ),
        RATE_UL_H,
    ),
    "hexadecimal": Trap(
        text(lines("time_s,volume_nl", lambda n: f"{60 * n},0x{int(1000 * ul(n)):x}")), None, refused=True
    ),
    "underscores": Trap(text(lines("time_s,volume_nl", lambda n: f"{60 * n},{int(1000 * ul(n)):_}")), None),
    "a decimal comma in one cell": Trap(
        text(
            [
                *lines("time_s;volume_ul", lambda n: f"{60 * n};{ul(n):.3f}")[:50],
                "2940;39,935",
                *lines("time_s;volume_ul", lambda n: f"{60 * n};{ul(n):.3f}")[51:],
            ]
        ),
        None,
    ),
    "zeros for no value": Trap(
        text(lines("time_s,flow_ul_h", lambda n: f"{60 * n},{0 if n % 10 == 5 else 48.9}")), RATE_UL_H * 0.9
    ),
    # --- units that change
    "g, then mg, in the cells": Trap(
        text(
            lines("time_s,mass", lambda n: f"{60 * n},{ul(n) / 1000:.6f} g" if n < 45 else f"{60 * n},{ul(n):.3f} mg")
        ),
        options=(("density", "1"),),
    ),
    "mg in one cell": Trap(
        text(
            lines("time_s,mass", lambda n: f"{60 * n},{ul(n):.3f} mg" if n == 30 else f"{60 * n},{ul(n) / 1000:.6f} g")
        ),
        options=(("density", "1"),),
    ),
    "µL in the cells of a column of mL": Trap(
        text(lines("time_s,volume_ml", lambda n: f"{60 * n},{ul(n):.3f} µL")), RATE_UL_H
    ),
    "g, then mg, without a word": Trap(
        text(lines("time_s,mass_g", lambda n: f"{60 * n},{ul(n) / 1000 if n < 45 else ul(n):.6f}")),
        None,
        (("density", "1"),),
    ),
    "g, then µL, in a column of units": Trap(
        text(lines("time_s,value,unit", lambda n: f"{60 * n},{ul(n) / 1000:.6f},{'g' if n < 45 else 'ml'}")), None
    ),
    "mass and a column of units": Trap(
        text(lines("time_s,weight,unit", lambda n: f"{60 * n},{ul(n) / 1000:.6f},g")), RATE_UL_H, (("density", "1"),)
    ),
    "mass_g and a column of units that says mg": Trap(
        text(lines("time_s,mass_g,unit", lambda n: f"{60 * n},{ul(n):.3f},mg")), None, (("density", "1"),), refused=True
    ),
    "stable and unstable flags": Trap(
        text(
            lines(
                "time_s,mass_g,status",
                lambda n: (
                    f"{60 * n},{ul(n) / 1000 + (0.05 if n % 7 == 3 else 0):.6f},{'unstable' if n % 7 == 3 else 'stable'}"  # noqa: E501
                ),
            )
        ),
        RATE_UL_H,
        (("density", "1"),),
    ),
    "stability as S and D": Trap(
        text(
            lines(
                "time_s,stability,mass_g",
                lambda n: f"{60 * n},{'D' if n % 7 == 3 else 'S'},{ul(n) / 1000 + (0.002 if n % 7 == 3 else 0):.6f}",
            )
        ),
        RATE_UL_H,
        (("density", "1"),),
    ),
    "dynamic weights at the end": Trap(
        text(
            lines(
                "time_s,mass_g,stable",
                lambda n: f"{60 * n},{ul(n) / 1000 + (0.02 if n > 80 else 0):.6f},{0 if n > 80 else 1}",
            )
        ),
        RATE_UL_H,
        (("density", "1"),),
    ),
    # --- time
    "12 h clock with AM and PM": Trap(text(lines("Time,volume_ul", lambda n: f"{clock(n, NOON_12H)},{ul(n):.3f}"))),
    "12 h clock over noon without AM and PM": Trap(
        text(
            lines(
                "Time,volume_ul",
                lambda n: f"{clock(n, '%m/%d/%Y %I:%M:%S', BEGIN + timedelta(minutes=20))},{ul(n):.3f}",
            )
        ),
        None,
        refused=True,
    ),
    "12 h clock of times of day over midnight": Trap(
        text(
            lines("Time,volume_ul", lambda n: f"{clock(n, '%I:%M:%S %p', BEGIN + timedelta(hours=11.5))},{ul(n):.3f}")
        ),
        None,
    ),
    "day or month first": Trap(
        text(
            lines(
                "Time,volume_ul",
                lambda n: f"{clock(n, '%d/%m/%Y %H:%M:%S', datetime(2026, 4, 3, tzinfo=UTC))},{ul(n):.3f}",
            )
        ),
        None,
    ),
    "day or month first, over midnight": Trap(
        text(
            lines(
                "Time,volume_ul",
                lambda n: f"{clock(n, '%d/%m/%Y %H:%M:%S', datetime(2026, 4, 3, 23, 30, tzinfo=UTC))},{ul(n):.3f}",
            )
        ),
        None,
    ),
    "two-digit years": Trap(
        text(lines("Time,volume_ul", lambda n: f"{clock(n, '%d/%m/%y %H:%M:%S')},{ul(n):.3f}")), RATE_UL_H
    ),
    "two-digit years with points": Trap(
        text(lines("Time,volume_ul", lambda n: f"{clock(n, '%d.%m.%y %H:%M:%S')},{ul(n):.3f}")), RATE_UL_H
    ),
    "names of months": Trap(
        text(lines("Time,volume_ul", lambda n: f"{clock(n, '%d-%b-%Y %H:%M:%S')},{ul(n):.3f}")), RATE_UL_H
    ),
    "time goes back once": Trap(replaced(50, f"2340,{ul(50):.3f}"), None, refused=True),
    "duplicate times": Trap(inserted(50, f"2940,{ul(49):.3f}"), None, refused=True),
    "duplicate times with another value": Trap(inserted(50, "2940,77.7"), None, refused=True),
    "elapsed time starts anew": Trap(
        text([*lines()[:46], *(f"{60 * n},{ul(n + 45):.3f}" for n in range(45))]), None, refused=True
    ),
    "elapsed time starts anew, clocks go on": Trap(
        text(lines("time,elapsed_s,volume_ul", lambda n: f"{clock(n)},{60 * (n % 45)},{ul(n):.3f}"))
    ),
    "newest line first": Trap(text([lines()[0], *reversed(lines()[1:])])),
    "times in hours as fractions, header says s": Trap(
        text(lines("time_s,volume_ul", lambda n: f"{n / 60:.5f},{ul(n):.3f}")), None
    ),
    "minutes without a word": Trap(text(lines("time,volume_ul", lambda n: f"{n},{ul(n):.3f}")), None),
    "time in a word": Trap(text(lines("time_s,volume_ul", lambda n: f"{60 * n} s,{ul(n):.3f}")), RATE_UL_H),
    "hours and minutes alone": Trap(
        text(lines("time,volume_ul", lambda n: f"{n // 60:02d}:{n % 60:02d},{ul(n):.3f}")), None
    ),
    "minutes and seconds over an hour": Trap(text(lines("time,volume_ul", lambda n: f"{n}:00.0,{ul(n):.3f}")), None),
    "an hour missing in the middle": Trap(
        text(
            [
                *lines("time,flow_ul_h", lambda n: f"{clock(n)},48.9")[:46],
                *(f"{clock(n + 60)},48.9" for n in range(45, 90)),
            ]
        ),
        None,
    ),
    "zone in each cell, changing": Trap(
        text(
            lines(
                "time,volume_ul",
                lambda n: (
                    f"{clock(n + (60 if n > 44 else 0), '%Y-%m-%dT%H:%M:%S')}{'+01:00' if n > 44 else '+00:00'},{ul(n):.3f}"  # noqa: E501
                ),
            )
        )
    ),
    "leap second": Trap(
        inserted(
            0,
            "",
            into=lines("time,volume_ul", lambda n: f"{clock(n) if n != 3 else '2026-11-21T12:02:60Z'},{ul(n):.3f}"),
        ),
        None,
    ),
    "a date that is none": Trap(
        inserted(
            0,
            "",
            into=lines("time,volume_ul", lambda n: f"{clock(n) if n != 3 else '2026-02-30T12:02:00Z'},{ul(n):.3f}"),
        ),
        None,
        refused=True,
    ),
    "ISO week dates": Trap(text(lines("time,volume_ul", lambda n: f"{clock(n, '%G-W%V-%uT%H:%M:%SZ')},{ul(n):.3f}"))),
    "epoch that becomes ms": Trap(
        text(
            lines(
                "time,volume_ul", lambda n: f"{int(BEGIN.timestamp() + 60 * n) * (1000 if n > 44 else 1)},{ul(n):.3f}"
            )
        ),
        None,
    ),
}
