"""The words on the display: eight lines of sixteen characters, from measured values and the state of the board."""

STATES = {
    "identify": "I AM HERE",
    "probe_lost": "PROBE LOST",
    "config_bad": "BAD SETTING",
    "no_host": "NO HOST",
    "rest": "REST ASSUMED",
    "ok": "OK",
}


def lines(rig_name, state, temp_c, flow_nl_h, deviation, ambient_pa):
    """temp_c, deviation (a fraction), ambient_pa: None where there is none."""
    return (
        rig_name,
        "",
        "Probe   --.- C" if temp_c is None else "Probe %6.2f C" % temp_c,
        "Flow %6.1f uL/h" % (flow_nl_h / 1000),
        "Dev       -- %" if deviation is None else "Dev   %+6.1f %%" % (deviation * 100),
        "" if ambient_pa is None else "Air %7.1f hPa" % (ambient_pa / 100),
        STATES[state],
        "bench emulator",
    )
