"""Where a field is in a payload the board knows from the generator alone: no place on the wire is written by hand."""

import ast
from collections.abc import Iterator
from pathlib import Path
from struct import calcsize, unpack_from

import pytest
from wire import MESSAGES, golden

import pump
from pump import codec, slim
from pumplink import fastcodec
from pumplink import messages as m

FOLDER = Path(pump.__file__).parent
OWN_FORMATS = {"codec.py", "store.py"}  # the generated one; what is saved in flash has a form of its own


def _literal_places(source: str) -> Iterator[str]:
    """Numbers, but for 0, in a slice or an index of a payload, or as an offset of `unpack_from`."""
    for node in ast.walk(ast.parse(source)):
        places: list[ast.expr] = []
        match node:
            case ast.Subscript(
                value=ast.Name(id="payload" | "newest" | "record"), slice=ast.Slice(lower=low, upper=high)
            ):
                places = [each for each in (low, high) if each]
            case ast.Subscript(value=ast.Name(id="payload" | "newest" | "record"), slice=place):
                places = [place]
            case ast.Call(func=ast.Name(id="unpack_from"), args=[_, _, place]):
                places = [place]
        for place in places:
            if isinstance(place, ast.Constant | ast.UnaryOp) and ast.unparse(place) != "0":
                yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", sorted(set(FOLDER.glob("*.py"))), ids=lambda path: path.name)
def test_no_module_of_the_board_writes_a_place_on_the_wire_by_hand(path: Path) -> None:
    if path.name not in OWN_FORMATS:
        assert list(_literal_places(path.read_text())) == []


@pytest.mark.parametrize(
    "line", ["payload[22:25]", "payload[44:]", "payload[1]", "record[:-4]", "unpack_from('<Q', newest, 6)[0]"]
)
def test_a_place_by_hand_is_seen(line: str) -> None:
    assert list(_literal_places(line))


def test_the_places_are_those_of_the_wire() -> None:
    """Against the bytes of the golden vectors, and not against the generator."""
    forms = {name: form for name, form in (("uptime_ms", "<Q"), ("probe_mc", "<i"), ("status", "<H"), ("minute", "<I"))}
    seen = set()
    for vector in golden():
        message = vector.message
        payload = fastcodec.ENCODERS[type(message)](message)
        prefix = {m.Telemetry: "TELEMETRY", m.MinuteSummary: "MINUTE_SUMMARY"}.get(type(message))
        if prefix == "MINUTE_SUMMARY":
            assert len(payload) == codec.MINUTE_SUMMARY_BYTES
        for name, form in forms.items():
            place = getattr(codec, f"{prefix}_{name.upper()}_AT", None)
            if place is not None and getattr(message, name) is not None:
                assert unpack_from(form, payload, place)[0] == getattr(message, name)
                seen.add((prefix, name))
        if hasattr(message, "request_id") and type(message).__name__ in COMMANDS:
            assert unpack_from("<H", payload, codec.REQUEST_ID_AT)[0] == message.request_id
            seen.add("request_id")
    assert len(seen) == 5


def test_what_a_slim_reading_is_put_together_from_begins_as_the_wire_does() -> None:
    assert calcsize("<BBIQQ") == codec.TELEMETRY_PROBE_MC_AT
    assert '"<BBIQQ"' in Path(slim.__file__).read_text()


COMMANDS = {spec.name for spec in MESSAGES if not spec.from_board}
