"""Bits of `Pump.flags`. FAULT_ACTIVE and EXPOSURE_ACTIVE are truth, the others are what a real device could know."""

PROBE_OUT = 1  # in "water" or "skin" below 30 degC for 10 s: rest assumed, no rate flag
PROBE_OUT_OF_BAND = 2  # in "pump" outside 30..45 degC: rate flags are suppressed
OUT_OF_RANGE = 4  # the pump is outside 20..50 degC: pressure and viscosity are those of the nearer limit
NEAR_EMPTY = 8
EMPTY = 16
FAULT_ACTIVE = 32
EXPOSURE_ACTIVE = 64

FLAG_NAMES = (
    (PROBE_OUT, "probe_out"),
    (PROBE_OUT_OF_BAND, "probe_out_of_band"),
    (OUT_OF_RANGE, "out_of_range"),
    (NEAR_EMPTY, "near_empty"),
    (EMPTY, "empty"),
    (FAULT_ACTIVE, "fault_active"),
    (EXPOSURE_ACTIVE, "exposure_active"),
)


def flag_names(flags: int) -> list[str]:
    """The names of the bits that are set, as a list."""
    return [name for bit, name in FLAG_NAMES if flags & bit]
