"""The numbers that have names on the wire: message types, flags, event and error codes.

A number, once given, keeps its meaning for ever. New ones are added at the end; a reader that meets a number
it does not know keeps it as a plain integer. The firmware's constants are generated from this file.
"""

from enum import IntEnum, IntFlag


def spoken(codes: type[IntEnum], number: int) -> str:
    """A code's name in words; the number itself where this version has no name for it."""
    try:
        return codes(number).name.lower().replace("_", " ")
    except ValueError:
        return str(number)


class Platform(IntEnum):
    """What executes the firmware."""

    UNKNOWN = 0
    RP2040 = 1
    RP2350 = 2
    UNIX = 3  # MicroPython's unix port: a virtual Pico
    CPYTHON = 4  # the fallback of a virtual Pico where no MicroPython is to be had


class Fill(IntEnum):
    """Propellant in the sealed chamber."""

    R11 = 1
    R114 = 2
    R123 = 3
    N_BUTANE = 4
    ISOPENTANE = 5
    N_C5F12 = 6


class Fluid(IntEnum):
    """What is in the drug chamber."""

    DRUG = 1  # aqueous: flows as water
    SALINE = 2
    GLYCEROL = 3  # with its mass fraction


class Body(IntEnum):
    """Body preset: how well the pocket is coupled to the skin, and how slowly it follows."""

    DEEP = 1
    AVERAGE = 2
    SLIM = 3


class Place(IntEnum):
    """What the probe touches."""

    WATER = 1
    SKIN = 2
    PUMP = 3


class Sensor(IntEnum):
    """What measures the temperature."""

    NONE = 0
    EMULATED = 1  # no part at all: the emulated world is read back with noise and resolution of a probe
    DIE = 2  # the microcontroller's own: 0.47 degC a step, illustrative only
    DS18B20 = 3
    TMP117 = 4
    NTC = 5


class Fitted(IntFlag):
    """Optional parts that the rig says it has."""

    BAROMETER = 1
    OLED = 2
    BUZZER = 4
    DRIP_LED = 8
    STEPPER = 16


class Status(IntFlag):
    """What the instruments know of themselves at a reading. Never the emulator's inner state."""

    PROBE_FAULT = 1  # no valid conversion: probe_mc is absent
    PROBE_HELD = 2  # the model still uses the last good value
    PROBE_OUT = 4  # below 30 degC for 10 s: taken for a probe in the air, rest assumed
    PROBE_RANGE = 8  # in place "pump" outside 30-45 degC
    PROBE_ILLUSTRATIVE = 16  # die sensor: raise no flags from it
    PROBE_EMULATED = 32  # no physical probe
    BAROMETER_FAULT = 64
    LATE = 128  # sampled more than a tenth of the interval late
    METER_RANGE = 256  # metered value was cut to what its field can hold


class TruthFlag(IntFlag):
    """The emulator's inner state, for the training page and for scoring."""

    EXPOSURE = 1
    FAULT = 2
    NEAR_EMPTY = 4
    EMPTY = 8
    OVERFILLED = 16
    CLAMPED = 32  # pump temperature outside the propellant's fitted range


class Fault(IntEnum):
    """Faults that can be injected. They change the truth, never what the rig declares."""

    NONE = 0  # ends all faults
    OCCLUSION = 1
    CATHETER_LOOSE = 2
    LEAK = 3
    WARM_POCKET = 4


class EventCode(IntEnum):
    """What happened on the board. From 128 on: known to the emulator only, never shown to the monitor."""

    BOOT = 1  # value: reset cause as machine.reset_cause() gives it, 0 where unknown
    PROBE_LOST = 2
    PROBE_BACK = 3
    PROBE_OUT = 4
    PROBE_IN = 5
    REFILLED = 6  # value: µL now in the reservoir
    WITHDRAWN = 7  # value: µL taken out
    FLUSHED = 8  # value: µL flushed
    PROFILE_SET = 9
    FLUID_SET = 10
    RATE_SET = 11  # value: Hz
    SPEED_SET = 12  # value: times real time
    CONFIG_SET = 13
    CONFIG_BAD = 14  # text names the key; defaults are in force
    TASK_FAILED = 15  # text: the traceback's last lines; the task was started again
    IDENTIFIED = 16
    TIME_SET = 17
    EXPOSURE_BEGAN = 128  # value: seconds of pump time
    EXPOSURE_ENDED = 129
    FAULT_BEGAN = 130  # value: a Fault
    FAULT_ENDED = 131


FIRST_TRUTH_EVENT = 128


class GapReason(IntEnum):
    """Why readings can not be sent any more."""

    RING_OVERFLOW = 1
    NOT_IN_RING = 2  # asked for readings that this boot does not hold


class LogLevel(IntEnum):
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


class ErrorCode(IntEnum):
    """Why a command was refused."""

    UNKNOWN_COMMAND = 1
    NOT_SUPPORTED = 2  # defined, but this firmware does not do it
    BAD_LENGTH = 3
    BAD_VALUE = 4  # text names the field and what is allowed
    WRONG_BOOT = 5  # meant for an earlier boot of this board
    UNKNOWN_KEY = 6
    BUSY = 7
    STORAGE = 8
    INTERNAL = 9
