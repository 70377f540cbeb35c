"""Recordings: what came is on disk with its times, crash or not, and is replayed to the same records."""

import asyncio
import io
import threading
import time
from pathlib import Path

import pytest
from firmware_on_cpython import PaperBoard, Rig
from wait import wait_until, wait_until_sync

from pumplink import messages as m
from pumplink.decoder import Decoder
from pumplink.fastcodec import ENCODERS
from pumplink.framing import frame
from warmflow.cli.dump import dump_file
from warmflow.cli.dump_format import Style
from warmflow.device.host_clock import Stamp
from warmflow.device.link import PumpLink
from warmflow.device.link.fleet import Fleet
from warmflow.device.session import NoMemory, Record, Send, Session
from warmflow.device.transport import recording
from warmflow.device.transport.recording import SUFFIX, Entry, Kind, Recorder, RecordingError
from warmflow.device.transport.replay import parsed
from warmflow.device.updates import Reading
from warmflow.device.virtual import virtual_pico
from warmflow.hub import Hub
from warmflow.journal import Journal, WriteQueue
from warmflow.runtime.tasks import end


def at(second: float) -> Stamp:
    return Stamp(second, 1_795_000_000 + second)


def recorded(folder: Path, *data: bytes, **limits: int) -> list[str]:
    said: list[str] = []
    recorder = Recorder(folder, "/dev/ttyACM0", said.append, **limits)
    recorder.opened("/dev/ttyACM0", at(0))
    recorder.hello(b"hello")
    for number, each in enumerate(data, 1):
        recorder.received(each, at(number))
    recorder.lost("unplugged", at(99))
    recorder.close()
    return said


def test_what_is_read_is_what_came_with_its_times(tmp_path: Path) -> None:
    recorded(tmp_path, b"one", bytes(range(256)))
    [path] = recording.files(tmp_path)
    assert path.name.startswith("dev-ttyACM0_2026")
    assert list(recording.read(path)) == [
        Entry(Kind.OPENED, at(0), b"/dev/ttyACM0"),
        Entry(Kind.BYTES, at(1), b"one"),
        Entry(Kind.BYTES, at(2), bytes(range(256))),
        Entry(Kind.LOST, at(99), b"unplugged"),
    ]


def test_a_crash_costs_the_entry_that_was_being_written(tmp_path: Path) -> None:
    recorded(tmp_path, b"one", b"two", b"three")
    [path] = recording.files(tmp_path)
    whole, data = list(recording.read(path)), path.read_bytes()
    for size in range(len(data) - 40, len(data)):
        path.write_bytes(data[:size])
        read = list(recording.read(path))
        assert read == whole[: len(read)]
        assert len(read) >= len(whole) - 2


def test_damage_before_the_end_is_said_with_its_place(tmp_path: Path) -> None:
    recorded(tmp_path, b"one", b"two", b"three")
    [path] = recording.files(tmp_path)
    data = bytearray(path.read_bytes())
    data[data.index(b"two")] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=rf"{path.name}: damaged at byte \d+"):
        list(recording.read(path))


def test_a_full_file_is_followed_by_one_that_begins_with_the_hello_and_the_oldest_go(tmp_path: Path) -> None:
    recorded(tmp_path, *(bytes(100) for _ in range(100)), file_bytes=1000, files=3)
    found = recording.files(tmp_path)
    assert len(found) == 3
    assert sum(path.stat().st_size for path in found) < 5000
    assert next(recording.read(found[1])).kind is Kind.HELLO
    assert all(entry.kind is not Kind.HELLO for entry in recording.read(found[1], first=False))


def test_a_folder_that_can_not_be_written_is_said_once_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = recorded(tmp_path / "file", b"one", b"two")
    assert len([line for line in said if "tried again" in line]) == 2  # at 0 s, and when 60 s are over


