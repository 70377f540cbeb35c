"""Bad input of every kind, in one table: each gives one clear line that names the thing and what to do, or a refusal by
the board or over MQTT; none a traceback.

A case is what is given, and the words that the line must have.
"""

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from firmware_on_cpython import PaperBoard, Rig
from wire import golden

from pumplink import framing
from pumplink import messages as m
from pumplink.codes import Fault, Fluid
from pumplink.decoder import CAUSES, Decoder, Received, Rejected
from pumplink.fastcodec import ENCODERS
from warmflow.api.requests import Refused, parse
from warmflow.cli import main
from warmflow.daemon.config import load
from warmflow.device.link.identity_claims import rig_name
from warmflow.device.session import Refusal
from warmflow.device.transport.serial_port import open_exclusive
from warmflow.errors import UserError
from warmflow.journal import Journal
from warmflow.sinks.web.listen import bound

LINE_MAX = 500

# text of the file, words
FILES: list[tuple[str, tuple[str, ...]]] = [
    ("broker = ", ("not TOML",)),
    ("[broker\n", ("not TOML",)),
    ("\0", ("NUL character", "save it as UTF-8")),
    ('broker = "mqtt://bench"', ("broker", "section", "[broker]")),
    ("[[broker]]\nport = 1", ("broker", "section")),
    ("colour = 1", ("colour", "unknown key")),
    ("[brokr]\nport = 1", ("brokr", "unknown section", "did you mean broker")),
    ('[broker]\nulr = "mqtt://bench"', ("broker.ulr", "did you mean broker.url")),
    ('base_topic = "a"', ("base_topic", "did you mean mqtt.base_topic")),
    ("[mqtt]\nraw_days = 1", ("mqtt.raw_days", "did you mean journal.raw_days")),
    ("[broker]\nport = 0", ("broker.port", "1 or more", "not 0")),
    ("[broker]\nport = 65536", ("broker.port", "65535 or less")),
    ('[broker]\nport = "http"', ("broker.port", "whole number", "'http'")),
    ("[broker]\nport = 1.5", ("broker.port", "whole number", "1.5")),
    ('[broker]\nprotocol = "4"', ("broker.protocol", "'5' or '3.1.1'")),
    ("[broker]\nkeepalive_s = 1", ("broker.keepalive_s", "2 or more")),
    ('[broker]\nurl = "bench"', ("broker", "no scheme", "mqtt://bench")),
    ('[broker]\nurl = "amqp://bench"', ("broker", "'amqp'", "mqtt://host:port")),
    ('[broker]\nurl = "mqtt://bench:99999"', ("broker", "no valid host and port")),
    ('[broker]\nurl = "mqtt://nurse:secret@bench"', ("password", "password_file", "WARMFLOW_BROKER_PASSWORD")),
    ('[broker]\nurl = "mqtt://nurse@bench"', ("username",)),
    ('[broker]\npassword = "secret"', ("broker.password", "password_file")),
    ('[broker]\nusername = "nurse"', ("set url",)),
    ('[broker]\nurl = "mqtts://bench"\nca_file = "/nowhere.pem"', ("broker.ca_file", "/nowhere.pem", "no such file")),
    ('[broker]\nurl = "mqtts://bench"\ncert_file = "/etc/hostname"', ("cert_file and key_file", "missing")),
    ('[broker]\nurl = "mqtt://bench"\nca_file = "/etc/hostname"', ("mqtts://",)),
    ('[broker]\nurl = "mqtts://b"\nusername = "n"\npassword_file = "/dev/null"', ("password_file", "a device")),
    ('[mqtt]\nbase_topic = ""', ("mqtt.base_topic", "empty")),
    ('[mqtt]\nbase_topic = "a/#"', ("mqtt.base_topic", "+ or #")),
    ('[mqtt]\nbase_topic = "$SYS"', ("mqtt.base_topic", "$")),
    ('[mqtt]\nbase_topic = "/a"', ("mqtt.base_topic", "/")),
    ('[mqtt]\nbase_topic = "a\\u0000"', ("mqtt.base_topic", "control character")),
    ('[mqtt]\ncommands = "perhaps"', ("mqtt.commands", "true or false")),
    ("[journal]\nraw_days = -1", ("journal.raw_days", "more than 0")),
    ("[journal]\nraw_days = inf", ("journal.raw_days", "finite")),
    ("[journal]\nraw_bytes = 10", ("journal.raw_bytes", "1000000 or more")),
    ("[journal]\nfile = 3", ("journal.file", "path")),
    ('[http]\nlisten = "8080"', ("http.listen", "127.0.0.1:8080")),
    ('[http]\nlisten = "127.0.0.1:99999"', ("http.listen", "address:port")),
    ("[http]\nlisten = false", ("http.listen", "text")),
    ('[log]\nlevel = "loud"', ("log.level", "'debug'", "'loud'")),
    ('[log]\nareas = { lnik = "debug" }', ("log.areas", "lnik", "did you mean link")),
    ('[log]\nareas = { link = "loud" }', ("log.areas.link", "'loud'")),
    ("[log]\nareas = 3", ("log.areas", "table")),
    ("port = 3", ("port", "list of texts")),
    ("port = [3]", ("port", "text")),
    ("[broker]\nport = 0\n[log]\nlevel = 1", ("broker.port", "log.level")),
]
VARIABLES: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({"WARMFLOW_BROKER": "mqtt://bench"}, ("WARMFLOW_BROKER", "did you mean WARMFLOW_BROKER_URL")),
    ({"WARMFLOW_BROKER_PORT": "http"}, ("WARMFLOW_BROKER_PORT", "whole number")),
    ({"WARMFLOW_LOG_AREAS": "link"}, ("WARMFLOW_LOG_AREAS", "area=level")),
    ({"WARMFLOW_BROKER_PASSWORD": "secret"}, ("username",)),
    ({"WARMFLOW_MQTT_COMMANDS": "perhaps"}, ("WARMFLOW_MQTT_COMMANDS", "true or false")),
]
CALLS: list[tuple[str, tuple[str, ...]]] = [
    ("rnu", ("rnu", "run")),
    ("run --prot x", ("--prot", "--port")),
    ("run --broker-port http", ("--broker-port", "integer")),
    ("run --broker bench", ("--broker", "mqtt://bench")),
    ("run --config {folder}/none.toml", ("none.toml", "no such file", "--config")),
    ("run --config {folder}", ("it is a folder", "--config")),
    ("run --listen nowhere", ("--listen", "address:port")),
    ("run --base-topic a/#", ("--base-topic", "#")),
    ("check-config {folder}/none.toml", ("none.toml", "no such file")),
    ("demo --scenario nonsense", ("nonsense",)),
    ("demo --speed 0", ("--speed",)),
    ("emulate --engine steam", ("steam",)),
    ("simulate nonsense", ("nonsense",)),
    ("simulate hot-tub-42 --sweep temp=hot", ("temp=hot",)),
    ("export --journal {folder}/none.sqlite", ("none.sqlite", "no journal")),
    ("export --since yesterday --journal {folder}/some.sqlite", ("yesterday", "2026-11-21")),
    ("watch --broker bench", ("bench", "mqtt://bench")),
    ("dump {folder}/none.bin", ("none.bin",)),
    ("dose --dose -1 --weight 70", ("dose",)),
    ("config set rate_hz", ("rate_hz", "=")),
    ("flash /dev/nowhere --firmware {folder}", ("{folder}",)),
    ("selftest --port /dev/nowhere", ("/dev/nowhere", "warmflow ports")),
]
GOOD = b"\0" + framing.frame(ENCODERS[m.Ping](m.Ping(7))) + b"\0"
TELEMETRY = next(vector for vector in golden() if type(vector.message) is m.Telemetry).message
WHOLE = ENCODERS[m.Telemetry](TELEMETRY)
FRAMES: list[tuple[bytes, str]] = [
    (b"\0Traceback (most recent call last):\r\n\0", "text"),
    (b"\0\xff\x01\0", "cobs"),
    (b"\0\x01\0", "short"),
    (b"\0" + bytes([200, *range(1, 30)]) + b"\0", "cobs"),
    (b"\0" + b"\x05" * 3000 + b"\0", "oversize"),
    (framing.frame(WHOLE).replace(b"\xe8", b"\xe9", 1), "crc"),
    (framing.frame(b"\xfe\x01\x02\x03\x04"), "unknown"),
    (framing.frame(WHOLE[:6]), "length"),
]
COMMANDS: list[tuple[m.Message, str]] = [
    (m.SetRate(9, 0), "1 to 100"),
    (m.SetSpeed(9, 601), "1 to 600"),
    (m.SetProfile(9, "helium"), "n-butane"),
    (m.SetFluid(9, Fluid.GLYCEROL, 1001), "1000"),
    (m.SetEnvironment(9, 60, 99_000, None, None, None), "skin_mc"),
    (m.InjectFault(9, 99, 500, 60), "fault"),
    (m.InjectFault(9, Fault.LEAK, 1001, 60), "magnitude"),
    (m.SetConfig(9, "not json"), "JSON"),
    (m.SetConfig(9, '{"rate": 5}'), "rate_hz"),
    (m.SetConfig(9, '{"rig_name": "a/b"}'), "rig_name"),
    (m.GetConfig(9, "colour"), "colour"),
]
NAMES: list[tuple[str, str]] = [
    ("bridge", "daemon's own name"),
    ("a/b", "1 to 16 of a-z"),
    ("+", "1 to 16 of a-z"),
    ("rig\x1b[2J", "1 to 16 of a-z"),
    ("", "1 to 16 of a-z"),
]
PAYLOADS: list[tuple[str, bytes, str]] = [
    ("rats", b"{}", "did you mean rate?"),
    ("rate", b"{", "not valid JSON"),
    ("rate", b"\xff\xfe", "not valid JSON"),
    ("rate", b"20", "needs a JSON object"),
    ("rate", b'{"pump": "rig"}', "rate_hz: is missing"),
    ("rate", b'{"pump": "rig", "rate_hz": "20"}', "whole number"),
    ("rate", b'{"pump": "rig", "rate_hz": 101}', "100 or less"),
    ("rate", b'{"pump": "rig", "rate": 20}', "rate"),
    ("profile", b'{"pump": "rig", "profile": "helium"}', "helium"),
    ("environment", b'{"pump": "rig", "duration_s": 60}', "skin_c"),
    ("refill", b'{"pump": "rig", "volume_ml": NaN}', "not valid JSON"),
    ("rate", b"[" * 50_000, ""),
    ("rate", b'{"pump": "' + b"x" * 20_000 + b'"}', "bytes"),
]
PORTS: list[tuple[str, tuple[str, ...]]] = [
    ("/dev/nowhere", ("/dev/nowhere", "no such port", "warmflow ports")),
    ("{folder}", ("{folder}",)),
    ("{folder}/plain.txt", ("plain.txt",)),
    ("socket://127.0.0.1:1", ("socket://127.0.0.1:1",)),
    ("socket://bench", ("socket://bench",)),
    ("steam://bench", ("steam",)),
    ("rfc2217://127.0.0.1:1", ("rfc2217://127.0.0.1:1",)),
]
ADDRESSES: list[tuple[str, tuple[str, ...]]] = [
    ("nowhere.invalid:8080", ("http.listen", "nowhere.invalid")),
    ("203.0.113.7:8080", ("http.listen", "not an address of this computer")),
]
JOURNALS: list[tuple[str, tuple[str, ...]]] = [
    ("{folder}", ("{folder}",)),
    ("{folder}/plain.txt", ("plain.txt", "no journal")),
    ("{folder}/plain.txt/journal.sqlite", ("plain.txt",)),
    ("/proc/nowhere/journal.sqlite", ("/proc/nowhere",)),
]


