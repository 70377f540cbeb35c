"""The declared rig, both ways: the model that it means, and the fields that tell it to the host. One table of codes."""

from pump import codec
from pumpmodel import Pump
from pumpmodel.flags import EMPTY, EXPOSURE_ACTIVE, FAULT_ACTIVE, NEAR_EMPTY, OUT_OF_RANGE
from pumpmodel.profile import profile_named

FILLS = {
    "r11": codec.FILL_R11,
    "r114": codec.FILL_R114,
    "r123": codec.FILL_R123,
    "n-butane": codec.FILL_N_BUTANE,
    "isopentane": codec.FILL_ISOPENTANE,
    "nc5f12": codec.FILL_N_C5F12,
}
FLUIDS = {"drug": codec.FLUID_DRUG, "saline": codec.FLUID_SALINE, "glycerol": codec.FLUID_GLYCEROL}
BODIES = {"deep": codec.BODY_DEEP, "average": codec.BODY_AVERAGE, "slim": codec.BODY_SLIM}
PLACES = {"water": codec.PLACE_WATER, "skin": codec.PLACE_SKIN, "pump": codec.PLACE_PUMP}
FAULTS = {
    codec.FAULT_OCCLUSION: "occlusion",
    codec.FAULT_CATHETER_LOOSE: "catheter_loose",
    codec.FAULT_LEAK: "leak",
    codec.FAULT_WARM_POCKET: "warm_pocket",
}
_TRUTH = (
    (EXPOSURE_ACTIVE, codec.TRUTH_FLAG_EXPOSURE),
    (FAULT_ACTIVE, codec.TRUTH_FLAG_FAULT),
    (NEAR_EMPTY, codec.TRUTH_FLAG_NEAR_EMPTY),
    (EMPTY, codec.TRUTH_FLAG_EMPTY),
    (OUT_OF_RANGE, codec.TRUTH_FLAG_CLAMPED),
)


def make_pump(config, level_nl):
    """The model of the configured rig; `level_nl` is what was in the reservoir at the last power cut, None: full."""
    capacity_nl = profile_named(config["profile"]).reservoir_nl
    return Pump(
        config["profile"],
        config["body"],
        config["fluid"],
        config["glycerol_permille"] / 1000,
        config["site_pressure_pa"] / 1000,
        config["place"],
        None if level_nl is None else min(level_nl, capacity_nl),
    )


def change_pump(pump, config):
    """Lets the running model follow settings that changed; what did not change is not touched."""
    if pump.profile.name != config["profile"]:
        pump.set_profile(config["profile"])
    if pump.body_name != config["body"]:
        pump.set_body(config["body"])
    fraction = config["glycerol_permille"] / 1000
    if (pump.fluid, pump.glycerol_fraction) != (config["fluid"], fraction):
        pump.set_fluid(config["fluid"], fraction)
    if pump.site_pressure_kpa != config["site_pressure_pa"] / 1000:
        pump.set_site_pressure(config["site_pressure_pa"] / 1000)
    if pump.place != config["place"]:
        pump.place_probe(config["place"])


def truth_flags(pump):
    flags = 0
    for bit, flag in _TRUTH:
        if pump.flags & bit:
            flags |= flag
    return flags


def rig_name(app):
    """The given name, else one that no other board has."""
    return app.config["rig_name"] or "pico-%02x%02x" % (app.board.board_id[-2], app.board.board_id[-1])


def fields(app):
    """What HELLO and INFO declare, by field name."""
    config, profile = app.config, app.pump.profile
    return {
        "rig_name": rig_name(app),
        "profile": profile.name,
        "fill": FILLS[profile.fill],
        "label_flow_nl_h": int(profile.label_nl_h + 0.5),
        "reservoir_nl": profile.reservoir_nl,
        "residual_nl": profile.residual_nl,
        "spring_pa": int(profile.spring_half_range_kpa * 1000 + 0.5),
        "declared_outlet_pa": int(profile.outlet_kpa * 1000 + 0.5),
        "site_pressure_pa": config["site_pressure_pa"],
        "fluid": FLUIDS[config["fluid"]],
        "glycerol_permille": config["glycerol_permille"],
        "body": BODIES[config["body"]],
        "place": PLACES[config["place"]],
        "sensor": app.probe.code,
        "fitted": app.fittings.fitted,
        "filled_nl": app.filled_nl,
        "metered_at_fill_nl": app.metered_at_fill_nl,
        "rate_hz": config["rate_hz"],
        "speed_x": config["speed_x"],
    }
