"""Settings: precedence, where each value comes from, secrets that are nowhere shown, and pages that are the models'."""

import json
import sys
import tomllib
from pathlib import Path

import pytest
from command_line import command_line
from own_mosquitto import papers

from warmflow.daemon.config import ConfigError, Settings, chosen_file, journal_file, load
from warmflow.daemon.config.effective import effective
from warmflow.daemon.config.keys import KEYS, VARIABLES, nearest_key
from warmflow.daemon.config.settings_docs import example, replaced

ROOT = Path(__file__).parents[2]
SECRET = "geheim-42"
WITH_SECRET = {
    "WARMFLOW_BROKER_URL": "mqtt://bench",
    "WARMFLOW_BROKER_USERNAME": "nurse",
    "WARMFLOW_BROKER_PASSWORD": SECRET,
}


def written(folder: Path, text: str) -> Path:
    file = folder / "warmflow.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_flag_goes_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'port = ["/dev/a"]\n[broker]\nport = 1\n[mqtt]\nbase_topic = "file"\ncommands = true')
    environment = {"WARMFLOW_BROKER_PORT": "2", "WARMFLOW_MQTT_BASE_TOPIC": "variable"}
    loaded = load(file, environment, {"mqtt.base_topic": "flag", "broker.url": None})
    assert loaded.settings.port == ("/dev/a",)
    assert loaded.settings.broker.port == 2
    assert loaded.settings.mqtt.base_topic == "flag"
    assert loaded.settings.mqtt.commands
    assert loaded.origin("port") == loaded.origin("mqtt.commands") == str(file)
    assert loaded.origin("broker.port") == "WARMFLOW_BROKER_PORT"
    assert loaded.origin("mqtt.base_topic") == "--base-topic"
    assert loaded.origin("broker.url") == "default"


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert load(None, {"WARMFLOW_BROKER_URL": ""}, {}).settings == Settings()


def test_lists_and_tables_have_a_form_for_one_variable() -> None:
    settings = load(None, {"WARMFLOW_PORT": "/dev/a, /dev/b", "WARMFLOW_LOG_AREAS": "link=debug,http=error"}, {})
    assert settings.settings.port == ("/dev/a", "/dev/b")
    assert settings.settings.log.areas == {"link": "debug", "http": "error"}


def test_the_password_comes_out_of_its_file_without_the_last_newline(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f" {SECRET} \r\n")
    flags = {"broker.url": "mqtts://bench", "broker.username": "nurse", "broker.password_file": tmp_path / "password"}
    secret = load(None, {}, flags).settings.broker.secret()
    assert secret
    assert secret.get_secret_value() == f" {SECRET} "


@pytest.mark.parametrize("show", [repr, str, effective, lambda loaded: loaded.settings.model_dump_json()])
def test_no_dump_of_the_settings_holds_the_password(show, tmp_path: Path) -> None:
    loaded = load(None, WITH_SECRET, {})
    assert SECRET not in show(loaded)
    (tmp_path / "password").write_text(SECRET)
    by_file = {name: value for name, value in WITH_SECRET.items() if "PASSWORD" not in name}
    loaded = load(None, by_file | {"WARMFLOW_BROKER_PASSWORD_FILE": str(tmp_path / "password")}, {})
    assert SECRET not in show(loaded)


def test_what_is_in_force_is_shown_with_where_it_comes_from_and_is_toml(tmp_path: Path) -> None:
    file = written(tmp_path, "[journal]\nraw_days = 3")
    lines = effective(load(file, WITH_SECRET, {"port": ("/dev/a",)}))
    by_key = {line.split(" = ")[0]: line for line in lines.splitlines() if " = " in line}
    assert by_key["raw_days"].endswith(f"# {file}")
    assert by_key["url"].endswith("# WARMFLOW_BROKER_URL")
    assert by_key["# password"].endswith("# WARMFLOW_BROKER_PASSWORD")
    assert tomllib.loads(lines)["journal"]["raw_days"] == 3


def test_the_file_is_the_named_one_or_that_of_the_variable_or_the_default_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "site"))
    assert chosen_file(None, {}) is None
    own = tmp_path / "warmflow" / "warmflow.toml"
    own.parent.mkdir()
    own.write_text("")
    if sys.platform == "linux":
        assert chosen_file(None, {}) == own
    assert chosen_file(None, {"WARMFLOW_CONFIG": "/x.toml"}) == Path("/x.toml")
    assert chosen_file(Path("/y.toml"), {"WARMFLOW_CONFIG": "/x.toml"}) == Path("/y.toml")


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("broker.ulr", "broker.url"),
        ("base_topic", "mqtt.base_topic"),
        ("mqtt.raw_days", "journal.raw_days"),
        ("brokers", "broker"),
        ("log.jsn", "log.json"),
        ("http.listn", "http.listen"),
    ],
)
def test_the_nearest_name_is_found_in_any_section(typo: str, meant: str) -> None:
    assert nearest_key(typo) == meant


