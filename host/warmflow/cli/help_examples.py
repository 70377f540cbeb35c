"""Examples at the end of each command's help. A test parses every one of them."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "run": (
        "warmflow run                                     every Pico; a broker is started here",
        "warmflow run --port /dev/ttyACM0 --broker-port 1883",
        "warmflow run --broker mqtts://broker.example     8883 is the default port for TLS",
        "warmflow run --config /etc/warmflow/warmflow.toml",
        "warmflow run --record recordings                 for `warmflow replay`",
    ),
    "replay": (
        "warmflow replay recordings --speed max --journal replayed.sqlite",
        "warmflow replay recordings/dev-ttyACM0_20261121T120000_0000000010001.wfrec --speed 10",
    ),
    "import": (
        "warmflow import balance.csv --pump balance      columns time,volume_ul or time,flow_ul_h",
        "warmflow import readings.csv                    a file from `warmflow export`",
    ),
    "check-config": (
        "warmflow check-config                            the file that `warmflow run` would read",
        "warmflow check-config my.toml",
        "warmflow check-config --example > warmflow.toml  an example to start from",
    ),
    "emulate": (
        "warmflow emulate --speed 60 --name rig           then: warmflow run --port PORT (it prints the port)",
        "warmflow emulate --engine cpython --profile n-butane",
    ),
    "demo": (
        "warmflow demo                                    a hot tub of 42 °C at 60 times real time",
        "warmflow demo --scenario sauna --plain",
    ),
    "ports": ("warmflow ports",),
    "firmware": ("warmflow firmware build/firmware",),
    "dump": (
        "warmflow dump /dev/ttyACM0                       no other program may have the port open",
        "warmflow dump --brief --count 20 /dev/ttyACM0",
        "cat recorded.bin | warmflow dump -",
    ),
    "export": (
        "warmflow export --pump rig readings.csv",
        "warmflow export --from 2026-11-21T12:00 --to 2026-11-22 readings.csv",
    ),
    "journal check": ("warmflow journal check", "warmflow journal check old/journal.sqlite"),
    "journal salvage": ("warmflow journal salvage damaged.sqlite salvaged.sqlite",),
    "journal forget": ("warmflow journal forget mqtt",),
    "backup": (
        "warmflow backup bench.backup                     while the daemon runs",
        "warmflow backup bench.backup --config /etc/warmflow/warmflow.toml",
    ),
    "restore": (
        "warmflow restore bench.backup                    the daemon must not run",
        "warmflow restore bench.backup --journal copy.sqlite",
    ),
    "flash": (
        "warmflow flash                                   the only Pico that is plugged in",
        "warmflow flash --dry-run /dev/ttyACM0",
    ),
    "selftest": ("warmflow selftest --port /dev/ttyACM0", "warmflow selftest --no-questions --json report.json"),
    "watch": (
        "warmflow watch                                   a broker at 127.0.0.1:1883",
        "warmflow watch --broker mqtt://bench.example:1883",
    ),
    "simulate": (
        "warmflow simulate                                lists the scenarios",
        "warmflow simulate hot-tub-42 --plot tub.png",
        "warmflow simulate hot-tub-42 --compare n-butane --csv flow.csv",
    ),
    "report": (
        "warmflow report rig --profile r11 --limits rate_percent=10,flags=0",
        "warmflow report balance.csv --density 0.9982 --reference-ul-h 48.9",
        "warmflow report --scenario hot-tub-42 --out hot-tub.html",
    ),
    "dose": ("warmflow dose --dose 0.15 --weight 70 --flow 1.3", "warmflow dose --fill-mg 150 --actual-flow 1.5"),
    "train": (
        "warmflow train --open                            opens the page in a browser; uses a virtual Pico",
        "warmflow train --port /dev/ttyACM0               also on a real rig",
        "warmflow train --lessons my/lessons",
    ),
    "lesson list": ("warmflow lesson list", "warmflow lesson list --lessons my/lessons"),
    "lesson check": (
        "warmflow lesson check                            all lessons; status 1 if one cannot be used",
        "warmflow lesson check my/lessons/ice-bath.toml",
    ),
    "lesson show": (
        "warmflow lesson show hot-tub",
        "warmflow lesson show hot-tub --plan plan.html    the printable plan for the instructor",
    ),
    "lesson export": (
        "warmflow lesson export hot-tub                   one page with everything in it: hot-tub.html",
        "warmflow lesson export hot-tub --out ward.html",
    ),
    "lesson report": ("warmflow lesson report training-20261122T090000+0000.jsonl --out session.html",),
    "explain": (
        "warmflow explain                                 now, from the running daemon",
        "warmflow explain rig --at 2026-11-21T12:00       a past moment, from the journal",
        "warmflow explain rig --json",
    ),
    "alarm list": ("warmflow alarm list", "warmflow alarm list rig --all --json"),
    "alarm history": ("warmflow alarm history --hours 48",),
    "alarm ack": ("warmflow alarm ack rig rate --by Kim", "warmflow alarm ack rig rate -m 'out of the tub'"),
    "alarm shelve": ("warmflow alarm shelve rig probe --minutes 30",),
    "alarm unshelve": ("warmflow alarm unshelve rig probe",),
    "alarm unlatch": ("warmflow alarm unlatch rig dose",),
    "alarm comment": ("warmflow alarm comment rig rate 'pad removed'",),
    "limits show": ("warmflow limits show", "warmflow limits show --pump rig --json"),
    "limits set": (
        "warmflow limits set --pump rig rate_low_above_percent=5 --by Kim",
        "warmflow limits set dose_low_percent=1",
    ),
    "limits reset": ("warmflow limits reset --pump rig rate_low_above_percent",),
    "adopt": ("warmflow adopt left e6614c311b7e6f35", "warmflow adopt left /dev/ttyACM1 --by Kim"),
    "config get": ("warmflow config get", "warmflow config get rig_name rate_hz"),
    "config set": ("warmflow config set rig_name=left rate_hz=10",),
    "config calibrate": ("warmflow config calibrate low 20.0", "warmflow config calibrate high 40.0"),
    "config reset": ("warmflow config reset",),
}


def epilog(command: str) -> str | None:
    """The text after the options; None for a command without examples."""
    lines = EXAMPLES.get(command)
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)]) if lines else None


def first_paragraph(text: str | None) -> str | None:
    """The part of a docstring that is for users: `Raises` and `Ref` are for readers of the code."""
    return text.strip().partition("\n\n")[0] if text else None
