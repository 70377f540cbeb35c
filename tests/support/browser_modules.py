"""The browser's modules and what each imports, read from the source. Every name is a path from `static/`."""

import posixpath
import re

from warmflow.sinks.web.pages import STATIC

# `import { a } from "x"`, `export { a } from "x"`, `import "x"` and `import("x")`
IMPORTED = re.compile(
    r"""(?:^(?:import|export)\s[^;"']*\bfrom\s*|^import\s*|\bimport\(\s*)["']([^"']+)["']""", re.MULTILINE
)


def imports(name: str, source: str) -> set[str]:
    """What the module `name` imports, as paths from `static/`."""
    folder = posixpath.dirname(name)
    found = (re.sub(r"^/static/", "/", each) for each in IMPORTED.findall(source))
    return {posixpath.normpath(posixpath.join("/", folder, each)).lstrip("/") for each in found}


def graph() -> dict[str, set[str]]:
    """Every module of ours by name, with what it imports."""
    ours = [path for path in sorted(STATIC.rglob("*.js")) if "vendor" not in path.relative_to(STATIC).parts]
    named = {path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in ours}
    return {name: imports(name, source) for name, source in named.items()}
