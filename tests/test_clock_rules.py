"""The rules of the house on clocks, read from the source: time is handed in, and few modules may ask for the date.

A date may jump, and a test that reads it passes on some days only. So `READERS` alone read it, and `ROOTS` alone name
the real clocks, as a default or to hand them on; everybody else gets a clock as an argument. Each has its reason.
Times that somebody hands in (`time.gmtime(seconds)`, `new Date(ms)`) are free, and so are steady clocks.
"""

import ast
import re
from collections.abc import Callable, Iterator, Set
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOOKED_AT = ("host", "protocol", "firmware", "hardware", "docs", "tests")
OTHERS = ("node_modules", "vendor", "__pycache__", "build")

READERS = {
    "host/warmflow/runtime/wall_clock.py": "gives the date to everything else",
    "tests/any_day.py": "shifts the date of other processes, by its distance from today",
    "host/warmflow/sinks/web/static/core/now.js": "gives the page the date of its own computer",
}
ROOTS = {
    "host/warmflow/daemon/app.py": "the composition root: hands its clocks to every part of a daemon",
    "host/warmflow/daemon/service.py": "the composition root of the daemon as a service",
    "host/warmflow/cli/selftest.py": "a command: dates its report",
    "host/warmflow/cli/report.py": "a command: dates its report",
    "host/warmflow/device/host_clock.py": "both clocks of this computer in one stamp",
    "host/warmflow/cli/backup.py": "a command: when the backup was made",
    "host/warmflow/cli/journal.py": "a command: when the gaps were written",
    "host/warmflow/journal/journal.py": "a default: commands and scripts open a journal without a daemon",
    "host/warmflow/sinks/mqtt/options.py": "a default: an MQTT sink without a daemon",
    "host/warmflow/device/link/fleet.py": "a default: pumps without a daemon",
    "host/warmflow/device/link/pump_link.py": "a default: commands talk to one board without a daemon",
    "host/warmflow/device/transport/serial_port.py": "a default: a port that is opened by itself",
    "tests/bench/bench_history.py": "a history that ends now, for a daemon that runs",
    "tests/browser/test_bench_page.py": "an alarm of a minute ago, in a browser that runs",
    "tests/browser/test_pages.py": "a note of now, in a browser that runs",
    "tests/browser/test_pump_page.py": "waits beside a browser that runs",
    "tests/browser/test_real_daemon.py": "waits beside a daemon and a browser that run",
    "tests/device/test_hostile_board.py": "a link that has no port",
    "tests/daemon/test_self_mending.py": "a link that has no port",
    "tests/support/chaos.py": "compares what a daemon that runs has dated with the date of now",
    "tests/support/dashboard_site.py": "a site that browsers look at while it runs",
    "tests/support/fuzz_targets.py": "a link that has no port",
    "tests/support/mqtt_bench.py": "alarms beside a broker that runs",
    "tests/support/plain_relay.py": "a bench: dates what arrives now",
    "tests/support/lesson_bench.py": "lessons beside a board that runs",
    "tests/support/training_server.py": "a site that browsers look at while it runs",
}

READS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")), "datetime.date.today",
    "time.time", "time.time_ns", "time.CLOCK_REALTIME", "utime.time", "utime.time_ns", "machine.RTC",
}  # fmt: skip
UNLESS_GIVEN = {  # the date is read if fewer arguments than this are handed in
    "time.localtime": 1, "time.gmtime": 1, "time.ctime": 1, "time.asctime": 1, "time.strftime": 2,
    "utime.localtime": 1, "utime.gmtime": 1, "email.utils.localtime": 1, "email.utils.formatdate": 1,
}  # fmt: skip
REAL_CLOCKS = {"warmflow.runtime.wall_clock.wall_clock", "warmflow.device.host_clock.stamp"}
JS_READS = re.compile(
    r"\bDate\s*\.\s*now\b|\bnew\s+Date\b(?!\s*\(\s*[^)\s])|(?<!new )\bDate\s*\(|\bTemporal\s*\.\s*Now\b"
)
JS_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)


class Source(NamedTuple):
    """One file; `path` is relative to the repository."""

    path: str
    text: str


def sources() -> Iterator[Source]:
    for folder in LOOKED_AT:
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT)
            if path.suffix in (".py", ".js", ".mjs") and not set(OTHERS) & set(inside.parts):
                yield Source(str(inside), path.read_text(encoding="utf-8"))


def _names(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.asname or each.name.partition(".")[0]: each.name for each in node.names if each.asname} | {
                top: top for each in node.names if not each.asname for top in [each.name.partition(".")[0]]
            }
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def _dotted(node: ast.AST, names: dict[str, str]) -> str:
    """`datetime.datetime.now`, whatever it is called here; "" for what is no name of a module."""
    match node:
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Attribute(value=value, attr=attr):
            of = _dotted(value, names)
            return f"{of}.{attr}" if of else ""
        case ast.Call(func=ast.Name(id="getattr"), args=[of, ast.Constant(value=str(attr)), *_]):
            found = _dotted(of, names)
            return f"{found}.{attr}" if found else ""
    return ""


@cache
def _used(source: Source) -> frozenset[str]:
    """All that a Python file uses of other modules; a call with all its arguments is left out."""
    return frozenset(_use_in(ast.parse(source.text)))


def _use_in(tree: ast.Module) -> Iterator[str]:
    names = _names(tree)
    nodes = list(ast.walk(tree))
    given = {
        node.func
        for node in nodes
        if isinstance(node, ast.Call)
        and len(node.args) + len(node.keywords) >= UNLESS_GIVEN.get(_dotted(node.func, names), 1_000)
    }
    yield from (name for name in names.values() if name.endswith(".*"))
    yield from (_dotted(node, names) for node in nodes if node not in given)


