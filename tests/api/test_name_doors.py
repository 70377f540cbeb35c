"""Every door where a stranger may bring the name of a pump: what is none stays outside."""

import json

import pytest

from warmflow.api.requests import KINDS, Outcome, Refused, RequestDone, parse
from warmflow.cli.emulate import check
from warmflow.cli.watch.model import WatchModel
from warmflow.errors import UserError
from warmflow.sinks.mqtt.left_behind import LeftBehind
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Outbox
from warmflow.sinks.web.websocket import _wanted

BAD = ["bridge", "a#", "+", "a/b", "x" * 70_000, "\x00", "\ud800", "Rig", "\x1b[2J"]


@pytest.mark.parametrize("name", BAD)
def test_a_retained_pump_without_a_name_is_not_remembered(name: str) -> None:
    left = LeftBehind("warmflow", PublisherOptions(version="0"), Outbox(), print)
    entry = dict.fromkeys(("port", "platform", "firmware", "protocol", "profile", "propellant", "place", "sensor"))
    entry |= dict.fromkeys(("rate_hz", "speed_x", "discovery"))
    entry |= {"status": "ok", "reason": "", "remedy": "", "since": ""}
    pumps = [entry | {"pump": name, "board_id": None}, entry | {"pump": "rig", "board_id": "a#"}]
    left.on_stored(("pumps", ""), json.dumps({"pumps": pumps}).encode())
    assert left.earlier == {}
    assert left.key_of(f"warmflow/{name}/availability") is None
    assert left.key_of("warmflow/rig/availability") == ("availability", "rig")


@pytest.mark.parametrize("name", BAD)
def test_a_page_and_a_terminal_do_not_watch_what_is_no_name(name: str) -> None:
    assert isinstance(_wanted(json.dumps({"watch": name})), ValueError)
    model = WatchModel()
    model.on_message(f"warmflow/{name}/availability", b"online", 0.0)
    assert model.pumps == {}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("kind", ["alarms", "alarm_history", "acknowledge", "annotations", "annotate", "adopt"])
def test_a_request_about_what_is_no_name_is_refused(kind: str, name: str) -> None:
    fields = {"pump": name, "board": "b", "id": "rate", "by": "Kim", "text": "t"}
    refused = parse(
        kind, json.dumps({key: fields[key] for key in KINDS[kind].ask.model_fields if key in fields}).encode()
    )
    assert isinstance(refused, Refused)
    assert len(refused.error) < 300


@pytest.mark.parametrize("settings", [{"rig_name": "bridge"}])
def test_no_board_is_given_a_name_of_the_daemon(settings: dict[str, str]) -> None:
    refused = parse("config", json.dumps({"pump": "rig", "settings": settings}).encode())
    assert isinstance(refused, Refused)
    assert "daemon's own name" in refused.error
    with pytest.raises(UserError, match="daemon's own name"):
        check(settings)


def test_what_was_asked_for_is_a_pump_of_the_hub_only_if_it_is_a_name() -> None:
    from records import START

    for asked, pump in (("rig", "rig"), ("/dev/ttyACM0", ""), ("a#", ""), (None, "")):
        assert RequestDone(Outcome("rate", asked, "ok"), START).pump == pump
