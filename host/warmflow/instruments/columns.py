"""The type of a column of numbers, and what a column's header says: quantity and unit. Bounds by quantity.

One table of units and one of bounds, for every door that a number comes in by.
"""

import re
import unicodedata
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.floating[Any]]


class Quantity(NamedTuple):
    """`units`: spelling to factor into the base unit. `low`, `high`: what can be, in the base unit."""

    name: str
    base: str
    words: frozenset[str]
    units: dict[str, float]
    low: float
    high: float


def words(text: str) -> frozenset[str]:
    """Names that are parted by commas."""
    return frozenset(word.strip() for word in text.split(","))


TIME = Quantity(
    "time", "s",
    words("time, t, elapsed, elapsed time, elapsedtime, relative time, rel time, rel. time, timestamp, time stamp, "
           "run time, runtime, seconds, test time, measurement time, zeit, messzeit, laufzeit, sample time, utc, "
           "time utc, datetime, date time, date/time, date and time, date_time, datum/uhrzeit, datum uhrzeit, "
           "zeitstempel, uhrzeit, local time, clock, unix, unix time, epoch"),
    {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "mins": 60.0, "minute": 60.0,
     "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0, "ms": 0.001,
     "msec": 0.001, "millis": 0.001, "milliseconds": 0.001, "us": 1e-6, "d": 86400.0, "day": 86400.0,
     "days": 86400.0},
    -1e11, 1e11,
)  # fmt: skip
VOLUME = Quantity(
    "volume", "µL",
    words("volume, vol, v, delivered, delivered volume, volume delivered, total volume, volume total, totalizer, "
           "totaliser, total, cumulative volume, cum volume, accumulated volume, infused volume, volume infused, "
           "volumen, gesamtvolumen, dispensed, dispensed volume"),
    {"ul": 1.0, "ml": 1e3, "nl": 1e-3, "l": 1e6, "cl": 1e4, "pl": 1e-6, "microliter": 1.0, "microlitre": 1.0,
     "milliliter": 1e3, "millilitre": 1e3, "cc": 1e3, "cm3": 1e3, "mm3": 1.0},
    -1e7, 1e7,
)  # fmt: skip
MASS = Quantity(
    "mass", "g",
    words("mass, weight, m, w, net, net weight, netweight, net mass, balance, balance reading, gross, scale, "
           "masse, gewicht, nettogewicht, netto"),
    {"g": 1.0, "mg": 1e-3, "ug": 1e-6, "kg": 1e3, "gram": 1.0, "grams": 1.0, "gramm": 1.0},
    -65e3, 65e3,
)  # fmt: skip
_VOLUME_PART = {"ul": 1.0, "ml": 1e3, "nl": 1e-3, "l": 1e6, "pl": 1e-6, "microliter": 1.0, "microlitre": 1.0, "cc": 1e3}
_TIME_PART = {
    "h": 1.0, "hr": 1.0, "hour": 1.0, "min": 60.0, "minute": 60.0, "s": 3600.0, "sec": 3600.0, "second": 3600.0,
    "d": 1 / 24, "day": 1 / 24, "24h": 1 / 24,
}  # fmt: skip
FLOW = Quantity(
    "flow", "µL/h",
    words("flow, flow rate, flowrate, rate, q, measured flow, flow measured, actual flow, fmeasure, liquid flow, "
           "delivery rate, infusion rate, instantaneous flow, average flow, mean flow, durchfluss, fluss, flussrate, "
           "förderrate, volumenstrom, sensor flow"),
    {f"{volume}/{time}": a * b for volume, a in _VOLUME_PART.items() for time, b in _TIME_PART.items()},
    -2e6, 2e6,
)  # fmt: skip
PROBE = Quantity(
    "probe", "°C",
    words("probe, temp, temperature, probe temp, probe temperature, bath, bath temp, bath temperature, water temp, "
           "water temperature, liquid temperature, temperatur, skin temp, skin temperature, t probe"),
    {"c": 1.0, "degc": 1.0, "°c": 1.0, "celsius": 1.0, "deg c": 1.0, "℃": 1.0, "grad c": 1.0},
    -40.0, 80.0,
)  # fmt: skip
AMBIENT = Quantity(
    "ambient", "kPa",
    words("ambient, pressure, ambient pressure, air pressure, barometer, barometric pressure, atmospheric pressure, "
           "baro, luftdruck"),
    {"kpa": 1.0, "hpa": 0.1, "mbar": 0.1, "pa": 0.001, "bar": 100.0, "mmhg": 0.133322, "torr": 0.133322},
    20.0, 130.0,
)  # fmt: skip
QUANTITIES = {one.name: one for one in (TIME, VOLUME, MASS, FLOW, PROBE, AMBIENT)}
BRACKETED = re.compile(r"^(?P<name>.*?)\s*[\[({<]\s*(?P<unit>[^\])}>]*)\s*[\])}>]\s*$")
CLOCK_WORDS = re.compile(r":|utc|gmt|iso|local|hh|yy|clock")
SPACES = re.compile(r"[\s_]+")


