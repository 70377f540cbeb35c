"""What the journal stores of a record are the bytes that came over the wire, whatever this version makes of them."""

from pathlib import Path

import pytest
from mqtt_bench import NOW

from pumplink import messages as m
from pumplink.decoder import Decoder
from pumplink.fastcodec import BACKLOG_AT, DECODERS, ENCODERS
from pumplink.framing import frame
from warmflow.device.link import PumpLink
from warmflow.device.updates import BoardEvent, Reading, Summary, Update
from warmflow.journal import Journal
from warmflow.journal.row_codec import row

HELLO = m.Hello(
    **dict.fromkeys(m.Hello._fields, 0)
    | {"protocol_major": m.PROTOCOL_MAJOR, "protocol_minor": m.PROTOCOL_MINOR, "board_id": bytes(8), "boot_count": 3}
    | {"boot_random": 7, "rig_name": "rig", "profile": "r11", "fill": 1, "label_flow_nl_h": 54167, "fluid": 1}
    | {"reservoir_nl": 30_000_000, "filled_nl": 30_000_000, "site_pressure_pa": 101_325, "body": 1, "place": 1}
    | {"sensor": 1, "oldest_sequence": 1, "next_sequence": 1, "rate_hz": 10, "speed_x": 60}
)
READINGS = [m.Telemetry(0, n, n * 100, n * 100, 36_000, 0, None, 50_000, n, 0) for n in (1, 2)]
RECORDS = [
    *READINGS, m.Event(0, 3, 400, 400, 4, -1, "Fühler weg"), m.Telemetry(1, 4, 500, 500, None, None, 101_325, 1, 2, 2),
]  # fmt: skip
MINUTE = m.MinuteSummary(3, 7, 1, 60_000, 60_000, 600, None, 2, 3, 4, 5, 6, 7, 8)
NEWER = b"\x2a\x00"  # of a field that a later firmware adds at the end


def received(*payloads: bytes) -> list[Update]:
    """The updates that a link makes of these payloads, framed as on the wire."""
    published: list[Update] = []
    link = PumpLink("/dev/ttyACM0", published.append, lambda text: None)
    decoder = Decoder()
    link.opened(0.0)
    for payload in payloads:
        link.received(decoder.feed(frame(payload)), 0.1)
    return [each for each in published if isinstance(each, (Reading, BoardEvent, Summary))]


def wire(message: m.Message) -> bytes:
    return ENCODERS[type(message)](message)


@pytest.mark.parametrize("more", [b"", NEWER], ids=["known", "with a newer field"])
def test_the_bytes_in_the_journal_are_those_on_the_wire(tmp_path: Path, more: bytes) -> None:
    sent = [wire(message) + (more if isinstance(message, m.Telemetry) else b"") for message in RECORDS]
    began = wire(m.Ack(0xFFFF, 0x97, 0, "1"))
    updates = received(wire(HELLO), began, *sent, wire(MINUTE))
    assert [update.payload for update in updates] == [*sent, wire(MINUTE)]  # type: ignore[union-attr]
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append(updates)  # type: ignore[arg-type]
    stored = [bytes(payload) for (payload,) in journal.file.db.execute("SELECT payload FROM records ORDER BY id")]
    read_back = [entry.record.payload for entry in journal.after(0)]  # type: ignore[union-attr]
    journal.close()
    late = sent[3][:BACKLOG_AT] + b"\0" + sent[3][BACKLOG_AT + 1 :]  # sent again it is the same record
    assert stored == read_back == [*sent[:3], late, wire(MINUTE)]


@pytest.mark.parametrize("message", RECORDS, ids=lambda message: type(message).__name__)
def test_the_backlog_is_the_only_byte_that_is_left_out_of_a_record_s_identity(message: m.Telemetry | m.Event) -> None:
    live, again = wire(message._replace(backlog=0)), wire(message._replace(backlog=1))
    assert [at for at in range(len(live)) if live[at] != again[at]] == [BACKLOG_AT]


def test_a_record_that_came_in_no_frame_is_encoded_when_it_is_stored() -> None:
    reading = received(wire(HELLO), wire(READINGS[0]))[0]
    assert isinstance(reading, Reading)
    made = row(reading._replace(payload=b""), NOW)
    assert made == row(reading, NOW)
    assert DECODERS[made.kind](made.payload) == READINGS[0]
