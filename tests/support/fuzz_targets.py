"""What is fuzzed: each target takes dice, makes one input of them, gives it to the code, and fails if something is
raised that the contract does not name, or a promise is broken. BYTES has the entries for a coverage-guided fuzzer.
"""

import asyncio
import contextlib
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from firmware_on_cpython import PaperBoard, Rig
from fuzz_files import files
from fuzz_identities import identities
from fuzz_inputs import BOARD, COMMANDS, GOLDEN, TEXTS, any_message, framed, mutated, payload
from fuzz_mqtt import junk, topics
from fuzz_web import HANDSHAKE, http_request, visited, websocket

from pumplink import framing
from pumplink import messages as m
from pumplink.codes import ErrorCode
from pumplink.decoder import Decoder, Received, Rejected
from warmflow.api.requests import KINDS, Refused, Request, parse
from warmflow.daemon.config import ConfigError, load
from warmflow.device import session as s
from warmflow.device.identity import Boot
from warmflow.device.states import LinkState
from warmflow.hub import Hub, PumpUpdate
from warmflow.runtime.json_bytes import dump

GOOD = framing.frame(payload(GOLDEN["Telemetry"]))
HELLO = GOLDEN["Hello"]


# decoder


def decoded(data: bytes, cut: int = 0) -> None:
    """Nothing raises; every byte is in a good frame, a zero, or counted; and the next good frame is heard."""
    decoder = Decoder()
    events = [*decoder.feed(data[:cut]), *decoder.feed(data[cut:]), *decoder.feed(b"\0")]
    good = sum(len(framing.cobs_encode(e.payload + b"1234")) for e in events if isinstance(e, Received))
    bad = sum(e.size for e in events if isinstance(e, Rejected))
    assert good + bad + data.count(0) == len(data), (good, bad, len(data))
    assert isinstance(decoder.feed(GOOD)[-1], Received)


def decoder(dice: random.Random) -> None:
    data = b"".join(framed(dice, payload(any_message(dice, BOARD))) for _ in range(dice.choice((0, 1, 1, 2, 5))))
    if dice.random() < 0.6:
        data = mutated(dice, data)
    decoded(data, dice.randrange(len(data) + 1))


# session


def _board_says(dice: random.Random, session: s.Session) -> m.Message:
    """Something that fits the session's state, more or less."""
    boot = session.boot or Boot("", 0, 0)
    near = max(1, session.expected + dice.choice((-2, -1, 0, 0, 0, 0, 0, 1, 2, 900)))
    match dice.randrange(12):
        case 0:
            return HELLO._replace(boot_count=dice.randrange(3), protocol_major=dice.choice((2, 2, 2, 2, 9)))
        case 1 | 2 | 3 | 4 | 5:
            return GOLDEN["Telemetry"]._replace(sequence=near, backlog=dice.randrange(2))
        case 6:
            return GOLDEN["Event"]._replace(sequence=near, backlog=dice.randrange(2))
        case 7:
            last = min(0xFFFFFFFF, near + dice.choice((0, 1, 50, 1 << 31)))
            return m.Gap(boot.boots, boot.random, near, last, dice.randrange(4))
        case 8:
            minute = GOLDEN["MinuteSummary"]
            return minute._replace(boot_count=boot.boots, minute=dice.randrange(5))
        case 9:
            return m.Ack(0xFFFF, dice.choice((0x97, 0x81, 0)), 0, dice.choice(("", "1", "3", "-1", "²", "9" * 30)))
        case _:
            return any_message(dice, BOARD)


class _Memory(s.NoMemory):
    """What has been given is remembered, as the journal does, and there is no room now and then."""

    def __init__(self, dice: random.Random) -> None:
        self.given: dict[Boot, int] = {}
        self._dice = dice

    @property
    def full(self) -> bool:  # type: ignore[override]
        return self._dice.random() < 0.05

    def through(self, boot: Boot) -> int:
        return self.given.get(boot, 0)

    def latest(self, board_id: str) -> Boot | None:
        return next((boot for boot in reversed(self.given) if boot.board_id == board_id), None)

    def keep(self, outcomes: list[s.Outcome]) -> None:
        """Each record at most once and in order within a boot, and nothing is lost that was given; all can be sent."""
        for outcome in outcomes:
            match outcome:
                case s.Send(message):
                    framing.line(payload(message))
                case s.Record(boot, message, kept=True):
                    assert message.sequence > self.given.get(boot, 0), outcome
                    self.given[boot] = message.sequence
                case s.LostRecords(boot, first, last):
                    assert first > self.given.get(boot, 0), outcome
                    self.given[boot] = max(first - 1, last or 0)


