"""Writes docs/protocol.md's tables: every message, field, offset and code."""

from enum import IntFlag

from emit_firmware import CONSTANTS
from pumplink.schema import MESSAGES, MessageSpec
from walk import Row, rows

BEGIN, END = "<!-- generated tables: begin -->\n", "<!-- generated tables: end -->\n"


def protocol_page(page: str) -> str:
    """The page with the part between its two marks made anew."""
    head, rest = page.split(BEGIN)
    return head + BEGIN + tables() + END + rest.split(END)[1]


def tables() -> str:
    out = ["\n## Messages\n"]
    for title, wanted in (("Board to host", True), ("Host to board", False)):
        out.append(f"\n### {title}\n")
        out += [_message(message) for message in MESSAGES if message.from_board is wanted]
    out.append("\n## Codes\n")
    for group in CONSTANTS:
        kind = "bits, added up" if issubclass(group, IntFlag) else "one of"
        out.append(f"\n**{group.__name__}** ({kind}): ")
        out.append(", ".join(f"{int(member)} {member.name}" for member in group) + ".\n")
    return "".join(out) + "\n"


def _message(message: MessageSpec) -> str:
    out = [f"\n#### 0x{message.type:02X} {message.name}\n\n{message.doc}\n\n"]
    out.append("| offset | field | type | meaning |\n|---|---|---|---|\n")
    out.append(f"| 0 | type | u8 | 0x{message.type:02X} |\n")
    offset = 1
    for row in rows(message):
        out.append(f"| {offset} | {row.name} | {row.kind} | {_meaning(row)} |\n")
        offset += row.size or 0
    tail = "" if rows(message)[-1].size else " + text"
    out.append(f"\nPayload: {offset + (2 if tail else 0)} bytes{tail}.\n")
    return "".join(out)


def _meaning(row: Row) -> str:
    absent = "" if row.sentinel is None else f" **{row.sentinel}: absent.**"
    codes = "" if row.codes is None else f" See {row.codes.__name__}."
    return row.doc + codes + absent
