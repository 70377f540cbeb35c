"""docs/mqtt.md says what the code does: its tables are the code's, and so are the fields in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from docs_table import MQTT_TABLES
from payload_samples import samples

from warmflow.api.field_docs import FIELDS, sometimes
from warmflow.api.requests import KINDS
from warmflow.api.topics import TOPICS
from warmflow.daemon.bridge_info import info
from warmflow.daemon.config import BrokerSettings, Settings
from warmflow.runtime.json_bytes import dump

pytestmark = pytest.mark.time

PAGE = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")
UNTOLD = {"availability", "bridge", "request", "discovery", "birth"}  # words, or told elsewhere


@pytest.mark.parametrize("table", MQTT_TABLES, ids=lambda table: table().splitlines()[0][:40])
def test_each_table_of_the_page_is_made_from_the_code(table: Any) -> None:
    assert table() in PAGE


def built() -> dict[str, list[dict[str, Any]]]:
    """The fields of payloads as they are really published."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, payload in samples():
        found.setdefault(kind, []).append(json.loads(dump(payload)))
    return found


@pytest.mark.parametrize("kind", FIELDS)
def test_the_fields_told_are_those_of_the_payload(kind: str) -> None:
    published = built()[kind]
    assert set().union(*published) == FIELDS[kind].keys()
    assert set(FIELDS[kind]) - set.intersection(*(set(each) for each in published)) == sometimes(kind)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_that_is_not_always_there_says_when_it_is(kind: str) -> None:
    assert {field for field, says in FIELDS[kind].items() if says.startswith("(")} == sometimes(kind)
    assert all(FIELDS[kind].values())


def test_every_topic_has_its_fields_told_or_needs_none() -> None:
    assert TOPICS.keys() - UNTOLD == FIELDS.keys() - {"reading"}


def test_every_request_stands_on_the_page() -> None:
    for kind in KINDS:
        assert f"| `{kind}` |" in PAGE


def test_no_secret_stands_in_what_is_published(tmp_path: Path) -> None:
    secret = "correct horse battery"
    (tmp_path / "p").write_text(secret)
    by_file = BrokerSettings(url="mqtt://h:1", username="u", password_file=tmp_path / "p")
    by_variable = BrokerSettings(url="mqtt://h:1", username="u", password=secret)
    for broker in (by_file, by_variable):
        told = info(Settings(broker=broker), "5", "x")
        assert secret not in dump(told).decode()
        assert "password" not in told.config["broker"]
        assert told.config["broker"]["username"] == "u"
        assert told.config_schema["properties"].keys() >= told.config.keys()