def session(dice: random.Random) -> None:
    memory, now_s = _Memory(dice), 0.0
    if dice.random() < 0.2:
        memory.given[Boot(HELLO.board_id.hex(), HELLO.boot_count, HELLO.boot_random)] = 7
    session = s.Session(memory)
    memory.keep(session.opened(now_s))
    for _ in range(dice.choice((1, 4, 12))):
        now_s += dice.choice((0.0, 0.01, 0.1, 0.6, 3.0))
        match dice.randrange(10):
            case 0:
                memory.keep(session.tick(now_s, dice.choice((b"", b">>> ", b"\xff" * 9))))
            case 1:
                memory.keep(session.closed(dice.choice(list(LinkState)), ""))
                memory.keep(session.opened(now_s))
            case 2:
                session.safe(session.boot or Boot("", 0, 0), dice.getrandbits(dice.choice((3, 32))))
            case 3:
                cause = dice.choice(("crc", "text", "cobs"))
                memory.keep(session.receive([Rejected(cause, 9, b"\xff>>> ")] * 8, now_s))
            case _:
                said = _board_says(dice, session)
                memory.keep(session.receive([Received(said, b"")] * dice.choice((1, 1, 1, 2)), now_s))


# the whole way of a frame: decoder, session, clock, monitor, then what the journal and MQTT make of it


class _Taker:
    def __init__(self) -> None:
        self.updates: list[PumpUpdate] = []

    def on_update(self, update: PumpUpdate) -> None:
        self.updates.append(update)


def _port() -> Any:
    """Takes nothing; its clock is the computer's, and `ahead_s` before it."""
    from warmflow.device.host_clock import stamp

    port = SimpleNamespace(path="fuzz", stamp=stamp, ahead_s=0.0)
    port.now_s = lambda: stamp().steady_s + port.ahead_s
    return port


def chained(data: bytes) -> None:
    """Bytes that a board may send go all the way, and no message of a hostile board stops the ones behind it."""
    from datetime import UTC, datetime

    from warmflow.device.link import PumpLink
    from warmflow.journal import row_codec
    from warmflow.journal.rollup import rolled_up
    from warmflow.sinks.mqtt.outbox import Outbox

    hub, subscriber, lines = Hub(), _Taker(), []
    hub.add(subscriber)
    link = PumpLink("fuzz", hub.publish, lines.append)
    port = _port()
    link.wire.begin(port)
    link.wire.receive(data)
    port.ahead_s = 1.0
    link.wire.look()
    outbox = Outbox()
    new = [update for update in subscriber.updates if isinstance(update, row_codec.Reading) and update.kept]
    for values in rolled_up(new):
        assert all(abs(value) < 1 << 63 for value in values[1:] if value is not None), values
    for update in subscriber.updates:
        if isinstance(update, row_codec.Record) and getattr(update, "kept", True):
            row = row_codec.row(update, datetime(2026, 1, 1, tzinfo=UTC))
            assert all(-(1 << 63) <= value < 1 << 63 for value in row[:4]), row  # what SQLite can hold
            _sent(row_codec.record(update.pump, update.boot, row))
        outbox.on_update(update)
    outbox.take_latest(1000)


def _sent(record: Any) -> None:
    from warmflow.journal import Entry
    from warmflow.sinks import record_batches
    from warmflow.sinks.mqtt.record_messages import kind_and_payload

    for batch in record_batches.batches([Entry(1, record)]):
        dump(kind_and_payload(record_batches.marked(batch, 0, 0))[1])


def chain(dice: random.Random) -> None:
    hello = HELLO if dice.random() < 0.5 else any_message(dice, ["Hello"], 0.1)
    said = [hello, *(any_message(dice, BOARD, 0.2) for _ in range(dice.choice((1, 3, 6))))]
    sequence = 0
    for index, message in enumerate(said):
        if isinstance(message, (m.Telemetry, m.Event)) and dice.random() < 0.9:
            sequence += 1
            said[index] = message._replace(sequence=sequence)
    chained(b"".join(framed(dice, payload(message)) for message in said))


# the board's parser of commands, on CPython


_rigs: list[Rig] = []


def _rig() -> Rig:
    """A board that is used again: what earlier inputs left behind is part of the game."""
    if not _rigs:
        _rigs.append(Rig(PaperBoard()))
    return _rigs[0]


