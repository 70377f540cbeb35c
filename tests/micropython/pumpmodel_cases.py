"""A table of cases for pumpmodel, run by CPython and by MicroPython alike: prints `name value` lines to compare.

Usage: INTERPRETER pumpmodel_cases.py LIBRARY_FOLDER table|tub HOURS. Uses nothing that MicroPython lacks.
"""

import sys

sys.path.insert(0, sys.argv[1])

from pumpmodel import (
    BODY_NAMES,
    FILL_NAMES,
    PROFILE_NAMES,
    Pump,
    PumpModelError,
    altitude_pressure_kpa,
    depth_pressure_kpa,
    flow_ratio,
    reference_flow_nl_h,
    vapour_pressure_clamped,
    vapour_pressure_kpa,
    viscosity_mpa_s,
    zero_flow_depth_m,
)


def show(name, value):
    """One line; floats with all their digits."""
    print(name.replace(" ", "_"), repr(value).replace(" ", ""))


def points():
    """The functions, at points over their whole range."""
    for fill in FILL_NAMES:
        for temp_c in (20.0, 30.0, 37.0, 41.3, 50.0):
            show(f"vapour {fill} {temp_c}", vapour_pressure_kpa(fill, temp_c))
            show(f"ratio {fill} {temp_c}", flow_ratio(fill, temp_c))
        show(f"clamped {fill}", vapour_pressure_clamped(fill, 60.0)[0])
        show(f"depth {fill}", zero_flow_depth_m(fill))
    for fraction in (0.0, 0.1, 0.5, 1.0):
        show(f"glycerol {fraction}", viscosity_mpa_s("glycerol", 37.0, fraction))
    show("altitude", altitude_pressure_kpa(2438.4))
    show("water", depth_pressure_kpa(10.0, "fresh"))
    for profile in PROFILE_NAMES:
        for body in BODY_NAMES:
            show(f"reference {profile} {body}", reference_flow_nl_h(profile, body))


def refusals():
    """Errors are errors here too."""
    pump = Pump()
    for name, call in (
        ("cold", lambda: vapour_pressure_kpa("r11", 19.0)),
        ("fill", lambda: vapour_pressure_kpa("r12", 37.0)),
        ("step", lambda: pump.step(1.5)),
        ("nan", lambda: pump.step(float("nan"))),
        ("over-fill", lambda: pump.refill(30_000_001)),
        ("fault", lambda: pump.fault("gremlin", 0.5)),
    ):
        try:
            call()
            show("refused " + name, False)
        except PumpModelError as error:
            show("refused " + name, str(error))


def state(name, pump):
    """Everything that a pump shows."""
    for attribute in ("skin_c", "core_c", "pump_c", "vapour_kpa", "drive_kpa", "ambient_kpa", "outlet_kpa"):
        show(name + " " + attribute, getattr(pump, attribute))
    for attribute in ("viscosity_mpa_s", "occlusion", "flow_nl_h", "delivered_flow_nl_h", "reference_flow_nl_h"):
        show(name + " " + attribute, getattr(pump, attribute))
    for attribute in ("pumped_nl", "delivered_nl", "reservoir_nl", "flags"):
        show(name + " " + attribute, getattr(pump, attribute))


def run(pump, steps, dt_s=1.0):
    """Step a pump, and return it."""
    for _ in range(steps):
        pump.step(dt_s)
    return pump


def pumps():
    """Short runs that pass through every part of a pump."""
    for profile in PROFILE_NAMES:
        pump = Pump(profile, body="slim", place="skin")
        pump.touch(36.5)
        state(profile, run(pump, 60))
    pump = Pump(fill_nl=505_000)
    pump.fault("leak", 0.3, 400)
    pump.expose(skin_c=41.0, core_c=38.0, ambient_kpa=95.0, outlet_kpa=10.0, duration_s=300)
    state("exposed", run(pump, 200))
    state("back", run(pump, 900, 0.3))
    pump.touch(22.0)
    state("desk", run(pump, 110, 0.1))
    pump.set_fluid("glycerol", 0.3)
    pump.refill(20_000_000)
    pump.fault("warm_pocket", 1.0)
    pump.fault("occlusion", 0.5)
    state("warm", run(pump, 300))
    pump.place_probe("pump")
    pump.touch(39.0)
    state("direct", run(pump, 5))


def tub(hours):
    """The first tub of a day: 42 degC for 30 min, stepped at 1 s."""
    pump = Pump()
    run(pump, 600)
    pump.expose(skin_c=41.5, core_c=38.5, duration_s=1800)
    for hour in range(hours):
        state(f"tub {hour + 1} h", run(pump, 3600))


if sys.argv[2] == "table":
    points()
    refusals()
    pumps()
else:
    tub(int(sys.argv[3]))
