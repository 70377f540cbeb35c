"""How good a probe must be: how many degC are 1 % of flow, by the model that the firmware runs. No table of its own.

`python -m rig accuracy` prints it. The slope is taken over +/-0.1 degC, at the pump's resting temperature.
"""

from math import log

from pumpmodel.body import BODIES, rest_pump_c
from pumpmodel.flow import flow_ratio
from pumpmodel.profile import PROFILE_NAMES, profile_named

HALF_C = 0.1
PROBES = (  # name, degC, what that figure is
    (
        "Pico's own sensor, one step",
        0.47,
        "RP2040 data sheet 4.9.5: a step of the ADC; its offset of several degC is not specified",
    ),
    ("DS18B20 as bought", 0.5, "DS18B20 data sheet, -10 to 85 degC"),
    ("DS18B20, one step", 0.0625, "12 bits"),
    ("10k thermistor, 1 % parts", 0.5, "about 0.25 degC each for 1 % of thermistor and resistor at 25 degC, added"),
    ("calibrated in ice and at 37 degC", 0.1, "the limit of a clinical thermometer at best: ASTM E1112, 37 to 39 degC"),
    ("TMP117 as bought", 0.1, "TMP117 data sheet, -20 to 50 degC, most"),
)


def percent_per_c(profile: str, temp_c: float) -> float:
    """Slope of the flow at a pump temperature, in % a degC."""
    row = profile_named(profile)
    low, high = (
        flow_ratio(row.fill, temp_c + shift, outlet_kpa=row.outlet_kpa, label_outlet_kpa=row.outlet_kpa)
        for shift in (-HALF_C, HALF_C)
    )
    return 100.0 * (log(high) - log(low)) / (2 * HALF_C)


def lesson_table() -> str:
    """degC that are 1 % of flow, for each fill."""
    text = "| pump profile | % of flow a degC, at 37 degC | degC that are 1 % of flow "
    text += "| at rest in the average body | degC |\n"
    text += "|---|---|---|---|---|\n"
    rest_c = rest_pump_c("average")
    for name in PROFILE_NAMES:
        label, rest = percent_per_c(name, 37.0), percent_per_c(name, rest_c)
        text += f"| {name} | {label:.1f} | {1 / label:.3f} | {rest:.1f} at {rest_c:.2f} degC | {1 / rest:.3f} |\n"
    return text


def probe_table() -> str:
    """What an error of the probe does to the flow that is shown: as the pump itself, and through skin and pocket."""
    slope = percent_per_c("r11", 37.0)
    shares = {name: share for name, (share, _) in BODIES.items()}
    heads = "".join(f" through the skin, {name} |" for name in shares)
    text = f"| probe | error, degC | as the pump itself |{heads} source of the error |\n"
    text += "|---" * (4 + len(shares)) + "|\n"
    for name, error_c, source in PROBES:
        cells = "".join(f" {slope * error_c * share:.1f} % |" for share in shares.values())
        text += f"| {name} | {error_c:g} | {slope * error_c:.1f} % |{cells} {source} |\n"
    return text
