"""Small files of instruments, as laboratories have them, and the two commands that read them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from typer.testing import CliRunner

from warmflow.cli.main import _register, app
from warmflow.errors import UserError

TIMES = ["2026-11-21T12:00:00Z", "2026-11-21T12:30:00Z", "2026-11-21T13:00:00Z"]
IMPORTED = "time,volume_ul\n" + "".join(f"{t},{v}\n" for t, v in zip(TIMES, (0, 24.45, 48.9), strict=True))
# name to text: the cases of 2026-11-29, as small as possible
CASES: dict[str, str | bytes] = {
    "noise-import.csv": "time,volume_ul\n"
    + "".join(f"2026-11-21T12:0{n}:00Z,{v}\n" for n, v in enumerate((0, 3, 2, 5, 4, 7, 6, 9))),
    "hole-flow.csv": "time_min,flow_ul_h\n" + "".join(f"{n},48.9\n" for n in (*range(11), *range(610, 621))),
    "hole-volume.csv": "time_min,volume_ul\n"
    + "".join(f"{n},{0.815 * n:.3f}\n" for n in range(11))
    + "".join(f"{n},{8.15 + 0.815 * (n - 610):.3f}\n" for n in range(610, 621)),
    "tare-mass.csv": "time_min,mass_g\n" + "".join(f"{n},{(n if n < 6 else n - 6) / 100:.3f}\n" for n in range(16)),
    "overload-mass.csv": "time_min,mass_g\n0,0.0000\n1,0.0008\n2,+9999999E+19\n3,0.0024\n4,0.0033\n5,0.0041\n",
    "a/log.csv": IMPORTED,
    "b/log.csv": "time,volume_ul\n2026-11-21T13:30:00Z,500\n2026-11-21T14:00:00Z,510\n2026-11-21T14:30:00Z,520\n",
    "bridge.csv": IMPORTED,
    "two-channels.csv": "time_s;flow_ul_min;flow_ul_min\n" + "".join(f"{n};1,500;0,815\n" for n in (0, 60, 120, 180)),
    "time-excel-days.csv": "time,flow_ul_h\n" + "".join(f"{46347.5 + n / 1440:.6f},48.9\n" for n in range(6)),
    "thousands-dot.csv": "time_s;flow_nl_h\n0;995\n60;998\n120;1.002\n180;1.005\n240;999\n",
    "import-semicolon.csv": IMPORTED.replace(",", ";").replace(".", ","),
    "import-case.csv": IMPORTED.replace("time,volume_ul", "Time,Volume_uL"),
    "import-negative-flow.csv": "time,flow_ul_h\n"
    + "".join(f"2026-11-21T12:{n}0:00Z,{v}\n" for n, v in enumerate((48.9, -0.3, 0.2, 48.9))),
    "header-savetxt.csv": "# time_s,flow_ul_min\n0.0,0.815\n60.0,0.815\n120.0,0.815\n180.0,0.815\n",
    "header-sep.csv": "sep=;\ntime_s;flow_ul_min\n0;0,815\n60;0,815\n120;0,815\n",
    "header-cp1252.csv": "time_s,flow_µl_min\n0,0.815\n60,0.815\n120,0.815\n".encode("cp1252"),
}


class Answer(NamedTuple):
    """What a command did: `refused` is its one line of complaint."""

    status: int
    numbers: dict[str, Any]
    refused: str
    text: str

    @property
    def mean_ul_h(self) -> float:
        return float(self.numbers["accuracy"][0]["mean_ul_h"])

    @property
    def doubt_ul_h(self) -> float:
        return float(self.numbers["accuracy"][0]["mean_uncertainty_ul_h"])

    @property
    def verdicts(self) -> dict[str, str]:
        return {row["name"]: row["verdict"] for row in self.numbers["verdicts"]}


def case(folder: Path, name: str) -> Path:
    return written(folder, name, CASES[name])


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def command(*arguments: str | Path) -> Answer:
    """Runs one command of warmflow in this process."""
    _register()
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    refused = ""
    if isinstance(result.exception, UserError):
        refused = str(result.exception)
    elif result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    has_json = "--json" in arguments and not refused and result.stdout.startswith("{")
    return Answer(result.exit_code, json.loads(result.stdout) if has_json else {}, refused, result.output)


def report(path: Path | str, *options: str | Path) -> Answer:
    return command("report", path, "--json", *options)


def import_and_report(path: Path, journal: Path, *options: str | Path) -> Answer:
    """Through the journal: the refusal of the import, or the report."""
    taken = command("import", path, "--journal", journal)
    return taken if taken.refused else report(journal, *options)
