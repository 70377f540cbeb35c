"""What `warmflow watch` says where there is nothing to watch."""

import pytest

from warmflow.cli.watch.frame import Frame, empty_words
from warmflow.cli.watch.model import WatchModel

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
