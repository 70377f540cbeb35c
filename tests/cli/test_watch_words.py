"""What `warmflow watch` says where there is nothing to watch."""

import pytest

from warmflow.cli.main import with_numbers
from warmflow.cli.watch.command import watch
from warmflow.cli.watch.frame import Frame, empty_words
from warmflow.cli.watch.model import WatchModel
from warmflow.errors import UserError
from warmflow.runtime import console
from warmflow.sinks.mqtt.broker.reachability import free_port

pytestmark = pytest.mark.time


def frame(**model: str) -> Frame:
    filled = WatchModel()
    for name, value in model.items():
        setattr(filled, name, value)
    return Frame(filled, None, 0.0, "127.0.0.1:1883")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"broker": "away", "broker_detail": "[Errno 111] Connection refused"}, "warmflow run --broker-port 1883"),
        ({"broker": "away", "broker_detail": "timed out"}, "broker away"),
        ({"broker": "connecting"}, "broker connecting"),
        ({"broker": "connected"}, "warmflow run"),
        ({"broker": "connected", "daemon": "dead"}, "died"),
    ],
)
def test_who_sees_no_pump_is_told_why_and_what_to_do(model: dict[str, str], words: str) -> None:
    assert words in empty_words(frame(**model))


@pytest.mark.parametrize("terminal", [True, False])
def test_without_a_terminal_or_a_broker_it_says_so_and_ends(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "is_terminal", lambda: terminal)
    with pytest.raises(UserError, match=r"no broker at 127\.0\.0\.1:\d+" if terminal else "needs a terminal"):
        watch(f"mqtt://127.0.0.1:{free_port()}")


def test_an_option_whose_number_is_left_out_is_one() -> None:
    assert with_numbers(["run", "--virtual"]) == ["run", "--virtual", "1"]
    assert with_numbers(["run", "--virtual", "3", "--listen", "off"]) == ["run", "--virtual", "3", "--listen", "off"]
    assert with_numbers(["run", "--virtual", "--listen", "off"]) == ["run", "--virtual", "1", "--listen", "off"]
