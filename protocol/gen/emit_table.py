"""Writes docs/protocol.md's tables: every message, field, offset and code."""

import inspect
import re
from enum import IntFlag

from emit_firmware import CONSTANTS
from pumplink.schema import MESSAGES, MessageSpec
from walk import Row, layout, rows, trailing

BEGIN, END = "<!-- generated tables: begin -->\n", "<!-- generated tables: end -->\n"


def protocol_page(page: str) -> str:
    """The page with the part between its two marks made anew."""
    head, rest = page.split(BEGIN)
    return head + BEGIN + tables() + END + rest.split(END)[1]


def tables() -> str:
    out = [f"\nThe layout of all tables of this page: {layout()} (0x{layout():08X}), as HELLO carries it.\n"]
    out.append("\n## Messages\n")
    for title, wanted in (("Board to host", True), ("Host to board", False)):
        out.append(f"\n### {title}\n")
        out += [_message(message) for message in MESSAGES if message.from_board is wanted]
    out.append("\n## Codes\n")
    for group in CONSTANTS:
        kind = "bits, added up" if issubclass(group, IntFlag) else "one of"
        out.append(f"\n**{group.__name__}** ({kind}): {(inspect.getdoc(group) or '').partition(chr(10))[0]}\n\n")
        out.append("| number | name | meaning |\n|---|---|---|\n")
        said = meanings(group)
        out += [f"| {int(member)} | {member.name} | {said.get(member.name, '')} |\n" for member in group]
    return "".join(out) + "\n"


def meanings(group: type) -> dict[str, str]:
    """Name of each number -> the comment behind it in codes.py."""
    return dict(re.findall(r"^    (\w+) = \d+  # (.+)$", inspect.getsource(group), flags=re.MULTILINE))


def _message(message: MessageSpec) -> str:
    once = " Carried out once for each request." if message.once else ""
    out = [f"\n#### 0x{message.type:02X} {message.name}\n\n{message.doc}{once}\n\n"]
    out.append("| offset | field | type | meaning |\n|---|---|---|---|\n")
    out.append(f"| 0 | type | u8 | 0x{message.type:02X} |\n")
    offset = 1
    for row in rows(message):
        out.append(f"| {offset} | {row.name} | {row.kind} | {_meaning(row)} |\n")
        offset += row.size or 0
    tail = "" if rows(message)[-1].size else " + text"
    shorter = "".join(f", or {end}" for end in reversed(trailing(rows(message))[0]))
    out.append(f"\nPayload: {offset + (2 if tail else 0)}{shorter} bytes{tail}.\n")
    return "".join(out)


def _meaning(row: Row) -> str:
    absent = "" if row.sentinel is None else f" **{row.sentinel}: absent.**"
    codes = "" if row.codes is None else f" See {row.codes.__name__}."
    missing = " **May be missing at the end: absent.**" if row.trailing else ""
    return row.doc + codes + absent + missing