def obeyed(data: bytes) -> None:
    """The board lives on, sends nothing but good frames, has no fault of its own, and answers a ping."""
    rig = _rig()
    rig.board.incoming += data
    try:
        said = [*rig.run_ms(1), *rig.send(m.Ping(4711))]
        assert [a for a in said if isinstance(a, m.Ack) and a.request_id == 4711], said
        own = [a for a in said if isinstance(a, m.Nack) and a.error == ErrorCode.INTERNAL]
        own += [a for a in said if isinstance(a, m.Event) and a.code == 15]
        assert not own, own
    except BaseException:
        _rigs.clear()
        raise
    if len(rig.board.files) > 50 or rig.board.now_ms > 10_000_000 or rig.board.resets > 100:
        _rigs.clear()


def _json(dice: random.Random, depth: int = 0) -> str:
    """Something like JSON, with the firmware's own keys."""
    from pump.config import CHOICES, DEFAULTS, PIN_NAMES

    keys = [*DEFAULTS, *PIN_NAMES, "low", "high", "", "x"]
    atoms = ["0", "1", "-1", "1e999", "3.5", "true", "null", '""', "1000", "99999999999999999999", "[]", "{}", "NaN"]
    atoms += [f'"{dice.choice(dice.choice(list(CHOICES.values())))}"']
    match dice.randrange(6 if depth < 3 else 3):
        case 0 | 1 | 2:
            return dice.choice(atoms)
        case 3:
            return "[" + ",".join(_json(dice, depth + 1) for _ in range(dice.randrange(4))) + "]"
        case _:
            pairs = (f'"{dice.choice(keys)}":{_json(dice, depth + 1)}' for _ in range(dice.randrange(4)))
            return "{" + ",".join(pairs) + "}"


def commands(dice: random.Random) -> None:
    said = b""
    for _ in range(dice.choice((1, 1, 3))):
        message = any_message(dice, COMMANDS, 0.5)
        if isinstance(message, m.SetConfig):
            text = _json(dice) if dice.random() < 0.9 else dice.choice("[{") * 900
            message = message._replace(settings=text[:900])
        if isinstance(message, m.SetSpeed):  # at 600 each reading takes 60 steps
            message = message._replace(speed_x=min(message.speed_x, 700))
        with contextlib.suppress(ValueError):  # a value that the codec does not let out
            body = payload(message)
            said += framing.line(mutated(dice, body)[:1000] if dice.random() < 0.2 else body)
    obeyed(mutated(dice, said) if dice.random() < 0.2 else said)


# requests of strangers


def asked(kind: str, data: bytes) -> None:
    """A request or a refusal in one line; a request for a board can be encoded for it."""
    found = parse(kind, data)
    if isinstance(found, Refused):
        assert found.error
        assert found.error.isprintable(), found.error
        assert len(found.error) < 2000
    else:
        assert isinstance(found, Request)
        make = getattr(found.ask, "command", None)
        if make:
            payload(make(7))


REQUESTS = {
    "rate": b'{"pump": "a", "rate_hz": 10, "transaction": 1}',
    "environment": b'{"pump": "a", "duration_s": 60, "skin_c": 41.5, "ambient_kpa": 101.3}',
    "fault": b'{"pump": "a", "fault": "leak", "magnitude": 0.5, "duration_s": 60}',
    "config": b'{"pump": "a", "settings": {"rate_hz": 5, "calibration": {"low": [1, 2]}}}',
    "profile": b'{"pump": "a", "profile": "n-butane"}',
    "fluid": b'{"pump": "a", "fluid": "glycerol", "glycerol_fraction": 0.4}',
    "refill": b'{"pump": "a", "volume_ml": 10.0}',
    "calibrate": b'{"pump": "a", "point": "lower", "reference_c": 30}',
    "list": b"{}",
}


def requests(dice: random.Random) -> None:
    kind = dice.choice([*KINDS, *REQUESTS, *TEXTS])
    data = REQUESTS.get(kind, b'{"pump": "a", "transaction": "t", "totals": false, "duration_s": 3}')
    if dice.random() < 0.3:
        data = data.replace(b":", b": " + _json(dice).encode() + b", ", 1)
    asked(kind, mutated(dice, data) if dice.random() < 0.9 else data)


# the daemon's settings


EXAMPLE = """port = ["/dev/ttyACM0", "socket://localhost:5000"]
[broker]
url = "mqtt://localhost:1883"
keepalive_s = 10
protocol = 5
[mqtt]
base_topic = "warmflow"
commands = true
[journal]
raw_days = 7.0
[log]
level = "info"
areas = { link = "debug" }
[http]
listen = "127.0.0.1:8080"
"""


