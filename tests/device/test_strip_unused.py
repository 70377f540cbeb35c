"""The squeezed firmware is the same program: smaller, with the same line numbers, and saying the same bytes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from warmflow.device.firmware.files import firmware_files
from warmflow.device.firmware.strip_unused import squeezed

TALK = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from firmware_on_cpython import Rig, PaperBoard
import pump.app
assert pump.app.__file__.startswith(sys.argv[1]), pump.app.__file__
import hashlib, json
from pumplink import messages as m
from simulated_parts import I2c, bmp280, tmp117
board = PaperBoard({"config.json": json.dumps({"seed": 7, "speed_x": 10, "rate_hz": 5, "stepper": True}).encode()})
board.wired = {"i2c": I2c({0x48: tmp117(39.5), 0x76: bmp280()}), "step": lambda us: None}
rig = Rig(board)
said = rig.run_ms(70_000) + rig.send(m.SetEnvironment(1, 60, 41_500, 38_000, None, None)) + rig.run_ms(30_000)
said += rig.send(m.GetConfig(2, ""), m.SelfTest(3), m.SetSpeed(4, 700), m.InjectFault(5, 1, 500, 60)) + rig.run_ms(5000)
print(len(said), hashlib.sha256(repr(said).encode()).hexdigest())
"""


def sources() -> dict[str, str]:
    return {name: path.read_text() for name, path in firmware_files().items() if name.endswith(".py")}


def write(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def squeeze_all(texts: dict[str, str]) -> dict[str, str]:
    main = texts["main.py"]
    return {"main.py": main, **squeezed({name: text for name, text in texts.items() if name != "main.py"}, [main])}


def test_the_squeezed_firmware_says_byte_for_byte_what_the_sources_say(tmp_path):
    support = Path(__file__).parents[1] / "support"
    said = []
    for name, texts in {"as it is": sources(), "squeezed": squeeze_all(sources())}.items():
        folder = write(tmp_path / name, {key: text for key, text in texts.items() if not key.startswith("pumplink/")})
        command = [sys.executable, "-c", TALK, str(folder), str(support)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert said[0] == said[1]
    assert int(said[0].split()[0]) > 400


def test_lines_keep_their_numbers():
    texts = sources()
    for name, text in squeeze_all(texts).items():
        assert text.count("\n") == texts[name].count("\n")
        where = {node.name: node.lineno for node in ast.walk(ast.parse(texts[name])) if isinstance(node, ast.ClassDef)}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                assert where[node.name] == node.lineno


def test_the_wires_constants_are_numbers_then_and_no_names():
    codec = ast.parse(squeeze_all(sources())["pump/codec.py"])
    assert not [node for node in codec.body if isinstance(node, ast.Assign) and "EVENT" in ast.unparse(node)]


@pytest.mark.parametrize(
    ("texts", "module", "expected"),
    [
        # used where it stands, and imported by name, by module and by another name
        ({"a.py": "MOST = -2\nprint(MOST)"}, "a.py", "pass\nprint((-2))"),
        ({"a.py": "MOST = 1 << 3", "b.py": "from a import MOST\nprint(MOST)"}, "b.py", "pass\nprint(8)"),
        ({"p/a.py": "X = 5", "p/b.py": "from . import a as q\nprint(q.X)"}, "p/b.py", "pass\nprint(5)"),
        ({"p/a.py": "X = 5", "b.py": "from p import a\nprint(a.X, a.y)"}, "b.py", "from p import a\nprint(5, a.y)"),
        # a name that is something else too stays
        ({"a.py": "X = 5\ndef f(X): return X\nf(X=1)"}, "a.py", "X = 5\ndef f(X): return X\nf(X=1)"),
        ({"a.py": "X = 5\nX = 6\nprint(X, 'X')"}, "a.py", "X = 5\nX = 6\nprint(X, 'X')"),
        ({"a.py": "X = 5\nprint(X)", "main": "import a\na.X"}, "a.py", None),
        # arguments, private attributes and globals of one module get names that modules share
        ({"a.py": "def f(x, key): return lambda y: x + y + key\nf(1, key=2)"}, "a.py",
         "def f(_0, key): return lambda _1: _0 + _1 + key\nf(1, key=2)"),
        ({"a.py": "class A:\n    def m(self): self._z = 1",
          "b.py": "from a import A\nclass B(A):\n    def n(self): self._y = 1\nB().m(), B().n()"}, "a.py",
         "class A:\n    def m(self): self._a2 = 1"),
        ({"a.py": "import sys\nprint(sys.implementation._machine)"}, "a.py", None),
        ({"a.py": "def _f(): pass\ntable = [_f]\nprint(table)"}, "a.py",
         "def _g0(): pass\n_g1 = [_g0]\nprint(_g1)"),
        # what nobody names goes, with what only it named
        ({"a.py": "def f():\n    g()\ndef g(): pass\nprint(1)"}, "a.py", "pass\n\npass\nprint(1)"),
        ({"a.py": "class A:\n    def m(self): pass\n    def n(self): pass\nA().n()"}, "a.py",
         "class A:\n    pass\n    def n(self): pass\nA().n()"),
        ({"a.py": "def f(): pass\nprint(getattr(1, 'f'))"}, "a.py", "def f(): pass\nprint(getattr(1, 'f'))"),
        ({"p/__init__.py": "from .a import f, g\n__all__ = ['f', 'g']", "p/a.py": "def f(): pass\ndef g(): pass",
          "b.py": "from p import f\nf()"}, "p/__init__.py", "from .a import f\npass"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_module(texts, module, expected):
    roots = [text for name, text in texts.items() if name == "main"]
    modules = {name: text for name, text in texts.items() if name != "main"}
    assert squeezed(modules, roots)[module] == (texts[module] if expected is None else expected)
