"""The rules of the house on imports, read from the source by `ast`: nothing is imported to check what may be imported.

Each rule is a function from a module (its dotted name and its imports) to what it must not import; the text of the rule
is the failure's message. Imports under `if TYPE_CHECKING` are not there at run time and do not count.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ROOTS = ("protocol", "protocol/gen", "firmware/src", "firmware/lib", "host")  # longest match names a module
HARDWARE = {"machine", "rp2"}
NOT_ON_THE_BOARD = {"typing", "enum", "dataclasses", "__future__"}
FIRMWARE_ONLY = {"pump", "parts", "board", "main"}
# all that the monitor may take from the standard library: nothing in it reads a clock, a file, a port or chance
PURE = {
    "__future__", "abc", "bisect", "collections", "dataclasses", "decimal", "enum", "fractions", "functools", "heapq",
    "itertools", "math", "operator", "re", "statistics", "string", "typing",
}  # fmt: skip
# the one import order of the host: what stands in one row may not import one another
ORDER = (
    ("errors", "level_words", "notice", "version"), ("runtime",), ("monitor",), ("simulation",), ("instruments",),
    ("device",), ("hub",), ("journal",), ("alarms",), ("api",), ("training", "report"), ("sinks",), ("daemon",),
    ("cli",), ("__main__",),
)  # fmt: skip
GENERATOR_FILES = tuple((ROOT / "protocol/gen").glob("*.py"))
IMPURE_BUILTINS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}


class Module(NamedTuple):
    """One source file: `package` is the distribution it belongs to, `imports` dotted names as they are written."""

    path: str
    name: str
    imports: frozenset[str]
    calls: frozenset[str]


def _source_root(path: str) -> str:
    return max((root for root in SOURCE_ROOTS if path.startswith(root + "/")), key=len)


def read(path: str, source: str) -> Module:
    """What a source file imports and which names it calls. `path` is relative to the repository."""
    inner = path.removeprefix(_source_root(path) + "/").removesuffix(".py").removesuffix("/__init__")
    name = inner.replace("/", ".")
    package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
    imports, calls = set(), set()
    for node in _at_run_time(ast.parse(source)):
        imports.update(_imported(node, package))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls.add(node.func.id)
    return Module(path, name, frozenset(imports), frozenset(calls))


def _dotted(node: ast.expr) -> str:
    """`a.b` as it is written; "" for anything else. (`ast.unparse` takes a minute for all of the house.)"""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _dotted(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for other in child.orelse:
                yield from _at_run_time(other)
        else:
            yield from _at_run_time(child)


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
        module = ".".join(part for part in (base, node.module or "") if part)
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and _dotted(node.func) in {"__import__", "importlib.import_module"}:
        yield from (arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant))


@cache
def modules() -> list[Module]:
    files = sorted(path for root in ("protocol", "firmware", "host") for path in (ROOT / root).rglob("*.py"))
    inside = [str(path.relative_to(ROOT)) for path in files]
    wanted = [path for path in inside if any(path.startswith(root + "/") for root in SOURCE_ROOTS)]
    return [read(path, (ROOT / path).read_text(encoding="utf-8")) for path in wanted]


def top(name: str) -> str:
    return name.partition(".")[0]


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _pumplink(module: Module) -> set[str]:
    if top(module.name) != "pumplink":
        return set()
    if module.path.endswith("/framing.py"):
        return {name for name in module.imports if top(name) != "binascii"}
    return {name for name in module.imports if top(name) not in {*sys.stdlib_module_names, "construct", "pumplink"}}


def _pumpmodel(module: Module) -> set[str]:
    if top(module.name) != "pumpmodel":
        return set()
    return {name for name in module.imports if top(name) not in {"math", "pumpmodel"}}


def _hardware(module: Module) -> set[str]:
    if module.path == "firmware/src/board/pico.py":
        return set()
    return {name for name in module.imports if top(name) in HARDWARE}


def _firmware(module: Module) -> set[str]:
    on_board = module.path.startswith("firmware/") or module.path.endswith("pumplink/framing.py")
    return {name for name in module.imports if on_board and top(name) in NOT_ON_THE_BOARD}


def _host(module: Module) -> set[str]:
    if top(module.name) != "warmflow":
        return set()
    return {name for name in module.imports if top(name) in FIRMWARE_ONLY | {"construct"}}


def _monitor(module: Module) -> set[str]:
    if not within(module.name, "warmflow.monitor"):
        return set()
    own = ("warmflow.monitor", "pumplink", "pumpmodel")
    impure = {
        name for name in module.imports if top(name) not in PURE and not any(within(name, package) for package in own)
    }
    # `from warmflow import monitor` is written as warmflow and warmflow.monitor: the package itself does nothing
    return (impure - {"warmflow"}) | {f"{name}()" for name in module.calls & IMPURE_BUILTINS}


def _order(module: Module) -> set[str]:
    """Its own package and what stands to the left in ORDER; everything else of warmflow is refused."""
    if top(module.name) != "warmflow" or "." not in module.name:
        return set()
    own = module.name.split(".")[1]
    ranks = {name: rank for rank, names in enumerate(ORDER) for name in names}
    used = {name.split(".")[1] for name in module.imports if within(name, "warmflow") and "." in name}
    return {
        f"warmflow.{own} -> warmflow.{name}"
        for name in used
        if name != own and ranks.get(name, len(ORDER)) >= ranks.get(own, -1)
    }


def _sinks_apart(module: Module) -> set[str]:
    for own, other in (("warmflow.sinks.mqtt", "warmflow.sinks.web"), ("warmflow.sinks.web", "warmflow.sinks.mqtt")):
        if within(module.name, own):
            return {name for name in module.imports if within(name, other)}
    return set()


def _nearest_name(module: Module) -> set[str]:
    if module.path == "host/warmflow/runtime/text.py":
        return set()
    return {name for name in module.imports if within(module.name, "warmflow") and top(name) == "difflib"}


def _generator(module: Module) -> set[str]:
    if not module.path.startswith("protocol/gen/"):
        return set()
    own = {Path(each).stem for each in GENERATOR_FILES}
    return {
        name for name in module.imports if top(name) not in {*sys.stdlib_module_names, *own, "construct", "pumplink"}
    }


RULES: dict[str, Callable[[Module], set[str]]] = {
    "pumplink imports the standard library and construct; framing.py, for the board, binascii only": _pumplink,
    "pumpmodel imports math only: no clock, no I/O, no randomness": _pumpmodel,
    "only board/pico.py imports machine or rp2": _hardware,
    "firmware (and framing.py, which runs there) has no typing, enum or dataclasses at run time": _firmware,
    "host imports pumplink and pumpmodel, never construct or the rest of firmware": _host,
    "monitor does no I/O and reads no clock: pure standard modules, pumplink, pumpmodel and itself only": _monitor,
    "packages of the host import in one order, only to the left": _order,
    "sinks.mqtt and sinks.web never import each other": _sinks_apart,
    "the nearest name to a typo is found by runtime.text: nobody else imports difflib": _nearest_name,
    "protocol/gen reads the schema only: nothing of the host or the firmware": _generator,
}


@pytest.mark.parametrize("rule", RULES)
def test_house_rule(rule):
    broken = {module.path: sorted(RULES[rule](module)) for module in modules() if RULES[rule](module)}
    assert not broken, f"{rule}. Broken by: {broken}"


BREACHES = [
    ("protocol/pumplink/x.py", "import serial", "pumplink imports"),
    ("protocol/pumplink/framing.py", "import zlib", "pumplink imports"),
    ("protocol/pumplink/framing.py", "from typing import Any", "firmware (and"),
    ("firmware/lib/pumpmodel/heat.py", "def f():\n    import time", "pumpmodel imports"),
    ("firmware/src/board/virtual.py", "try:\n    import machine\nexcept ImportError: pass", "only board/pico.py"),
    ("host/warmflow/cli/emulate.py", "__import__('rp2')", "only board/pico.py"),
    ("firmware/src/pump/app.py", "from dataclasses import dataclass", "firmware (and"),
    ("host/warmflow/cli/dump.py", "import construct.core", "host imports"),
    ("host/warmflow/cli/dump.py", "from pump import codec", "host imports"),
    ("host/warmflow/cli/dump.py", "import importlib\nimportlib.import_module('board.virtual')", "host imports"),
    ("host/warmflow/monitor/flags.py", "from datetime import datetime", "monitor does"),
    ("host/warmflow/monitor/flags.py", "from ..hub import Hub", "monitor does"),
    ("host/warmflow/monitor/flags.py", "from warmflow import config", "monitor does"),
    ("host/warmflow/monitor/__init__.py", "from .. import session", "monitor does"),
    ("host/warmflow/monitor/flags.py", "open('x')", "monitor does"),
    ("host/warmflow/sinks/mqtt/publisher.py", "from warmflow.sinks.web import server", "sinks.mqtt and"),
    ("host/warmflow/sinks/web/server.py", "from warmflow.sinks import mqtt", "sinks.mqtt and"),
    ("host/warmflow/hub.py", "from warmflow.sinks import mqtt", "packages of the host"),
    ("host/warmflow/report/build.py", "from warmflow.training import lesson", "packages of the host"),
    ("host/warmflow/device/link/fleet.py", "def f():\n    from warmflow.hub import Hub", "packages of the host"),
    ("host/warmflow/sinks/mqtt/publisher.py", "from warmflow.daemon.app import run", "packages of the host"),
    ("host/warmflow/daemon/config/keys.py", "from difflib import get_close_matches", "the nearest name"),
    ("protocol/gen/emit_table.py", "from warmflow.device.firmware.files import firmware_files", "protocol/gen reads"),
    ("protocol/gen/emit_table.py", "import pump.codec", "protocol/gen reads"),
    ("host/warmflow/newcomer/x.py", "from warmflow.errors import UserError", "packages of the host"),
]


@pytest.mark.parametrize(("path", "source", "rule"), BREACHES)
def test_a_breach_is_seen(path, source, rule):
    [check] = [check for text, check in RULES.items() if text.startswith(rule)]
    assert check(read(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("host/warmflow/monitor/flags.py", "from . import cause\nfrom pumplink.messages import Telemetry\nimport math"),
        ("host/warmflow/monitor/flags.py", "from warmflow.monitor.cause import Cause\nfrom collections import abc"),
        ("firmware/src/pump/app.py", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Any"),
        ("firmware/src/board/pico.py", "import machine, rp2"),
        ("firmware/lib/pumpmodel/heat.py", "from math import exp\nfrom pumpmodel import flow\nfrom . import fluid"),
        ("host/warmflow/daemon/app.py", "from warmflow.sinks import mqtt\nfrom warmflow.device.transport import port"),
        ("host/warmflow/sinks/record_stream.py", "from warmflow.journal import Journal"),
    ],
)
def test_what_the_rules_allow_breaks_none(path, source):
    assert not {rule: check(read(path, source)) for rule, check in RULES.items() if check(read(path, source))}


def test_a_reversed_import_names_the_two_packages():
    module = read("host/warmflow/monitor/flags.py", "from warmflow.daemon import app")
    assert _order(module) == {"warmflow.monitor -> warmflow.daemon"}


def test_the_order_names_every_package_and_nothing_else():
    entries = {module.name.split(".")[1] for module in modules() if module.name.startswith("warmflow.")}
    assert entries == {name for names in ORDER for name in names}


def test_the_rules_look_at_real_files():
    seen = {top(module.name) for module in modules()}
    assert {"pumplink", "pump", "board", "warmflow", "pumpmodel"} <= seen
