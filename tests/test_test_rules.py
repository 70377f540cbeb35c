"""The rules of the house for its own tests, read from their source by `ast`."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
TREES = {
    str(path.relative_to(TESTS)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(TESTS.rglob("*.py"))
}


def private_waits(tree: ast.Module) -> list[int]:
    """Lines of functions that are called like a wait, and of loops that do nothing but sleep."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in {"until", "wait_until"})
        or (isinstance(node, ast.While) and len(node.body) == 1 and _is_sleep(node.body[0]))
    ]


def _is_sleep(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    return isinstance(call, ast.Call) and ast.unparse(call.func) in {"asyncio.sleep", "anyio.sleep", "time.sleep"}


def test_a_wait_for_a_condition_is_in_support_wait():
    found = {
        name: lines for name, tree in TREES.items() if name != "support/wait.py" and (lines := private_waits(tree))
    }
    assert not found, "wait with support/wait.py: its error names what did not come"


def test_the_rule_on_waits_sees_a_loop_and_a_function():
    assert private_waits(ast.parse("async def x():\n    while not come():\n        await asyncio.sleep(1)\n")) == [2]
    assert private_waits(ast.parse("def until(x): ...\n")) == [1]


def loops_of_their_own(tree: ast.Module) -> list[int]:
    """Lines of functions that are or help a test, and start a loop: `async def` does, and the plugin ends its tasks."""
    return [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.run"
    ]


def test_a_test_that_needs_a_loop_is_a_coroutine():
    programs = ("bench/bench_", "support/plain_relay.py")  # started from a command line
    found = {
        name: lines
        for name, tree in TREES.items()
        if not name.startswith(programs) and (lines := loops_of_their_own(tree))
    }
    assert not found, "write `async def test_...`: anyio's plugin gives it a loop"