def configured(data: bytes, variables: dict[str, str] | None = None) -> None:
    """Settings, or one error for people."""
    said = "settings"
    file = Path(tempfile.gettempdir()) / f"warmflow-fuzz-{os.getpid()}.toml"
    file.write_bytes(data)
    try:
        load(file, variables or {}, {})
    except ConfigError as error:
        said = str(error)
    finally:
        file.unlink()
    assert said
    assert "Traceback" not in said


def config(dice: random.Random) -> None:
    lines = EXAMPLE.splitlines(keepends=True)
    dice.shuffle(lines) if dice.random() < 0.2 else None
    text = "".join(line for line in lines if dice.random() < 0.9)
    data = text.encode()
    if dice.random() < 0.9:
        data = mutated(dice, data)
    variables = {}
    if dice.random() < 0.3:
        name = dice.choice(
            ("PORT", "BROKER_URL", "MQTT_COMMANDS", "LOG_AREAS", "HTTP_LISTEN", "COLOUR", "JOURNAL_FILE")
        )
        variables[f"WARMFLOW_{name}"] = mutated(dice, dice.choice(lines).encode()).decode("utf-8", "replace")
    configured(data, variables)


def _ignored(written: bytes) -> None:
    """What a fuzzer does not look at."""


# rows of the journal: its file may be damaged, or written by somebody else


def journal(dice: random.Random) -> None:
    """Rows that are spoilt cost themselves: everything that reads a journal reads the others, and it can be written."""
    import tempfile
    from pathlib import Path

    from journal_rows import all_read, spoil, written
    from records import reading

    from warmflow.journal import Journal

    with tempfile.TemporaryDirectory(prefix="fuzz-journal-") as folder:
        path = written(Path(folder, "journal.sqlite"))
        spoil(path, dice)
        all_read(path)
        opened = Journal(path)
        opened.append([reading(500), reading(501)])
        opened.remove_old()
        assert opened.last() >= 2
        opened.close()


TARGETS: dict[str, tuple[Callable[[random.Random], None], float]] = {  # with its share of the inputs
    "decoder": (decoder, 0.28),
    "session": (session, 0.25),
    "chain": (chain, 0.1),
    "identities": (identities, 0.02),  # each one is a whole fleet
    "commands": (commands, 0.1),
    "requests": (requests, 0.05),
    "config": (config, 0.0249),
    "files": (files, 0.005),  # each input is a file on a disk
    "topics": (topics, 0.1),
    "junk": (junk, 0.05),
    "http": (http_request, 0.01),
    "websocket": (websocket, 0.01),
    "journal": (journal, 0.0001),  # each input is a file on a disk
}
BYTES: dict[str, Callable[[bytes], None]] = {
    "decoder": decoded,
    "chain": lambda data: chained(framing.frame(payload(HELLO)) + data),
    "commands": obeyed,
    "requests": lambda data: asked(list(KINDS)[data[0] % len(KINDS)] if data else "", data[1:]),
    "config": configured,
    "http": lambda data: _ignored(visited([data], False)),
    "websocket": lambda data: _ignored(visited([HANDSHAKE, data], False)),
}

SEEDS: dict[str, list[bytes]] = {  # where a coverage-guided fuzzer begins
    "decoder": [framing.frame(payload(GOLDEN[name])) for name in BOARD],
    "chain": [framing.frame(payload(GOLDEN[name])) for name in BOARD],
    "commands": [framing.line(payload(GOLDEN[name])) for name in COMMANDS if name in GOLDEN],
    "requests": [bytes([list(KINDS).index(kind)]) + data for kind, data in REQUESTS.items()],
    "config": [EXAMPLE.encode()],
    "http": [HANDSHAKE, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    "websocket": [b'\x81\x90\0\0\0\0{"watch": "rig"}'],
}


def run(name: str, seed: int, inputs: int) -> list[str]:
    """Runs a target; the failures, each with what makes it happen again."""
    target, failures = TARGETS[name][0], []
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        for number in range(inputs):
            try:
                target(random.Random(f"{name} {seed} {number}"))
            except Exception as error:
                failures.append(f"{name}, seed {seed}, input {number}: {type(error).__name__}: {error}"[:600])
                if len(failures) >= 20:
                    break
    finally:  # one that is left open is found by the collector in another test
        asyncio.set_event_loop(None)
        loop.close()
    return failures
