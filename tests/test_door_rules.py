"""The rules of the house on files and terminals, read from the source: one door each to write, to print, to read text.

A file is written by `runtime.output_file`, which refuses inputs and journals and leaves no half file. A line is printed
by `runtime.console`, which lets nothing pass that could steer a terminal. Text is read by `runtime.text_file`, which
knows byte order marks and names encodings. JSON is read by `runtime.json_text`, which takes nothing that only Python
takes. Whoever does it elsewhere is listed here with the reason.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from source_files import python_files, tree_of

ROOT = Path(__file__).resolve().parents[1]
HOST = ROOT / "host" / "warmflow"

WRITERS = {
    "runtime/output_file.py": "the door",
    "runtime/private_files.py": "opens what this user alone may read: a part of the door",
    "runtime/whole_file.py": "a part of the door: writes beside and renames",
    "journal/tables.py": "SQLite opens its own files",
    "journal/remake.py": "the journal made anew after its file was removed; what stands in the way is moved aside",
    "journal/salvage.py": "SQLite writes the new journal; the name must be free",
    "daemon/backup.py": "an archive beside its place; the name must be free",
    "daemon/restore.py": "puts whole files in place; what is there is kept",
    "journal/file_lock.py": "a lock; its content means nothing",
    "device/virtual/rp2040_child.py": "an emulated flash: renamed, not flushed, as a power cut would leave it",
    "runtime/console.py": "hands standard output over to the null device after a failure",
    "simulation/plot.py": "draws into memory; the door writes the bytes",
    "device/virtual/littlefs_image.py": "files of a file system in memory",
}
PRINTERS = {
    "runtime/console.py": "the door",
    "runtime/logs.py": "the log: each line is made printable",
    "runtime/progress_bar.py": "the bar on standard error: its texts are made printable",
    "cli/main.py": "asks which kind of stream click has left",
}
READERS = {
    "runtime/text_file.py": "the door",
    "daemon/metrics.py": "reads /proc",
    "runtime/wall_clock.py": "reads /proc",
    "sinks/web/lesson_export.py": "reads the package's own pages and modules",
    "device/flash/bootsel.py": "reads INFO_UF2.TXT, which is no text of a person, on any drive there is",
    "training/toml_lines.py": "parses one key, which is no file",
}
PARSERS = {
    "runtime/json_text.py": "the door",
}
# a resource of the package is ours, and in UTF-8
RESOURCE = "resources.files"

WRITE_NAMES = {
    "os.replace", "os.rename", "os.renames", "os.link", "os.symlink", "os.truncate", "os.mkfifo", "os.fdopen",
    "tempfile.NamedTemporaryFile", "tempfile.mkstemp",
    "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move", "sqlite3.connect",
    "logging.FileHandler", "logging.handlers.RotatingFileHandler", "zipfile.ZipFile", "tarfile.open", "gzip.open",
}  # fmt: skip
WRITE_METHODS = {"write_text", "write_bytes", "touch", "hardlink_to", "symlink_to", "rename", "savefig", "tofile"}
PRINT_NAMES = {
    "print", "input", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__", "rich.print", "getpass.getpass",
    *(f"{name}.{each}" for name in ("typer", "click") for each in ("echo", "secho", "prompt", "confirm", "pause")),
}  # fmt: skip
WRITE_FLAGS = re.compile(r"\bO_(WRONLY|RDWR|CREAT|APPEND|TRUNC)\b")
PARSE_NAMES = {"json.loads", "json.JSONDecoder"}
READ_NAMES = {"tomllib.load", "tomllib.loads", "json.load", "codecs.open"}


def names_of(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            tops = [(each, each.name.partition(".")[0]) for each in node.names]
            names |= {each.asname or top: each.name if each.asname else top for each, top in tops}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return names.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            of = dotted(value, names)
            return f"{of}.{attr}" if of else ""
    return ""


def keyword_modes(call: ast.Call) -> list[str]:
    return [ast.unparse(each.value).strip("'") for each in call.keywords if each.arg == "mode"]


def mode_of(call: ast.Call, place: int) -> str:
    """The mode of an `open`: "?" if it is worked out at run time."""
    if given := keyword_modes(call):
        return given[0]
    if len(call.args) <= place:
        return "r"
    given_here = call.args[place]
    return given_here.value if isinstance(given_here, ast.Constant) and isinstance(given_here.value, str) else "?"


def opens(call: ast.Call, names: dict[str, str]) -> Iterator[str]:
    """`write` or `read text` for a call that opens a file."""
    name = dotted(call.func, names)
    is_method = isinstance(call.func, ast.Attribute) and call.func.attr == "open"
    if name == "os.open":
        if WRITE_FLAGS.search(ast.unparse(call)):
            yield "write"
    elif name == "open" or is_method:
        mode = mode_of(call, 0 if is_method else 1)
        if is_method:  # of a path the mode is the first argument, of a file system the second, of a port none is
            texts = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            modes = [each for each in [*texts, *keyword_modes(call)] if set(each) <= set("rwxabt+")]
            if not modes and (call.args or not call.keywords):
                return
            mode = "".join(modes)
        if set(mode) & set("wxa+?"):
            yield "write"
        elif "b" not in mode and (call.args or call.keywords):
            yield "read text"


def writes(tree: ast.AST) -> set[str]:
    names, found = names_of(tree), set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func, names)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        is_door = name.startswith("warmflow.runtime.output_file.")
        if name in WRITE_NAMES or (method in WRITE_METHODS and not is_door) or "write" in opens(node, names):
            found.add(name or method)
        elif method == "replace" and len(node.args) == 1 and not node.keywords:
            found.add(name or method)  # of a path; that of a text has two arguments
    return found


def prints(tree: ast.AST) -> set[str]:
    names = names_of(tree)
    used = {dotted(node, names) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)}
    return used & PRINT_NAMES


def reads(tree: ast.AST) -> set[str]:
    names, found = names_of(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func, names)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            is_ours = RESOURCE in ast.unparse(node)
            if name in READ_NAMES:
                found.add(name)
            elif (method == "read_text" and not is_ours and not name.startswith("warmflow.")) or "read text" in opens(
                node, names
            ):
                found.add(name or method)
    return found


def parses(tree: ast.AST) -> set[str]:
    names = names_of(tree)
    return {dotted(node, names) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)} & PARSE_NAMES


RULES: dict[str, tuple[Callable[[ast.AST], set[str]], dict[str, str]]] = {
    "files are written by runtime.output_file": (writes, WRITERS),
    "lines are printed by runtime.console": (prints, PRINTERS),
    "text is read by runtime.text_file": (reads, READERS),
    "JSON is read by runtime.json_text": (parses, PARSERS),
}


def test_door_rule() -> None:
    for rule, (look, allowed) in RULES.items():  # in one process: each file is parsed once
        check_door(rule, look, allowed)


def check_door(rule: str, look: Callable[[ast.AST], set[str]], allowed: dict[str, str]) -> None:
    found = {path.relative_to(HOST).as_posix(): look(tree_of(path)) for path in python_files("host/warmflow")}
    broken = {path: sorted(names) for path, names in found.items() if names}
    assert not {path: names for path, names in broken.items() if path not in allowed}, rule
    assert not allowed.keys() - broken.keys(), "these need no exception (any more, or under this name)"


BREACHES = {
    writes: [
        "open('x', 'w')", "open('x', mode='ab')", "open(path, mode)", "path.open('x')", "path.open('r+b')",
        "path.write_text('x')", "Path('x').write_bytes(b'')", "import os\nos.replace(a, b)", "a.replace(b)",
        "a.rename(b)", "path.open('wb', 0)", "fs.open(name, 'wb')", "path.open(mode='w')",
        "from os import rename\nrename(a, b)", "import os as o\no.open(p, o.O_WRONLY)", "path.touch()",
        "import os\nos.open(path, os.O_RDWR | os.O_CREAT, 0o644)", "import shutil\nshutil.copyfile(a, b)",
        "from tempfile import NamedTemporaryFile\nNamedTemporaryFile()", "import sqlite3\nsqlite3.connect(path)",
        "figure.savefig(path)", "from logging import FileHandler\nFileHandler('x')",
    ],
    prints: [
        "print('x')", "import sys\nsys.stdout.write('x')", "from sys import stderr\nstderr.write('x')",
        "import typer\ntyper.echo('x')", "from typer import echo\necho('x')", "import click\nclick.secho('x')",
        "import sys as s\nprint(file=s.stderr)", "say = print", "import typer\nplay(typer.echo)", "input('x')",
    ],
    reads: [
        "open('x')", "open('x', encoding='utf-8')", "path.open('r')", "path.open(encoding='utf-8')", "path.read_text()",
        "import tomllib\ntomllib.loads(text)", "from tomllib import load\nload(file)", "import json\njson.load(file)",
    ],
    parses: [
        "import json\njson.loads(text)", "from json import loads\nloads(text)", "import json as j\nj.JSONDecoder()",
        "import json\nmap(json.loads, lines)",
    ],
}  # fmt: skip
FINE = [
    "open('x', 'rb')", "path.open('rb')", "'a'.replace('b', 'c')", "source.open(self.receive, self.lose)",
    "port.open()", "fs.open(name, 'rb')",
    "from warmflow.runtime.output_file import write_text\nwrite_text(a, b)", "when.replace(tzinfo=UTC)",
    "from warmflow.runtime.text_file import read_text\nread_text(a)", "import json\njson.dumps(a)",
    "from importlib import resources\n(resources.files('warmflow') / 'x').read_text(encoding='utf-8')",
    "import sys\nsys.stdin.isatty()", "from warmflow.runtime import console\nconsole.say('x')",
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in BREACHES.items() for text in texts])
def test_a_breach_is_seen(rule: Callable[[ast.AST], set[str]], text: str) -> None:
    assert rule(ast.parse(text))


@pytest.mark.parametrize("text", FINE)
def test_what_the_rules_allow_breaks_none(text: str) -> None:
    assert not [look for look, _ in RULES.values() if look(ast.parse(text))]
