"""The numbers that have names on the wire: message types, flags, event and error codes.

A number, once given, keeps its meaning for ever. New ones are added at the end; a reader that meets a number
it does not know keeps it as a plain integer. The firmware's constants are generated from this file, and so are the
tables of docs/protocol.md, with the comments behind the numbers as their last column: they are for its readers.
"""

from enum import IntEnum, IntFlag

RESERVED_NAMES = ("bridge",)  # no rig has these: the topics of the daemon's own begin with them


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
    PROBE_HELD = 2  # the emulated pump still uses the last good value
    PROBE_OUT = 4  # below 30 degC for 10 s: taken for a probe in the air, rest assumed
    PROBE_RANGE = 8  # in place PUMP outside 30-45 degC
    PROBE_ILLUSTRATIVE = 16  # the microcontroller's own sensor: raise no flags from it
    PROBE_EMULATED = 32  # no physical probe: the emulated world is read back
    BAROMETER_FAULT = 64  # a barometer is fitted and gives no valid reading: ambient_pa is absent
    LATE = 128  # sampled more than a tenth of the interval late
    METER_RANGE = 256  # a metered value was cut to what its field can hold: it is no measurement


class TruthFlag(IntFlag):
    """The emulator's inner state, for the training page and for scoring."""

    EXPOSURE = 1  # an exposure (SetEnvironment) is in force
    FAULT = 2  # at least one fault is in force
    NEAR_EMPTY = 4  # the bellows is near its end
    EMPTY = 8  # nothing that can be pumped is left
    CLAMPED = 32  # pump temperature outside the propellant's fitted range


class Fault(IntEnum):
    """Faults that can be injected. They change the truth, never what the rig declares."""

    NONE = 0  # ends all faults
    OCCLUSION = 1  # less flow, or none, at the same drive pressure
    CATHETER_LOOSE = 2  # its tip lies in tissue: outlet pressure falls, nothing reaches the artery
    LEAK = 3  # the flow leaves the pump and a part of it does not arrive
    WARM_POCKET = 4  # the pump is warmer than its surroundings explain


class FaultBit(IntFlag):
    """The same faults as a set: bit n - 1 for Fault n."""

    OCCLUSION = 1
    CATHETER_LOOSE = 2
    LEAK = 4
    WARM_POCKET = 8


class EventCode(IntEnum):
    """What happened on the board. From 128 on: known to the emulator only, never shown to the monitor."""

    BOOT = 1  # value: reset cause as the chip's MicroPython numbers it, 0: unknown; text: the same in words
    PROBE_LOST = 2  # text: why
    PROBE_BACK = 3  # text: which probe, if another one
    PROBE_OUT = 4  # the probe hangs in the air: rest is assumed
    PROBE_IN = 5  # the probe is back in its place
    REFILLED = 6  # value: µL (not nL) now in the reservoir
    WITHDRAWN = 7  # value: µL (not nL) taken out
    FLUSHED = 8  # value: µL (not nL) flushed
    PROFILE_SET = 9  # text: the keys that changed
    FLUID_SET = 10  # value: a Fluid; text: the keys that changed
    RATE_SET = 11  # value: Hz; text: the keys that changed
    SPEED_SET = 12  # value: times real time; text: the keys that changed, or why it is no more
    CONFIG_SET = 13  # text: the keys that changed
    CONFIG_BAD = 14  # text names the key; its default is in force
    TASK_FAILED = 15  # text: the traceback's last lines; the task was started again
    IDENTIFIED = 16  # the board was asked to blink
    EXPOSURE_BEGAN = 128  # value: seconds of pump time
    EXPOSURE_ENDED = 129  # by itself or by a command
    FAULT_BEGAN = 130  # value: a Fault
    FAULT_ENDED = 131  # value: the Fault that ended; one event for each


FIRST_TRUTH_EVENT = 128


class GapReason(IntEnum):
    """Why readings can not be sent any more."""

    RING_OVERFLOW = 1  # the ring was full before they were acknowledged
    NOT_IN_RING = 2  # asked for records that this boot does not hold


class ErrorCode(IntEnum):
    """Why a command was refused."""

    UNKNOWN_COMMAND = 1  # a type that this firmware has never heard of
    NOT_SUPPORTED = 2  # defined, but this board does not do it; text says why
    BAD_LENGTH = 3  # fewer bytes than its fields need, or a text that is not UTF-8
    BAD_VALUE = 4  # text names the field and what is allowed
    WRONG_BOOT = 5  # meant for an earlier boot of this board
    UNKNOWN_KEY = 6  # no such key in the configuration
    STORAGE = 8  # the flash refused: nothing was changed
    INTERNAL = 9  # a fault of the firmware; text and a TASK_FAILED event say which