class Meaning(NamedTuple):
    """What a header names. `unit` is "" where it says none."""

    quantity: Quantity
    unit: str
    factor: float


def plain(text: str) -> str:
    """Lower case, with one kind of micro sign (u), of blank and of minus."""
    text = unicodedata.normalize("NFKC", text).strip().strip("'\"").strip().lower()
    text = text.replace("µ", "u").replace("μ", "u").replace("−", "-").replace("⋅", "·")  # NFKC makes U+03BC of U+00B5
    return SPACES.sub(" ", text)


def unit_factor(quantity: Quantity, unit: str) -> float | None:
    """Into the base unit; None for a unit that this quantity has not."""
    text = plain(unit).strip(" .")
    for given, meant in (
        ("^-1", "-1"),
        (" per ", "/"),
        (" / ", "/"),
        ("·", " "),
        ("min-1", "/min"),
        ("h-1", "/h"),
        ("s-1", "/s"),
    ):
        text = text.replace(given, meant)
    text = text.replace(" /", "/").replace("liter", "l").replace("litre", "l").replace("microl", "ul")
    if quantity is FLOW and "/" not in text:
        text = "/".join(text.split(" ", 1))
    return quantity.units.get(text)


def is_unit(text: str) -> bool:
    """Whether a text is a unit of any quantity."""
    return any(unit_factor(one, text) is not None for one in QUANTITIES.values())


def meaning(header: str, unit_row: str = "") -> Meaning | None:
    """What a header means: `flow_ul_h`, `Flow [µL/min]`, `Weight (g)`, `Mass/g`, `Time, s`. None for anything else."""
    text = plain(header)
    for name, unit in splits(text, plain(unit_row).strip(" []()")):
        for quantity in QUANTITIES.values():
            if name.rstrip(" .:") not in quantity.words:
                continue
            if not unit:
                return Meaning(quantity, "", 1.0 if quantity is TIME else float("nan"))
            factor = unit_factor(quantity, unit)
            if factor is not None:
                return Meaning(quantity, unit, factor)
            if quantity is TIME and CLOCK_WORDS.search(unit):  # Time (hh:mm:ss), Timestamp [UTC]
                return Meaning(quantity, "", 1.0)
    return None


def splits(text: str, unit_row: str) -> list[tuple[str, str]]:
    """Every way to part a header into a name and a unit, the certain ones first."""
    found = []
    if match := BRACKETED.match(text):
        return [(match["name"].strip(), match["unit"].strip())]
    if unit_row:
        found.append((text, unit_row))
    words = text.split(" ")
    found += [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    for sign in ("/", ","):
        name, there, unit = text.partition(sign)
        if there:
            found.append((name.strip(), unit.strip()))
    return [*found, (text, "")]