def hanging_disk(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Nothing is written before the event is set."""
    goes_on, write = threading.Event(), Recorder._write

    def slow(self: Recorder, entry: Entry) -> None:
        goes_on.wait(20)
        write(self, entry)

    monkeypatch.setattr(Recorder, "_write", slow)
    return goes_on


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = hanging_disk(monkeypatch)
    recorder = Recorder(tmp_path, "x", print)
    began_s = time.monotonic()
    recorder.opened("x", at(0))
    for number in range(100):
        recorder.received(b"abc", at(number))
    assert time.monotonic() - began_s < 5
    assert not list(tmp_path.iterdir())
    goes_on.set()
    recorder.close()
    [path] = recording.files(tmp_path)
    assert len(list(recording.read(path))) == 101


def test_what_does_not_fit_before_a_slow_disk_is_counted_said_and_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = hanging_disk(monkeypatch)
    said: list[str] = []
    recorder = Recorder(tmp_path, "x", said.append, waiting_bytes=1000)
    for number in range(100):
        recorder.received(bytes([number]) * 100, at(number))
    assert "too slow" in said[0]
    goes_on.set()
    wait_until_sync(lambda: not recorder._background_writer.waiting_bytes, 10)
    recorder.received(b"after", at(100))
    recorder.close()
    [path] = recording.files(tmp_path)
    *taken, marked, last = list(recording.read(path))
    assert [entry.data[0] for entry in taken] == list(range(len(taken)))
    assert recorder.missed_bytes == 100 * (100 - len(taken)) > 0
    assert (marked.kind, last.data) == (Kind.MISSED, b"after")
    assert f"{recorder.missed_bytes} bytes" in marked.data.decode()
    assert len(said) == 2


@pytest.mark.parametrize(
    ("wanted", "speed"), [("replay:f", 1.0), ("replay:f?speed=10", 10.0), ("replay:f?speed=max", None)]
)
def test_a_recordings_address_names_file_and_speed(wanted: str, speed: float | None) -> None:
    assert parsed(wanted) == (Path("f"), speed)


@pytest.mark.parametrize("wanted", ["replay:f?speed=0", "replay:f?speed=-1", "replay:f?speed=fast", "replay:f?x=1"])
def test_a_speed_that_is_none_is_refused(wanted: str) -> None:
    with pytest.raises(ValueError, match="speed=max"):
        parsed(wanted)


@pytest.mark.parametrize("content", [None, b"", b"no recording"])
def test_what_is_no_recording_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / f"x{SUFFIX}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordingError, match=path.name):
        list(recording.read(path))


async def played(port: str, journal: Journal, memory_bytes: int = 10_000_000, seconds: float = 60) -> list[str]:
    """Replays into a journal, in batches as the desk does."""
    hub, said = Hub(), list[str]()
    inbox = WriteQueue(journal, memory_bytes)
    hub.add(inbox)
    fleet = Fleet([port], hub.publish, said.append, inbox)
    running = asyncio.create_task(fleet.run())
    try:
        async with asyncio.timeout(seconds):
            while not (fleet.ended and not inbox.waiting):
                batch = inbox.head(500)
                journal.append(batch)
                inbox.done(len(batch))
                await asyncio.sleep(0.01)
    finally:
        await end(running)
    return said


def paper_recording(folder: Path) -> None:
    """Two minutes of a board, piece by piece as they came."""
    rig = Rig(PaperBoard())
    recorder = Recorder(folder, "paper", print)
    recorder.opened("paper", at(0))
    rig.send_blind(m.HelloRequest(1, None))
    for tenth in range(1, 1201):
        data = b"".join(b"\0" + frame(ENCODERS[type(each)](each)) for each in rig.run_ms(100))
        if data:
            recorder.received(data, at(tenth / 10))
    recorder.close()


def payloads(journal: Journal) -> list[tuple[int, bytes]]:
    records = [entry.record for entry in journal.after(0, 100_000)]
    return [
        (each.message.sequence, ENCODERS[type(each.message)](each.message))
        for each in records
        if hasattr(each, "message")
    ]


async def test_a_replay_at_full_speed_gives_every_record_marked_and_again_adds_nothing(tmp_path: Path) -> None:
    paper_recording(tmp_path / "recorded")
    journal = Journal(tmp_path / "journal.sqlite")
    said = await played(f"replay:{tmp_path / 'recorded'}?speed=max", journal)
    numbers = [number for number, _ in payloads(journal)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 1000
    [entry] = journal.after(0, 1)
    assert entry.record.boot.board_id.startswith("replay-")
    assert entry.record.pump.endswith("-replay")
    assert any("the recording has ended" in line for line in said)
    appended = journal.counts["appended"]
    await played(f"replay:{tmp_path / 'recorded'}?speed=max", journal)
    assert journal.counts["appended"] == appended


async def test_a_journal_that_takes_little_holds_a_replay_up_and_loses_nothing(tmp_path: Path) -> None:
    paper_recording(tmp_path / "recorded")
    journal = Journal(tmp_path / "journal.sqlite")
    await played(f"replay:{tmp_path / 'recorded'}?speed=max", journal, memory_bytes=60_000)
    numbers = [number for number, _ in payloads(journal)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 1000


async def test_a_board_that_had_a_backlog_replays_to_the_payloads_of_then(tmp_path: Path) -> None:
    """Nobody listened for a while; then its live frames come first, and what it had kept behind them."""
    rig = Rig(PaperBoard())
    for _ in range(80):
        rig.run_ms(100)
    live: dict[int, m.Message] = {}
    came: list[int] = []
    session = Session()
    session.opened(0.0)
    recorder = Recorder(tmp_path / "recorded", "paper", print)
    recorder.opened("paper", at(0))
    decoder = Decoder()
    asked = 0
    to_send: list[m.Message] = [m.HelloRequest(1, None)]
    for tenth in range(1, 400):
        for message in to_send:
            rig.send_blind(message)
        to_send = []
        for each in rig.run_ms(100):
            data = b"\0" + frame(ENCODERS[type(each)](each)) + b"\0"
            recorder.received(data, at(tenth / 10))
            came += [each.sequence] if isinstance(each, m.Telemetry) else []
            for outcome in session.receive(decoder.feed(data), tenth / 10):
                if isinstance(outcome, Record):
                    live[outcome.message.sequence] = outcome.message
                elif isinstance(outcome, Send):
                    to_send.append(outcome.message)
                    asked += isinstance(outcome.message, m.ResendFrom)
    recorder.close()
    assert asked
    assert sum(each.backlog for each in live.values()) > 50  # it is what it is meant to be
    assert came[0] > min(came)
    journal = Journal(tmp_path / "journal.sqlite")
    said = await played(f"replay:{tmp_path / 'recorded'}?speed=max", journal)
    # the journal keeps a record as it was made, and not the way that it came
    kept = {number: each._replace(backlog=0) for number, each in live.items()}
    assert dict(payloads(journal)) == {number: ENCODERS[type(each)](each) for number, each in kept.items()}
    assert [line for line in said if " of boot " in line] == []


async def test_a_replay_at_n_times_takes_an_nth_of_the_time(tmp_path: Path) -> None:
    paper_recording(tmp_path / "recorded")
    journal = Journal(tmp_path / "journal.sqlite")

    began_s = asyncio.get_running_loop().time()
    await played(f"replay:{tmp_path / 'recorded'}?speed=60", journal)
    assert (asyncio.get_running_loop().time() - began_s) >= 2.0
    assert len(payloads(journal)) > 1000


@pytest.mark.e2e
async def test_a_live_board_and_its_recording_give_the_same_payloads_byte_for_byte(tmp_path: Path) -> None:
    live, replayed = Journal(tmp_path / "live.sqlite"), Journal(tmp_path / "replayed.sqlite")

    config = {"rig_name": "rig", "sensor": "emulated", "rate_hz": 50}
    async with virtual_pico("auto", state_dir=tmp_path / "board", config=config) as pico:
        hub = Hub()
        inbox = WriteQueue(live)
        hub.add(inbox)
        link = PumpLink(pico.port, hub.publish, print, inbox, record=tmp_path / "recorded")
        running = asyncio.create_task(link.run())

        def boots() -> set[bytes]:
            return {each.boot for each in inbox.head(9999)}

        await wait_until(lambda: len(boots()) == 1 and inbox.waiting >= 100, 60)
        await pico.reset()
        await wait_until(lambda: len(boots()) == 2 and inbox.waiting >= 200, 60)
        await end(running)
        live.append(inbox.head(9999))
    await played(f"replay:{tmp_path / 'recorded'}?speed=max", replayed)
    assert payloads(replayed) == payloads(live)
    assert {entry.record.boot[1:] for entry in replayed.after(0)} == {entry.record.boot[1:] for entry in live.after(0)}


def test_dump_shows_the_frames_of_a_recording(tmp_path: Path) -> None:
    paper_recording(tmp_path)
    [path] = recording.files(tmp_path)
    out = io.StringIO()
    dump_file(path, out, Style.BRIEF)
    assert "Hello" in out.getvalue()
    assert "0 rejected" in out.getvalue()


async def test_a_recording_hears_no_command(tmp_path: Path) -> None:
    paper_recording(tmp_path / "recorded")

    hub = Hub()
    subscriber = hub.subscriber()
    link = PumpLink(f"replay:{tmp_path / 'recorded'}?speed=max", hub.publish, print, NoMemory())
    await link.run()
    assert any(isinstance(update, Reading) for update in subscriber.get_all())
