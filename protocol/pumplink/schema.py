"""THE wire: every message, field by field, in construct. The single source of every byte.

Design. A payload is one type byte and a body of little-endian fields; framing adds the CRC. Bodies are fixed in
size but for one length-prefixed text at the end, so that a board can pack them with `struct` and a stranger can read
them with a ruler. Quantities are scaled integers with the unit in their name (milli-degC, Pa, nL, nL/h, ms):
exact on a board whose floats have 32 bits, and readable in a hex dump. Rejected: protobuf and CBOR (code size on the
board, no fixed offsets), floats (a NaN cannot be compared, and 14 days of nL do not fit in 24 bits).

How the wire grows: see protocol/README.md. In short: numbers are never reused, fields are appended only (`Trailing`),
a reader ignores bytes after the fields it knows, and a message that ends in a text is never extended.
"""

from typing import Any, NamedTuple

from construct import Bytes, Int8ul, Int16ul, Int32sl, Int32ul, Int64ul, Struct

from pumplink import codes
from pumplink.fields import Absent, Coded, FixedText, TailText, Trailing

PROTOCOL_MAJOR = 2  # a reader refuses another one
PROTOCOL_MINOR = 0  # counts additions that an older reader may ignore
MAX_PAYLOAD = 1024


class MessageSpec(NamedTuple):
    """One message: its number, its name, who sends it, what it says, and the construct of its body.

    once: a command that a board carries out once, however often the same request comes.
    """

    type: int
    name: str
    doc: str
    body: Struct
    once: bool = False

    @property
    def from_board(self) -> bool:
        return self.type < 0x80


def _message(number: int, name: str, doc: str, *fields: Any) -> MessageSpec:
    return MessageSpec(number, name, doc, Struct(*fields))


def _command(number: int, name: str, doc: str, *fields: Any, once: bool = False) -> MessageSpec:
    request = "request_id" / Int16ul * "Repeated in Ack or Nack. With 0 the board answers only if it refuses."
    return _message(number, name, doc, request, *fields)._replace(once=once)


_TIMES = (
    "uptime_ms" / Int64ul * "Board time since boot.",
    "pump_time_ms" / Int64ul * "Pump time since boot: runs `speed_x` times faster than board time.",
)
_SEQUENCED = (
    "backlog"
    / Int8ul
    * "0: live. 1: sent again, or older than the newest record when sent. Not part of the record's identity.",
    "sequence" / Int32ul * "Number of the record: readings and events of this boot, counted together from 1.",
    *_TIMES,
)
_DECLARED = (
    "rig_name" / FixedText(16) * "Name of the rig, as used in MQTT topics.",
    "profile" / FixedText(12) * "Name of the pump profile.",
    "fill" / Coded(Int8ul, codes.Fill) * "Propellant.",
    "label_flow_nl_h" / Int32ul * "Labelled rate: at 37.0 degC, sea level, water.",
    "reservoir_nl" / Int32ul * "Volume of a full reservoir.",
    "residual_nl" / Int32ul * "Volume that cannot be pumped out.",
    "spring_pa" / Int32ul * "Bellows spring: half of the change in pressure from full to empty.",
    "declared_outlet_pa" / Int32ul * "Mean pressure at the catheter's tip above ambient.",
    "site_pressure_pa" / Int32ul * "Ambient pressure where the rig was commissioned.",
    "fluid" / Coded(Int8ul, codes.Fluid) * "Fluid in the reservoir.",
    "glycerol_permille" / Int16ul * "Mass fraction of glycerol, with fluid GLYCEROL.",
    "body" / Coded(Int8ul, codes.Body) * "Body preset.",
    "place" / Coded(Int8ul, codes.Place) * "Where the probe is.",
    "sensor" / Coded(Int8ul, codes.Sensor) * "Type of the temperature sensor.",
    "fitted" / Coded(Int8ul, codes.Fitted) * "Optional parts.",
    "filled_nl" / Int32ul * "Volume in the reservoir right after the last refill, withdrawal or flush.",
    "metered_at_fill_nl" / Int64ul * "Metered volume at that moment: level = filled - (metered volume - this).",
    "rate_hz" / Int8ul * "Readings per second of board time.",
    "speed_x" / Int16ul * "Pump time runs this many times faster than board time.",
)
_BOOT = (
    "boot_count" / Int32ul * "Boots of this board, counted in its flash.",
    "boot_random" / Int32ul * "Random number drawn at boot; with boot_count it is the boot id.",
)
_RING = (
    "ring_bytes" / Int32ul * "Memory for records that the host has not acknowledged.",
    "oldest_sequence" / Int32ul * "Oldest record that can still be sent; next_sequence if there is none.",
    "next_sequence" / Int32ul * "Sequence that the next record will get.",
)

