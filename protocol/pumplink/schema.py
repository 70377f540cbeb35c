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
    request = "request_id" / Int16ul * "Echoed in ACK or NACK; 0 asks for no answer when all is well."
    return _message(number, name, doc, request, *fields)._replace(once=once)


_TIMES = (
    "uptime_ms" / Int64ul * "Board time since boot.",
    "pump_time_ms" / Int64ul * "Pump time since boot: runs `speed_x` times faster than board time.",
)
_SEQUENCED = (
    "backlog"
    / Int8ul
    * "0: live. 1: sent again, or older than the newest record when sent. Not part of the record's identity.",
    "sequence" / Int32ul * "Counts readings and events of this boot from 1, in one row.",
    *_TIMES,
)
_DECLARED = (
    "rig_name" / FixedText(16) * "Name that people gave the rig; MQTT topics carry it.",
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
    "place" / Coded(Int8ul, codes.Place) * "What the probe touches.",
    "sensor" / Coded(Int8ul, codes.Sensor) * "What measures the temperature.",
    "fitted" / Coded(Int8ul, codes.Fitted) * "Optional parts.",
    "filled_nl" / Int32ul * "Volume in the reservoir right after the last refill, withdrawal or flush.",
    "metered_at_fill_nl" / Int64ul * "Metered volume at that moment: level = filled - (metered volume - this).",
    "rate_hz" / Int8ul * "Readings a second of board time.",
    "speed_x" / Int16ul * "Pump time runs this many times faster than board time.",
)
_BOOT = (
    "boot_count" / Int32ul * "Boots of this board, counted in its flash.",
    "boot_random" / Int32ul * "Drawn at boot: with boot_count the boot id.",
)
_RING = (
    "ring_bytes" / Int32ul * "Memory for records that the host has not acknowledged.",
    "oldest_sequence" / Int32ul * "Oldest record that can still be sent; next_sequence if there is none.",
    "next_sequence" / Int32ul * "Sequence that the next record will get.",
)

HELLO = _message(
    0x01,
    "Hello",
    "Who the board is and what the rig is declared to be. Sent at boot and on request. Its first 23 bytes are the same "
    "in all versions of the protocol.",
    "protocol_major" / Int8ul * "A reader refuses another major version, before it looks at anything else.",
    "protocol_minor" / Int8ul * "Counts additions that an older reader may ignore.",
    "firmware_major" / Int8ul * "Firmware version.",
    "firmware_minor" / Int8ul * "Firmware version.",
    "firmware_patch" / Int8ul * "Firmware version.",
    "platform" / Coded(Int8ul, codes.Platform) * "What executes the firmware.",
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
    "lines_bad" / Int32ul * "Input lines that were no command (noise, CRC, length) since boot.",
    "late_samples" / Int32ul * "Readings taken more than a tenth of the interval late.",
    "answers_dropped"
    / Trailing(Int32ul)
    * "Answers and other unnumbered frames that found no room to wait, since boot.",
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
    "status" / Coded(Int16ul, codes.Status) * "What the instruments know of themselves.",
)
TRUTH = _message(
    0x04,
    "Truth",
    "The emulator's inner state, at most twice a second. For teaching and scoring; the monitor never sees it.",
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
    "delivered_nl" / Int64ul * "Running total of that.",
    "reservoir_level_nl" / Int32ul * "What is left.",
    "reference_flow_nl_h" / Int32ul * "Reference rate of the declared rig.",
    "faults" / Coded(Int8ul, codes.FaultBit) * "Faults in force.",
    "flags" / Coded(Int16ul, codes.TruthFlag) * "Inner state.",
)
MINUTE_SUMMARY = _message(
    0x05,
    "MinuteSummary",
    "One minute of board time in one record, kept in flash while no host listens.",
    *_BOOT,
    "minute" / Int32ul * "Counts the summaries that were kept, from 1, over all boots.",
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
    "Something happened on the board. In the ring and in the sequence, as readings are.",
    *_SEQUENCED,
    "code" / Coded(Int16ul, codes.EventCode) * "What happened.",
    "value" / Int32sl * "Its number, with the unit that EventCode states; 0 where it states none.",
    "text" / TailText() * "Its words, at most 200 bytes.",
)
GAP = _message(
    0x07,
    "Gap",
    "Records that cannot be sent any more: said, never silent.",
    *_BOOT,
    "first" / Int32ul * "First sequence that is lost.",
    "last" / Int32ul * "Last sequence that is lost.",
    "reason" / Coded(Int8ul, codes.GapReason) * "Why.",
)
ACK = _message(
    0x09,
    "Ack",
    "A command was carried out.",
    "request_id" / Int16ul * "The command's.",
    "command" / Int8ul * "The command's type.",
    "uptime_ms" / Int64ul * "Board time at the answer, for time keeping.",
    "text" / TailText() * "The answer, where the command asks for one (JSON for configuration).",
)
NACK = _message(
    0x0A,
    "Nack",
    "A command was refused.",
    "request_id" / Int16ul * "The command's.",
    "command" / Int8ul * "The command's type.",
    "error" / Coded(Int8ul, codes.ErrorCode) * "Why.",
    "text" / TailText() * "Which field, and what is allowed.",
)

