"""Named numbers on the wire: message types, flags, event and error codes.

A published number keeps its meaning permanently. New ones are added at the end; a reader that meets a number
it does not know keeps it as a plain integer. The firmware's constants are generated from this file, and so are the
tables of docs/protocol.md, with the comments behind the numbers as their last column: they are for its readers.
"""

from enum import IntEnum, IntFlag

RESERVED_NAMES = ("bridge",)  # no rig has these: the topics of the daemon's own begin with them


def spoken(codes: type[IntEnum], number: int) -> str:
    """The name of a code in words; the number if this version has no name for it."""
    try:
        return codes(number).name.lower().replace("_", " ")
    except ValueError:
        return str(number)


class Platform(IntEnum):
    """Platform that runs the firmware."""

    UNKNOWN = 0
    RP2040 = 1
    RP2350 = 2
    UNIX = 3  # MicroPython's unix port: a virtual Pico
    CPYTHON = 4  # the fallback of a virtual Pico if MicroPython is not available


class Fill(IntEnum):
    """Propellant in the sealed chamber."""

    R11 = 1
    R114 = 2
    R123 = 3
    N_BUTANE = 4
    ISOPENTANE = 5
    N_C5F12 = 6


class Fluid(IntEnum):
    """Fluid in the drug chamber."""

    DRUG = 1  # aqueous: flows as water
    SALINE = 2
    GLYCEROL = 3  # with its mass fraction


class Body(IntEnum):
    """Body preset: how well the pocket is coupled to the skin, and how slowly it follows."""

    DEEP = 1
    AVERAGE = 2
    SLIM = 3


class Place(IntEnum):
    """Where the probe is."""

    WATER = 1
    SKIN = 2
    PUMP = 3


class Sensor(IntEnum):
    """Type of the temperature sensor."""

    NONE = 0
    EMULATED = 1  # no physical sensor: the emulated temperature with a probe's noise and resolution
    DIE = 2  # the microcontroller's own: 0.47 degC a step, illustrative only
    DS18B20 = 3
    TMP117 = 4
    NTC = 5


class Fitted(IntFlag):
    """Optional parts that the rig declares."""

    BAROMETER = 1
    OLED = 2
    BUZZER = 4
    DRIP_LED = 8
    STEPPER = 16


class Status(IntFlag):
    """State of the instruments at a reading. Never the emulator's internal state."""

    PROBE_FAULT = 1  # no valid conversion: probe_mc is absent
    PROBE_HELD = 2  # the emulated pump still uses the last good value
    PROBE_OUT = 4  # below 30 degC for 10 s: the probe is probably in air, rest is assumed
    PROBE_RANGE = 8  # in place PUMP outside 30-45 degC
    PROBE_ILLUSTRATIVE = 16  # the microcontroller's own sensor: raise no flags from it
    PROBE_EMULATED = 32  # no physical probe: the emulated temperature
    BAROMETER_FAULT = 64  # a barometer is fitted and gives no valid reading: ambient_pa is absent
    LATE = 128  # sampled more than a tenth of the interval late
    METER_RANGE = 256  # a metered value was limited to the range of its field and is not a measurement


class TruthFlag(IntFlag):
    """The emulator's internal state, for the training page and for scoring."""

    EXPOSURE = 1  # an exposure (SetEnvironment) is active
    FAULT = 2  # at least one fault is active
    NEAR_EMPTY = 4  # the bellows is near its end
    EMPTY = 8  # no usable volume is left
    CLAMPED = 32  # pump temperature outside the propellant's fitted range


class Fault(IntEnum):
    """Faults that can be injected. They change the ground truth, never the declaration of the rig."""

    NONE = 0  # ends all faults
    OCCLUSION = 1  # less flow, or none, at the same drive pressure
    CATHETER_LOOSE = 2  # its tip lies in tissue: outlet pressure falls, nothing reaches the artery
    LEAK = 3  # a part of the flow that leaves the pump does not arrive
    WARM_POCKET = 4  # the pump is warmer than its surroundings explain


class FaultBit(IntFlag):
    """The same faults as a set: bit n - 1 for Fault n."""

    OCCLUSION = 1
    CATHETER_LOOSE = 2
    LEAK = 4
    WARM_POCKET = 8


class EventCode(IntEnum):
    """Events of the board. Codes from 128 on are known to the emulator only and never shown to the monitor."""

    BOOT = 1  # value: reset cause as numbered by the chip's MicroPython, 0: unknown; text: the same in words
    PROBE_LOST = 2  # text: the reason
    PROBE_BACK = 3  # text: which probe, if another one
    PROBE_OUT = 4  # the probe is not in place: rest is assumed
    PROBE_IN = 5  # the probe is back in its place
    REFILLED = 6  # value: µL (not nL) now in the reservoir
    WITHDRAWN = 7  # value: µL (not nL) taken out
    FLUSHED = 8  # value: µL (not nL) flushed
    PROFILE_SET = 9  # text: the keys that changed
    FLUID_SET = 10  # value: a Fluid; text: the keys that changed
    RATE_SET = 11  # value: Hz; text: the keys that changed
    SPEED_SET = 12  # value: times real time; text: the keys that changed, or why the speed was limited
    CONFIG_SET = 13  # text: the keys that changed
    CONFIG_BAD = 14  # text names the key; its default is used
    TASK_FAILED = 15  # text: the last lines of the traceback; the task was restarted
    IDENTIFIED = 16  # the board blinks on request
    EXPOSURE_BEGAN = 128  # value: seconds of pump time
    EXPOSURE_ENDED = 129  # at the end of its duration, or by a command
    FAULT_BEGAN = 130  # value: a Fault
    FAULT_ENDED = 131  # value: the Fault that ended; one event for each


FIRST_TRUTH_EVENT = 128


class GapReason(IntEnum):
    """Why records can no longer be sent."""

    RING_OVERFLOW = 1  # the ring was full before they were acknowledged
    NOT_IN_RING = 2  # the requested records are not in the ring of this boot


class ErrorCode(IntEnum):
    """Why a command was refused."""

    UNKNOWN_COMMAND = 1  # a type that this firmware does not know
    NOT_SUPPORTED = 2  # defined, but not available on this board; text gives the reason
    BAD_LENGTH = 3  # fewer bytes than its fields need, or a text that is not UTF-8
    BAD_VALUE = 4  # text names the field and what is allowed
    WRONG_BOOT = 5  # meant for an earlier boot of this board
    UNKNOWN_KEY = 6  # no such key in the configuration
    STORAGE = 8  # writing to flash failed: nothing was changed
    INTERNAL = 9  # a fault of the firmware; see text and the TASK_FAILED event