def test_commands_that_read_the_journal_find_the_one_that_the_daemon_writes(tmp_path: Path) -> None:
    file = written(tmp_path, 'state_dir = "/a"\n[http]\ntoken_file = "/only/for/the/daemon"\n[journal]\nraw_days = 3\n')
    at_file = {"WARMFLOW_CONFIG": str(file)}
    found = [
        journal_file(None, at_file),
        journal_file(None, at_file | {"WARMFLOW_STATE_DIR": "/b"}),
        journal_file(None, at_file | {"WARMFLOW_JOURNAL_FILE": "/c/d.sqlite"}),
        journal_file(Path("named"), at_file | {"WARMFLOW_STATE_DIR": "/b"}),
    ]
    assert found == [Path("/a/journal.sqlite"), Path("/b/journal.sqlite"), Path("/c/d.sqlite"), Path("named")]


@pytest.mark.parametrize("words", ["export", "import rows.csv", "report rig", "explain --at 2020-01-01"])
def test_each_command_that_reads_the_journal_goes_by_the_settings(words: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "rows.csv").write_text("time,flow_ul_h\n2026-11-21T12:00:00Z,48\n2026-11-21T12:00:01Z,48\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARMFLOW_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    done = command_line(*words.split())
    if words.startswith("import"):
        assert (tmp_path / "state" / "journal.sqlite").exists(), done.err
    else:
        assert str(tmp_path / "state" / "journal.sqlite") in done.err


def test_papers_for_https_are_tried_before_the_web_server_needs_them(tmp_path: Path) -> None:
    ours, other = papers(tmp_path), papers(tmp_path, name="other")
    text = '[http]\ncert_file = "{}"\nkey_file = "{}"\n'
    load(written(tmp_path, text.format(ours.server_cert, ours.server_key)), {}, {})
    plain = tmp_path / "plain.pem"
    plain.write_text("no certificate")
    for cert, key in ((ours.server_cert, other.server_key), (plain, ours.server_key), (ours.server_cert, plain)):
        with pytest.raises(ConfigError) as refused:
            load(written(tmp_path, text.format(cert, key)), {}, {})
        for word in ("http", "cert_file", str(cert), "key_file", str(key)):
            assert word in str(refused.value)


def test_no_two_keys_share_an_environment_variable() -> None:
    assert len(VARIABLES) == len(KEYS)


def test_the_example_is_the_defaults_and_so_is_each_line_of_it_that_has_a_value(tmp_path: Path) -> None:
    assert load(written(tmp_path, example()), {}, {}).settings == Settings()
    used = "\n".join(
        line.removeprefix("#") if line[:1] == "#" and line[1:2].isalpha() and " = ..." not in line else line
        for line in example().splitlines()
    )
    loaded = load(written(tmp_path, used), {}, {})
    assert loaded.settings == Settings()
    assert len(loaded.origins) > 12


def test_page_and_example_are_those_of_the_models() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert replaced(page) == page, "make generate"
    assert (ROOT / "docs" / "warmflow.toml").read_text(encoding="utf-8") == example(), "make generate"
    assert all(f"`{key.variable}`" in page for key in KEYS.values())


def test_every_key_says_what_it_does() -> None:
    assert not [key.dotted for key in KEYS.values() if len(key.description) < 20]


@pytest.mark.parametrize(("text", "status"), [("[log]\njson = true", 0), ("[log]\njsn = true", 2)])
def test_check_config_exits_with_0_or_2(
    text: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    done = command_line("check-config", written(tmp_path, text))
    assert done.status == status, done.err
    assert ("json = true" in done.out) == (status == 0)
    assert done.err.count("\n") == (status == 2)


def test_a_dump_for_a_topic_can_be_made_without_secrets() -> None:
    shown = json.loads(load(None, WITH_SECRET, {}).settings.model_dump_json(exclude={"broker": {"password"}}))
    assert shown["broker"]["username"] == "nurse"
    assert "password" not in shown["broker"]


def test_a_password_in_a_file_for_all_is_refused_and_not_repeated(tmp_path: Path) -> None:
    for text in (f'[broker]\npassword = "{SECRET}"', f'[broker]\nurl = "mqtt://nurse:{SECRET}@bench"'):
        with pytest.raises(ConfigError) as refused:
            load(written(tmp_path, text), {}, {})
        assert SECRET not in str(refused.value)
        assert "WARMFLOW_BROKER_PASSWORD" in str(refused.value)


def test_a_port_that_is_no_text_is_refused_in_one_line_that_can_be_printed() -> None:
    with pytest.raises(ConfigError, match="not valid UTF-8") as caught:
        load(None, {}, {"port": ["/dev/ttyACM0", "/dev/tty\udcff"]})
    assert str(caught.value).isascii()
    assert str(caught.value).startswith("--port: port: ")
