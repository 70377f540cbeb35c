"""The rule of the house on imports between the browser's folders, read from the source.

A module imports from its own folder and from the folders that its row names; no modules import one another in a ring.
"""

import graphlib

import pytest
from browser_modules import graph, imports

# folder -> the folders it may import from, beside itself
ORDER = {
    "core": (),
    "plots": ("core", "vendor/uplot"),
    "pages": ("core", "plots"),
    "training/drawing": ("core",),
    "training": ("core", "plots", "training/drawing", "vendor/uplot"),
    "login": ("core",),
}


def folder(name: str) -> str:
    return name.rpartition("/")[0]


def breaches(modules: dict[str, set[str]]) -> set[str]:
    """Each import that points the wrong way, as `module -> module`."""
    return {
        f"{name} -> {used}"
        for name, all_used in modules.items()
        for used in all_used
        if folder(used) not in (folder(name), *ORDER.get(folder(name), ()))
    }


def ring(modules: dict[str, set[str]]) -> list[str]:
    """The first ring of modules that import one another; empty where there is none."""
    try:
        graphlib.TopologicalSorter(modules).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_imports_between_the_folders_go_one_way() -> None:
    assert breaches(graph()) == set()


def test_no_modules_import_one_another() -> None:
    assert ring(graph()) == []


def test_every_folder_has_its_row_and_every_row_its_folder() -> None:
    assert {folder(name) for name in graph()} == set(ORDER)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("core/dom.js", 'import { draw } from "../plots/plot.js";'),
        ("plots/plot.js", 'import {\n  notes,\n} from "../pages/notes.js";'),
        ("pages/app.js", 'import "../training/store.js";'),
        ("training/app.js", 'export { x } from "../pages/help.js";'),
        ("training/drawing/body.js", 'const x = await import("../store.js");'),
        ("login/login.js", 'import { plot } from "/static/plots/plot.js";'),
        ("newcomer/x.js", 'import { el } from "../core/dom.js";'),
    ],
)
def test_a_breach_is_seen(name: str, source: str) -> None:
    assert breaches({name: imports(name, source)})


def test_a_ring_is_seen() -> None:
    modules = {"core/a.js": 'import { b } from "./b.js";', "core/b.js": 'import { a } from "./a.js";'}
    assert set(ring({name: imports(name, source) for name, source in modules.items()})) == set(modules)