def judged(line: str, words: tuple[str, ...] | list[str]) -> None:
    """One line, short, printable, with all the words."""
    assert line
    assert "\n" not in line
    assert line.isprintable()
    assert len(line) < LINE_MAX
    assert not [word for word in words if word not in line], line
    for never in ("Traceback", "Error(", "secret", "object at 0x", "pydantic"):
        assert never not in line


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(UserError) as refused:
        work()
    return str(refused.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plain.txt").write_text("neither a port nor a database, but long enough to be read as one" * 20)
    Journal(tmp_path / "some.sqlite").close()
    return tmp_path


@pytest.mark.parametrize(("text", "words"), FILES, ids=[text for text, _ in FILES])
def test_a_bad_settings_file(text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    file.write_text(text)
    judged(refusal(lambda: load(file, {}, {})), [*words, "w.toml"])


def test_a_settings_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_bytes(b"\xff\xfe\0port")
    judged(refusal(lambda: load(tmp_path / "w.toml", {}, {})), ("w.toml", "UTF-8"))


@pytest.mark.parametrize(("variables", "words"), VARIABLES)
def test_a_bad_environment(variables: dict[str, str], words: tuple[str, ...]) -> None:
    judged(refusal(lambda: load(None, variables, {})), words)


@pytest.mark.parametrize(("call", "words"), CALLS, ids=[call for call, _ in CALLS])
def test_a_bad_call(call: str, words: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["warmflow", *call.format(folder=folder).split()])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    said = io.StringIO()
    with contextlib.redirect_stderr(said), pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    judged(said.getvalue().rstrip("\n"), [word.format(folder=folder) for word in words])


@pytest.mark.parametrize(("data", "cause"), FRAMES)
def test_a_bad_frame_is_counted_by_its_cause_and_the_next_one_is_read(data: bytes, cause: str) -> None:
    decoder = Decoder()
    events = decoder.feed(data + GOOD)
    assert isinstance(events[-1], Received)
    assert [event.cause for event in events if isinstance(event, Rejected)] == [cause]
    judged(CAUSES[cause], ())


@pytest.mark.parametrize(("command", "word"), COMMANDS, ids=[repr(command)[:50] for command, _ in COMMANDS])
def test_a_bad_command_is_refused_by_the_board_in_words(command: m.Message, word: str) -> None:
    rig = Rig(PaperBoard())
    [nack] = [answer for answer in rig.send(command) if isinstance(answer, m.Nack)]
    judged(nack.text, [word])


@pytest.mark.parametrize(("name", "words"), NAMES)
def test_a_bad_name_of_a_pump(name: str, words: str) -> None:
    refused = rig_name(name, "")
    assert isinstance(refused, Refusal)
    judged(refused.reason, [words, "rig_name"])


@pytest.mark.parametrize(("kind", "payload", "words"), PAYLOADS, ids=[repr(each[1][:40]) for each in PAYLOADS])
def test_a_bad_request(kind: str, payload: bytes, words: str) -> None:
    refused = parse(kind, payload)
    assert isinstance(refused, Refused)
    judged(refused.error, [words])


@pytest.mark.parametrize(("port", "words"), PORTS, ids=[port for port, _ in PORTS])
def test_a_bad_port(port: str, words: tuple[str, ...], folder: Path) -> None:
    text = refusal(lambda: open_exclusive(port.format(folder=folder)))
    judged(text, [word.format(folder=folder) for word in words])


@pytest.mark.parametrize(("address", "words"), ADDRESSES)
def test_a_bad_address_of_the_web_server(address: str, words: tuple[str, ...]) -> None:
    judged(refusal(lambda: bound(address)), words)


@pytest.mark.needs("Linux")
@pytest.mark.parametrize(("path", "words"), JOURNALS, ids=[path for path, _ in JOURNALS])
def test_a_bad_place_for_the_journal(path: str, words: tuple[str, ...], folder: Path) -> None:
    text = refusal(lambda: Journal(Path(path.format(folder=folder))))
    judged(text, [word.format(folder=folder) for word in words])


def test_the_table_has_as_many_cases_as_it_should() -> None:
    tables = (FILES, VARIABLES, CALLS, FRAMES, COMMANDS, NAMES, PAYLOADS, PORTS, ADDRESSES, JOURNALS)
    assert sum(map(len, tables)) >= 100
