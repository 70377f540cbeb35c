"""Makes what pages show of the code, package.json and the browser's vocabulary; --check names what differs, status 1.

A table without marks is found by its first row, and replaced up to its last one. docs/protocol.md is made from the
schema, by protocol/gen/generate.py.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests" / "support"), str(ROOT / "firmware" / "src")]

import board_tables  # noqa: E402
import docs_table  # noqa: E402
import optional_parts  # noqa: E402

import package_json  # noqa: E402
from warmflow.daemon.config import settings_docs as config_page  # noqa: E402
from warmflow.simulation import scenario_docs  # noqa: E402
from warmflow.sinks.web import model_js, vocabulary_js  # noqa: E402
from warmflow.sinks.web.pages import STATIC  # noqa: E402
from warmflow.training import lesson_docs  # noqa: E402

Make = Callable[[str], str]


def with_tables(tables: list[Callable[[], str]], page: str) -> str:
    """The page with each of these tables in its place. Raises ValueError for a page that lacks one's first row."""
    for table in tables:
        wanted = table().splitlines()
        lines = page.split("\n")
        begin = lines.index(wanted[0])
        end = next(index for index in range(begin, len(lines)) if not lines[index].startswith("|"))
        page = "\n".join([*lines[:begin], *wanted, *lines[end:]])
    return page


PAGES: dict[str, Make] = {
    str((STATIC / vocabulary_js.FILE).relative_to(ROOT)): lambda _: vocabulary_js.module(),
    str((STATIC / model_js.FILE).relative_to(ROOT)): lambda _: model_js.module(),
    "docs/settings.md": config_page.replaced,
    "docs/warmflow.toml": lambda _: config_page.example(),
    "docs/scenarios.md": scenario_docs.replaced,
    "docs/lessons.md": lesson_docs.replaced,
    "docs/mqtt.md": partial(with_tables, docs_table.MQTT_TABLES),
    "docs/bench-tester.md": partial(with_tables, [docs_table.states_table]),
    "docs/engineer.md": partial(with_tables, [board_tables.pins_table, board_tables.lamp_table]),
    "tests/README.md": partial(with_tables, [optional_parts.parts_table]),
    "package.json": lambda _: package_json.package(),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page differs from the code")
    check = parser.parse_args().check
    stale = []
    for name, make in PAGES.items():
        path = ROOT / name
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        wanted = make(present)
        if wanted != present:
            stale.append(name)
            if not check:
                path.write_text(wanted, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'differs from the code; run `make generate`' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
