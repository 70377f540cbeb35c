"""What a board's heap need not carry: constants as names, functions that nobody on the board calls, unused imports.

MicroPython keeps every name of a module in RAM. Here the program is seen as a whole, before it is compiled: numbers go
to where they are used, and what no line names is left out. Lines keep their numbers, for tracebacks. Refuses to guess:
a name that stands anywhere else, even as a string, is in use.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from warmflow.device.firmware.shorten_names import shortened
from warmflow.device.firmware.source_edits import Edit, at, edited

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*$")
_WORD = re.compile(r"[A-Za-z_]\w*$")
_INIT = "__init__.py"

Numbers = Mapping[str, str]  # name of a constant -> its literal


def squeezed(sources: Mapping[str, str], roots: Iterable[str] = ()) -> dict[str, str]:
    """The modules of a program by file name, with less in them. `roots`: texts that use it and stay as they are.

    Raises: SyntaxError for a text that does not parse.
    """
    outside = [ast.parse(root) for root in roots]
    texts = _without_reexports(dict(sources), outside)
    while (fewer := _without_unused(texts, outside)) != texts:
        texts = fewer
    taken = {word for tree in outside for word in _words(tree)}
    numbers = {name: _numbers(ast.parse(text), taken) for name, text in texts.items()}
    texts = {name: edited(text, _inlined(name, ast.parse(text), numbers)) for name, text in texts.items()}
    while (fewer := _without_unused(texts, outside)) != texts:
        texts = fewer
    shorter = shortened({name: ast.parse(text) for name, text in texts.items()}, outside)
    return {name: edited(text, shorter[name]) for name, text in texts.items()}


def _words(tree: ast.AST) -> Iterator[str]:
    """Every word that may mean something that is defined elsewhere."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Load()):
                yield node.id
            case ast.Attribute():
                yield node.attr
            case ast.alias():
                yield node.name.rpartition(".")[2]
            case ast.Constant(value=str(text)) if _WORD.match(text):
                yield text


def _without_reexports(texts: dict[str, str], outside: list[ast.Module]) -> dict[str, str]:
    """Packages hand on only what somebody imports from them."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    users = [*(("main.py", tree) for tree in outside), *trees.items()]
    wanted = {
        (_folder(name, node), alias.name)
        for name, tree in users
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for name in [name for name in texts if name.endswith(_INIT)]:
        edits = []
        for node in trees[name].body:
            if isinstance(node, ast.ImportFrom):
                package = name.removesuffix(_INIT)
                edits += _keep(node, [alias for alias in node.names if (package, alias.name) in wanted])
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                edits.append(_blank(node))
        texts[name] = edited(texts[name], edits)
    return texts


def _without_unused(texts: dict[str, str], outside: list[ast.Module]) -> dict[str, str]:
    """One round: functions, classes and methods that no line names, and imports whose module does not use them."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    used = {word for tree in [*trees.values(), *outside] for word in _words(tree)}
    found = {}
    for name, tree in trees.items():
        edits = [_blank(node) for node in _definitions(tree) if node.name not in used]
        edits += [_blank(node) for word, node in _tables(tree) if word not in used]
        if not name.endswith(_INIT):
            here = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    edits += _keep(node, [each for each in node.names if (each.asname or each.name) in here])
        found[name] = edited(texts[name], edits)
    return found


def _definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name[:2] != "__")


def _tables(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Variables of a module whose value costs nothing but memory, and does nothing."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=word)]) if not any(isinstance(e, ast.Call) for e in ast.walk(node)):
                yield word, node


def _numbers(tree: ast.Module, taken: set[str]) -> Numbers:
    """The module's constants that are numbers, given once, at the top, and to no other name of that spelling."""
    stored = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    stored += [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    found = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) if _CONSTANT.match(name):
                value = _number(node.value)
                if value is not None and stored.count(name) == 1 and name not in taken:
                    found[name] = f"({value!r})" if value < 0 else repr(value)
    return found


def _number(node: ast.expr) -> int | float | None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.BinOp(left=ast.Constant(value=int(left)), op=ast.LShift(), right=ast.Constant(value=int(right))):
            return left << right
    return None


def _inlined(name: str, tree: ast.Module, numbers: Mapping[str, Numbers]) -> list[Edit]:
    """Each use of a constant becomes its number, and the constants go."""
    values, modules = dict(numbers[name]), dict[str, Numbers]()
    edits = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            folder = _folder(name, node)
            for alias in node.names:
                bound = alias.asname or alias.name
                modules[bound] = numbers.get(f"{folder}{alias.name}.py", {})
                if number := numbers.get(folder.rstrip("/") + ".py", {}).get(alias.name):
                    values[bound] = number
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=attr) if attr in modules.get(module, {}):
                edits.append(at(node, modules[module][attr]))
            case ast.Name(id=word, ctx=ast.Load()) if word in values:
                edits.append(at(node, values[word]))
            case ast.Assign(targets=[ast.Name(id=word)]) if word in numbers[name]:
                edits.append(_blank(node))
    return edits


def _folder(name: str, node: ast.ImportFrom) -> str:
    """Of what a `from ... import` names, seen from the module `name`; with a slash at its end, or ""."""
    above = name.split("/")[: -node.level] if node.level else []
    parts = above + (node.module.split(".") if node.module else [])
    return "".join(part + "/" for part in parts)


def _keep(node: ast.ImportFrom, aliases: list[ast.alias]) -> list[Edit]:
    """Nothing to do, or an import of fewer names."""
    if len(aliases) == len(node.names):
        return []
    if not aliases:
        return [_blank(node)]
    names = ", ".join(alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in aliases)
    return [at(node, f"from {'.' * node.level}{node.module or ''} import {names}")]


def _blank(node: ast.stmt) -> Edit:
    return at(node, "pass")