HELLO = _message(
    0x01,
    "Hello",
    "Identity of the board and declaration of the rig. Sent at boot and on request. Its first 23 bytes are the same "
    "in all versions of the protocol.",
    "protocol_major" / Int8ul * "A reader refuses another major version, before it reads any other field.",
    "protocol_minor" / Int8ul * "Counts additions that an older reader may ignore.",
    "firmware_major" / Int8ul * "Firmware version.",
    "firmware_minor" / Int8ul * "Firmware version.",
    "firmware_patch" / Int8ul * "Firmware version.",
    "platform" / Coded(Int8ul, codes.Platform) * "Platform that runs the firmware.",
    "board_id" / Bytes(8) * "Unique id of the board.",
    *_BOOT,
    *_TIMES,
    *_RING,
    *_DECLARED,
    "layout"
    / Trailing(Int32ul)
    * "Checksum of all tables of this page as the firmware was built from them; 0 or missing: not stated.",
)
INFO = _message(
    0x02,
    "Info",
    "The declared rig again, after each change and every 10 s, with the board's own health.",
    *_TIMES,
    *_DECLARED,
    "free_heap_bytes" / Int32ul * "Heap free at this moment, garbage not collected.",
    "unacknowledged" / Int32ul * "Records in the ring.",
    "dropped_records" / Int32ul * "Records that the ring had to drop since boot.",
    "commands_ok" / Int32ul * "Commands understood since boot.",
    "lines_bad" / Int32ul * "Input lines that were not valid commands (noise, CRC, length) since boot.",
    "late_samples" / Int32ul * "Readings taken more than a tenth of the interval late.",
    "answers_dropped"
    / Trailing(Int32ul)
    * "Answers and other unnumbered frames dropped because the send queue was full, since boot.",
)
TELEMETRY = _message(
    0x03,
    "Telemetry",
    "One reading: measured values only.",
    *_SEQUENCED,
    "probe_mc" / Absent(Int32sl) * "Probe temperature in milli-degC.",
    "probe_age_ms" / Absent(Int16ul) * "Board time since that temperature was converted.",
    "ambient_pa" / Absent(Int32ul) * "Ambient pressure, where a barometer is fitted.",
    "metered_flow_nl_h" / Int32ul * "Flow as a flow meter would give it: the emulated flow with noise and resolution.",
    "metered_volume_nl" / Int64ul * "The meter's running total since the board's first boot.",
    "status" / Coded(Int16ul, codes.Status) * "State of the instruments at this reading.",
)
TRUTH = _message(
    0x04,
    "Truth",
    "The emulator's internal state, at most twice a second. For teaching and scoring; the monitor never sees it.",
    "sequence" / Int32ul * "Sequence of the latest reading.",
    *_TIMES,
    "skin_mc" / Int32sl * "Skin over the pocket, milli-degC.",
    "core_mc" / Int32sl * "Body core, milli-degC.",
    "pump_mc" / Int32sl * "Pump and propellant, milli-degC.",
    "vapour_pa" / Int32ul * "Vapour pressure of the propellant.",
    "drive_pa" / Int32sl * "Pressure that drives the flow; negative: none.",
    "true_ambient_pa" / Int32ul * "Ambient pressure.",
    "outlet_pa" / Int32ul * "Pressure at the catheter's tip above ambient.",
    "viscosity_npa_s" / Int32ul * "Viscosity of the fluid in nano-Pa.s (water at 37 degC: 691000).",
    "flow_nl_h" / Int32ul * "Flow that leaves the pump.",
    "delivered_flow_nl_h" / Int32ul * "Flow that reaches the artery.",
    "delivered_nl" / Int64ul * "Running total of the delivered volume.",
    "reservoir_level_nl" / Int32ul * "Volume left in the reservoir.",
    "reference_flow_nl_h" / Int32ul * "Reference rate of the declared rig.",
    "faults" / Coded(Int8ul, codes.FaultBit) * "Active faults.",
    "flags" / Coded(Int16ul, codes.TruthFlag) * "Flags of the internal state.",
)
MINUTE_SUMMARY = _message(
    0x05,
    "MinuteSummary",
    "One minute of board time in one record, stored in flash while the host is away.",
    *_BOOT,
    "minute" / Int32ul * "Number of the summary, counted from 1 across all boots.",
    *_TIMES,
    "readings" / Int16ul * "Readings in this minute.",
    "probe_min_mc" / Absent(Int32sl) * "Lowest probe temperature.",
    "probe_mean_mc" / Absent(Int32sl) * "Mean probe temperature.",
    "probe_max_mc" / Absent(Int32sl) * "Highest probe temperature.",
    "flow_min_nl_h" / Int32ul * "Lowest metered flow.",
    "flow_mean_nl_h" / Int32ul * "Mean metered flow.",
    "flow_max_nl_h" / Int32ul * "Highest metered flow.",
    "metered_volume_nl" / Int64ul * "Metered volume at the end of the minute.",
    "status" / Coded(Int16ul, codes.Status) * "All flags that were set in this minute.",
)
EVENT = _message(
    0x06,
    "Event",
    "Something happened on the board. It is in the ring and the sequence, like a reading.",
    *_SEQUENCED,
    "code" / Coded(Int16ul, codes.EventCode) * "What happened.",
    "value" / Int32sl * "Number that belongs to the event, in the unit that EventCode gives; 0 if it gives none.",
    "text" / TailText() * "Text that belongs to the event, at most 200 bytes.",
)
GAP = _message(
    0x07,
    "Gap",
    "Reports records that can no longer be sent.",
    *_BOOT,
    "first" / Int32ul * "First lost sequence.",
    "last" / Int32ul * "Last lost sequence.",
    "reason" / Coded(Int8ul, codes.GapReason) * "Reason.",
)
ACK = _message(
    0x09,
    "Ack",
    "A command was carried out.",
    "request_id" / Int16ul * "Request id of the command.",
    "command" / Int8ul * "Type of the command.",
    "uptime_ms" / Int64ul * "Board time at the answer, for time keeping.",
    "text" / TailText() * "The result, if the command has one (JSON for configuration).",
)
NACK = _message(
    0x0A,
    "Nack",
    "A command was refused.",
    "request_id" / Int16ul * "Request id of the command.",
    "command" / Int8ul * "Type of the command.",
    "error" / Coded(Int8ul, codes.ErrorCode) * "Reason.",
    "text" / TailText() * "The field and what is allowed.",
)