COMMANDS = (
    _command(
        0x81,
        "HelloRequest",
        "Send HELLO.",
        "session" / Trailing(Int32ul) * "Drawn once by a host that counts its request ids anew; absent: the same host.",
    ),
    _command(
        0x82,
        "AckThrough",
        "Everything up to this sequence is safe with the host.",
        *_BOOT,
        "sequence" / Int32ul * "Last safe sequence.",
    ),
    _command(
        0x83,
        "ResendFrom",
        "Send the records of this boot from this sequence on (again).",
        *_BOOT,
        "sequence" / Int32ul * "First sequence wanted.",
    ),
    _command(0x84, "Ping", "Answer at once: the Ack's `uptime_ms` brings the clocks together."),
    _command(
        0x86,
        "GetConfig",
        "Answer with the value of a key, or all of them, as JSON.",
        "key" / TailText() * "Empty: all.",
    ),
    _command(
        0x87,
        "SetConfig",
        "Check, keep and use these settings.",
        "settings" / TailText() * "JSON object of keys and values.",
        once=True,
    ),
    _command(0x88, "ResetConfig", "Back to the defaults.", once=True),
    _command(0x89, "SetRate", "Readings a second.", "rate_hz" / Int8ul * "1 to 100.", once=True),
    _command(
        0x8A,
        "SetSpeed",
        "Pump time against board time.",
        "speed_x" / Int16ul * "1 to 10 with a real probe, to 60 on a board, to 600 on a virtual one.",
        once=True,
    ),
    _command(
        0x8B,
        "SetEnvironment",
        "Expose the body for a time; then the board returns to rest by itself.",
        "duration_s" / Int32ul * "Pump time; 0 ends the exposure now.",
        "skin_mc" / Absent(Int32sl) * "Skin temperature that is approached.",
        "core_mc" / Absent(Int32sl) * "Core temperature that is reached at the end, on a straight line.",
        "ambient_pa" / Absent(Int32ul) * "Ambient pressure meanwhile.",
        "outlet_pa" / Absent(Int32ul) * "Outlet pressure meanwhile.",
        once=True,
    ),
    _command(
        0x8C,
        "InjectFault",
        "Break the emulated pump for a time.",
        "fault" / Coded(Int8ul, codes.Fault) * "Which; NONE ends all.",
        "magnitude_permille" / Int16ul * "How much, 0 to 1000; 0 ends this fault.",
        "duration_s" / Int32ul * "Pump time.",
        once=True,
    ),
    _command(0x8D, "SetProfile", "Become another pump.", "profile" / FixedText(12) * "Name of the profile.", once=True),
    _command(
        0x8E,
        "SetFluid",
        "Declare what is in the reservoir.",
        "fluid" / Coded(Int8ul, codes.Fluid) * "Which.",
        "glycerol_permille" / Int16ul * "Mass fraction, with GLYCEROL.",
        once=True,
    ),
    _command(
        0x8F,
        "Refill",
        "Empty the reservoir and fill it.",
        "volume_nl" / Absent(Int32ul) * "Volume; absent: full.",
        once=True,
    ),
    _command(0x90, "Withdraw", "Take fluid out.", "volume_nl" / Absent(Int32ul) * "Volume; absent: all.", once=True),
    _command(0x91, "Flush", "Flush the catheter through its side port.", "volume_nl" / Int32ul * "Volume.", once=True),
    _command(
        0x92,
        "Calibrate",
        "Tell the true temperature of the probe.",
        "point" / Int8ul * "0 or 1: lower, upper point.",
        "reference_mc" / Int32sl * "True temperature, milli-degC.",
        once=True,
    ),
    _command(
        0x93, "SelfTest", "Answer with a JSON list of tests: [name, true, false or null: not tested, what was seen]."
    ),
    _command(0x94, "Identify", "Blink.", once=True),
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
        "Send the summaries that are kept, oldest first, from this minute on (again). Ack tells the first that comes.",
        *_BOOT,
        "minute" / Int32ul * "First minute wanted; 0: all.",
    ),
    _command(
        0x98,
        "AckSummaries",
        "All summaries up to this minute are safe with the host: forget them.",
        *_BOOT,
        "minute" / Int32ul * "Last safe minute.",
    ),
    _command(
        0x99,
        "GetSchema",
        "Answer with what the configuration's keys allow, as JSON, in pages.",
        "first" / Int16ul * "Number of the first key wanted, from 0 on.",
    ),
)
MESSAGES = (HELLO, INFO, TELEMETRY, TRUTH, MINUTE_SUMMARY, EVENT, GAP, ACK, NACK, *COMMANDS)
BY_TYPE = {message.type: message for message in MESSAGES}
BY_NAME = {message.name: message for message in MESSAGES}
