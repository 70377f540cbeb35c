"""Shorter names for what nobody names from outside: arguments that no call gives by name, what is private, globals
of one module.

MicroPython keeps each spelling once, permanently, and at 630 of them its table doubles. Modules therefore share the few
new ones. Public functions, methods and classes keep theirs. Refuses to touch a name that is spelled another way too.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping

from warmflow.device.firmware.source_edits import Edit, at

Trees = Mapping[str, ast.Module]


def shortened(trees: Trees, outside: Iterable[ast.Module]) -> dict[str, list[Edit]]:
    """What to change in each module; `outside`: texts that use them and stay as they are."""
    fixed = {word for tree in [*trees.values(), *outside] for word in _fixed(tree)}
    fixed |= {node.id for tree in outside for node in ast.walk(tree) if isinstance(node, ast.Name)}
    fixed |= {node.attr for tree in outside for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    short = _attributes(trees, fixed)
    attributes = {node.attr for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = {}
    for name, tree in trees.items():
        scope = _globals(tree, fixed | attributes)
        found[name] = [*_arguments(tree, scope, 0, fixed), *_renamed_attributes(tree, short)]
    return found


def private(name: str) -> bool:
    return name[:1] == "_" and name[:2] != "__"


def _globals(tree: ast.Module, elsewhere: set[str]) -> dict[str, str]:
    """Variables and private functions of a module that are named in it only."""
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and private(node.name)]
    stores = (target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets)
    names += [target.id for target in stores if isinstance(target, ast.Name)]
    return {name: f"_g{count}" for count, name in enumerate(dict.fromkeys(names)) if name not in elsewhere}


def _fixed(tree: ast.AST) -> Iterator[str]:
    """Spellings that mean something in another way than as an argument or an attribute."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                yield name
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.FunctionDef(name=name) if not private(name):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.alias():
                yield node.asname or node.name
            case ast.arguments():
                yield from (each.arg for each in [*node.kwonlyargs, node.vararg, node.kwarg] if each)


def _arguments(node: ast.AST, scope: Mapping[str, str], depth: int, fixed: set[str]) -> Iterator[Edit]:
    """Arguments by their place, inner functions count on: `_0`, `_1` and so on."""
    if isinstance(node, ast.Name) and node.id in scope:
        yield at(node, scope[node.id])
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _arguments(child, scope, depth, fixed)
        return
    if isinstance(node, ast.FunctionDef) and node.name in scope:
        yield _name_of(node, scope[node.name])
    given = [each for each in (*node.args.defaults, *node.args.kw_defaults) if each]
    for child in [*given, *getattr(node, "decorator_list", [])]:
        yield from _arguments(child, scope, depth, fixed)
    inner = {name: short for name, short in scope.items() if name not in {each.arg for each in node.args.args}}
    for each in node.args.args:
        if each.arg not in fixed and each.arg != "self":
            inner[each.arg] = f"_{depth}"
            depth += 1
            yield Edit((each.lineno, each.col_offset), (each.lineno, each.col_offset + len(each.arg)), inner[each.arg])
    for child in node.body if isinstance(node.body, list) else [node.body]:
        yield from _arguments(child, inner, depth, fixed)


def _attributes(trees: Trees, fixed: set[str]) -> dict[str, str]:
    """Private attributes that one family of classes sets and uses, and their new names; other families share these."""
    family = _families(trees)
    named = {node.id for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Name)}
    users: dict[str, set[str]] = {}
    ours = {node.name for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and private(node.attr):
                users.setdefault(node.attr, set()).add(family[name])
                if isinstance(node.ctx, ast.Store):  # else it is MicroPython's own, as `sys.implementation._machine`
                    ours.add(node.attr)
    counts: dict[str, int] = {}
    short = {}
    for attr in sorted(users):
        if len(users[attr]) == 1 and attr in ours and attr not in fixed | named:
            (home,) = users[attr]
            counts[home] = counts.get(home, 0) + 1
            short[attr] = f"_a{counts[home]}"
    return short


def _families(trees: Trees) -> dict[str, str]:
    """Module -> a name for all modules whose classes inherit from each other."""
    homes = {node.name: name for name, tree in trees.items() for node in tree.body if isinstance(node, ast.ClassDef)}
    family = {name: name for name in trees}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            for base in node.bases if isinstance(node, ast.ClassDef) else []:
                home = homes.get(ast.unparse(base).rpartition(".")[2], name)
                old, new = family[name], family[home]
                family = {each: new if kin == old else kin for each, kin in family.items()}
    return family


def _renamed_attributes(tree: ast.Module, short: Mapping[str, str]) -> Iterator[Edit]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in short:
            line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
            yield Edit((line, end - len(node.attr)), (line, end), short[node.attr])
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name in short)
            yield from (_name_of(each, short[each.name]) for each in methods)


def _name_of(node: ast.FunctionDef, new: str) -> Edit:
    start = node.col_offset + len("def ")
    return Edit((node.lineno, start), (node.lineno, start + len(node.name)), new)