COMMANDS = (
    _command(
        0x81,
        "HelloRequest",
        "Send HELLO.",
        "session"
        / Trailing(Int32ul)
        * "Random number drawn by a host that restarts its request ids; absent: the same host.",
    ),
    _command(
        0x82,
        "AckThrough",
        "The host has stored everything up to this sequence.",
        *_BOOT,
        "sequence" / Int32ul * "Last stored sequence.",
    ),
    _command(
        0x83,
        "ResendFrom",
        "Send the records of this boot from this sequence on (again).",
        *_BOOT,
        "sequence" / Int32ul * "First sequence wanted.",
    ),
    _command(0x84, "Ping", "Answer at once. The Ack's `uptime_ms` is used to synchronise the clocks."),
    _command(
        0x86,
        "GetConfig",
        "Answer with the value of a key, or all of them, as JSON.",
        "key" / TailText() * "Empty: all.",
    ),
    _command(
        0x87,
        "SetConfig",
        "Check, store and apply these settings.",
        "settings" / TailText() * "JSON object of keys and values.",
        once=True,
    ),
    _command(0x88, "ResetConfig", "Restore the default settings.", once=True),
    _command(0x89, "SetRate", "Set the readings per second.", "rate_hz" / Int8ul * "1 to 100.", once=True),
    _command(
        0x8A,
        "SetSpeed",
        "Set how many times faster than board time pump time runs.",
        "speed_x" / Int16ul * "1 to 10 with a real probe, to 60 on a board, to 600 on a virtual one.",
        once=True,
    ),
    _command(
        0x8B,
        "SetEnvironment",
        "Expose the body for a time. Afterwards the board returns to rest.",
        "duration_s" / Int32ul * "Pump time; 0 ends the exposure now.",
        "skin_mc" / Absent(Int32sl) * "Skin temperature to approach.",
        "core_mc" / Absent(Int32sl) * "Core temperature to reach at the end, changing linearly.",
        "ambient_pa" / Absent(Int32ul) * "Ambient pressure during the exposure.",
        "outlet_pa" / Absent(Int32ul) * "Outlet pressure during the exposure.",
        once=True,
    ),
    _command(
        0x8C,
        "InjectFault",
        "Inject a fault into the emulated pump for a time.",
        "fault" / Coded(Int8ul, codes.Fault) * "The fault; NONE ends all faults.",
        "magnitude_permille" / Int16ul * "Magnitude, 0 to 1000; 0 ends this fault.",
        "duration_s" / Int32ul * "Pump time.",
        once=True,
    ),
    _command(
        0x8D, "SetProfile", "Load another pump profile.", "profile" / FixedText(12) * "Name of the profile.", once=True
    ),
    _command(
        0x8E,
        "SetFluid",
        "Declare the fluid in the reservoir.",
        "fluid" / Coded(Int8ul, codes.Fluid) * "The fluid.",
        "glycerol_permille" / Int16ul * "Mass fraction, with GLYCEROL.",
        once=True,
    ),
    _command(
        0x8F,
        "Refill",
        "Empty and fill the reservoir.",
        "volume_nl" / Absent(Int32ul) * "Volume; absent: full.",
        once=True,
    ),
    _command(0x90, "Withdraw", "Withdraw fluid.", "volume_nl" / Absent(Int32ul) * "Volume; absent: all.", once=True),
    _command(0x91, "Flush", "Flush the catheter through its side port.", "volume_nl" / Int32ul * "Volume.", once=True),
    _command(
        0x92,
        "Calibrate",
        "Calibrate the probe with its true temperature.",
        "point" / Int8ul * "0 or 1: lower, upper point.",
        "reference_mc" / Int32sl * "True temperature, milli-degC.",
        once=True,
    ),
    _command(
        0x93, "SelfTest", "Answer with a JSON list of tests: [name, true, false or null: not tested, what was seen]."
    ),
    _command(0x94, "Identify", "Blink the LED.", once=True),
    _command(0x95, "Mute", "Silence the buzzer.", "duration_s" / Int32ul * "Board time.", once=True),
    _command(
        0x96,
        "Reset",
        "Restart the board, a quarter of a second after the answer.",
        "totals" / Int8ul * "0: they are kept. 1: also forget totals and configuration.",
        once=True,
    ),
    _command(
        0x97,
        "RequestSummaries",
        "Send the stored summaries (again), oldest first, from this minute on. The Ack gives the first one.",
        *_BOOT,
        "minute" / Int32ul * "First minute wanted; 0: all.",
    ),
    _command(
        0x98,
        "AckSummaries",
        "The host has stored all summaries up to this minute; the board may delete them.",
        *_BOOT,
        "minute" / Int32ul * "Last stored minute.",
    ),
    _command(
        0x99,
        "GetSchema",
        "Answer with the schema of the configuration keys, as JSON, in pages.",
        "first" / Int16ul * "Number of the first key wanted, from 0 on.",
    ),
)
MESSAGES = (HELLO, INFO, TELEMETRY, TRUTH, MINUTE_SUMMARY, EVENT, GAP, ACK, NACK, *COMMANDS)
BY_TYPE = {message.type: message for message in MESSAGES}
BY_NAME = {message.name: message for message in MESSAGES}