def reads_of(source: Source) -> Set[str]:
    """How a file reads the date."""
    if source.path.endswith(".py"):
        return _used(source) & (READS | UNLESS_GIVEN.keys() | {"time.*", "datetime.*", "utime.*"})
    return set(JS_READS.findall(JS_COMMENT.sub("", source.text)))


def clocks_of(source: Source) -> Set[str]:
    """Which real clocks a file names."""
    return _used(source) & REAL_CLOCKS if source.path.endswith(".py") else set()


RULES: dict[str, tuple[Callable[[Source], Set[str]], dict[str, str]]] = {
    "only READERS read the date: hand a Clock in": (reads_of, READERS),
    "only ROOTS name the real clocks: hand a Clock in": (clocks_of, ROOTS),
}


def test_the_date_and_the_real_clocks_are_named_where_the_tables_say() -> None:
    files = tuple(sources())
    for rule, (found, allowed) in RULES.items():  # in one process: each file is parsed once
        broken = {source.path: sorted(names) for source in files if (names := found(source))}
        assert not {path: names for path, names in broken.items() if path not in allowed}, rule
        assert not allowed.keys() - broken.keys(), f"these need no exception (any more, or under this name): {rule}"


def breach(path: str, old: str, new: str) -> Source:
    """A file of the product, made worse."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert old in text
    return Source(path, text.replace(old, new))


DESK = "host/warmflow/journal/async_journal.py"


def test_the_desk_that_reads_the_date_again_breaks_the_rule() -> None:
    worse = breach(DESK, "self.journal.remove_old", "lambda: self.journal.remove_old(datetime.now(UTC))")
    assert not reads_of(Source(DESK, (ROOT / DESK).read_text(encoding="utf-8")))
    assert reads_of(Source(DESK, f"from datetime import UTC, datetime\n{worse.text}")) == {"datetime.datetime.now"}


def test_a_page_that_reads_the_date_again_breaks_the_rule() -> None:
    assert reads_of(breach("host/warmflow/sinks/web/static/core/store.js", "pageNowS()", "Date.now() / 1000"))


PYTHON = [
    "from datetime import datetime\ndatetime.now()",
    "from datetime import datetime as dt\ndt.utcnow()",
    "import datetime as d\nd.datetime.today()",
    "import datetime\ndatetime.date.today()",
    "from datetime import UTC, datetime\nfrom functools import partial\nclock = partial(datetime.now, UTC)",
    "import time\ntime.time()",
    "import time as t\nt.time_ns()",
    "from time import time as seconds\nclock = seconds",
    "import time\ndef f(now=time.time): return now()",
    "import time\ngetattr(time, 'time')()",
    "import time\ntime.clock_gettime(time.CLOCK_REALTIME)",
    "import time\ntime.localtime()",
    "from time import gmtime\nconverter = gmtime",
    "import time\ntime.strftime('%H:%M')",
    "import time\ntime.ctime()",
    "def f():\n    from time import time\n    return time()",
    "from time import *",
    "import utime\nutime.time()",
    "import machine\nmachine.RTC().datetime()",
    "import email.utils\nemail.utils.formatdate()",
]
JS = [
    "Date.now() / 1000", "const now = Date.now;", "new Date()", "new Date", "new Date( ).getTime()", "Date()",
    "Temporal.Now.instant()",
]  # fmt: skip
CLOCKS = [
    "from warmflow.runtime.wall_clock import wall_clock\nwall_clock()",
    "from warmflow.runtime import wall_clock as clocks\nclocks.wall_clock()",
    "from warmflow.device.host_clock import stamp\nstamp()",
    "def f():\n    from warmflow.runtime.wall_clock import wall_clock as now\n    return now()",
]


@pytest.mark.parametrize("text", PYTHON)
def test_a_breach_in_python_is_seen(text: str) -> None:
    assert reads_of(Source("host/warmflow/x.py", text))


@pytest.mark.parametrize("text", JS)
def test_a_breach_in_a_page_is_seen(text: str) -> None:
    assert reads_of(Source("host/warmflow/sinks/web/static/x.js", text))


@pytest.mark.parametrize("text", CLOCKS)
def test_a_module_that_helps_itself_to_the_real_clock_is_seen(text: str) -> None:
    assert clocks_of(Source("host/warmflow/x.py", text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.py", "import time\ntime.monotonic(), time.perf_counter(), time.process_time(), time.sleep(1)"),
        ("x.py", "import time\ntime.clock_gettime(time.CLOCK_BOOTTIME)"),
        ("x.py", "import time\ntime.gmtime(5), time.strftime('%H', time.gmtime(5))"),
        (
            "x.py",
            "from datetime import UTC, datetime\ndatetime.fromtimestamp(5, UTC), datetime(2026, 1, 1, tzinfo=UTC)",
        ),
        ("x.py", "def f(clock):\n    time = clock()\n    return time.time()"),
        ("x.py", "from warmflow.runtime.wall_clock import Clock, ClockWatch"),
        ("x.js", "new Date(timeS * 1000).getHours(); Date.parse(text); performance.now(); Date.UTC(2026, 1)"),
        ("x.js", "// Date.now() is read in now.js\n/* new Date() */"),
    ],
)
def test_what_the_rules_allow_breaks_none(path: str, text: str) -> None:
    source = Source(path, text)
    assert not reads_of(source)
    assert not clocks_of(source)


def test_the_rules_look_at_real_files() -> None:
    seen = {source.path.partition("/")[0] for source in sources()}
    assert seen == set(LOOKED_AT)
    assert any(source.path.endswith(".js") for source in sources())
