"""`warmflow config` and `warmflow selftest` against a virtual Pico: what they say, what they change, how they fail."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from command_line import command_line
from optional_parts import require

from warmflow.cli.board_config import Point, SettingError, defaults, split, table, typed
from warmflow.device.virtual import virtual_pico

pytestmark = pytest.mark.micropython
CONFIG = {"rig_name": "bench-7", "sensor": "emulated", "rate_hz": 50}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require("MicroPython unix port")
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        board = virtual_pico("unix", state_dir=tmp_path_factory.mktemp("board"), config=CONFIG)
        pico = runner.run(stack.enter_async_context(board))
        yield pico.port
        runner.run(stack.aclose())


def warmflow(*arguments: object, status: int = 0) -> str:
    done = command_line(*arguments)
    assert done.status == status, done.out + done.err
    return done.err if status == 2 else done.out


def test_all_settings_are_shown_with_their_defaults(port: str) -> None:
    rows = {line.split()[-3]: line for line in warmflow("config", "get", "--port", port).splitlines()[1:]}
    assert defaults().keys() <= rows.keys()
    assert rows["rate_hz"].split() == ["*", "rate_hz", "50", "10"]
    assert rows["body"].split() == ["body", "average", "average"]


def test_a_setting_is_changed_kept_and_put_back(port: str) -> None:
    warmflow("config", "set", "body=deep", "probe_noise_mc=30", "--port", port)
    shown = json.loads(warmflow("config", "get", "body", "probe_noise_mc", "--json", "--port", port))
    assert shown == {"body": "deep", "probe_noise_mc": 30}
    warmflow("config", "set", "body=average", "probe_noise_mc=20", "--port", port)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("rate_hz=1000", "rate_hz: a whole number from 1 to 100"),
        ("rate_hz=fast", "rate_hz: a whole number from 1 to 100"),
        ("place=moon", "place: one of pump, skin, water"),
        ("colour=red", "colour: unknown key; known are body, "),
    ],
)
def test_a_refused_setting_names_the_key_and_what_is_allowed_and_changes_nothing(
    port: str, setting: str, says: str
) -> None:
    said = warmflow("config", "set", "body=slim", setting, "--port", port, status=2)
    assert says in said
    assert said.count("\n") == 1
    assert "average" in warmflow("config", "get", "body", "--port", port)


def test_a_key_that_the_board_does_not_know_is_named(port: str) -> None:
    assert "colour: unknown setting; known are body, " in warmflow("config", "get", "colour", "--port", port, status=2)


def test_an_emulated_probe_has_nothing_to_calibrate(port: str) -> None:
    assert "nothing to calibrate" in warmflow("config", "calibrate", "low", "34.0", "--port", port, status=2)


def test_the_points_are_those_of_the_wire() -> None:
    assert [point.value for point in Point] == ["low", "high"]  # 0 and 1, see firmware/src/pump/commands.py


def test_the_selftest_passes_and_its_report_says_the_same(port: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    said = warmflow("selftest", "--port", port, "--json", path)
    report = json.loads(path.read_text())
    verdicts = {test["name"]: test["passed"] for test in report["tests"]}
    assert report["passed"] is True
    assert {name for name, passed in verdicts.items() if passed} >= {"rate", "round trip", "burst", "frames", "flash"}
    assert verdicts["sensor"] is None  # emulated: there is no part to test
    assert verdicts["oled"] is None
    assert "none failed" in said
    assert "not fitted" in said


def test_words_stay_words_where_the_board_has_words() -> None:
    now = {"rig_name": "x", "rate_hz": 10, "pins": {}}
    given = {"rig_name": "17", "rate_hz": "20", "pins": '{"ntc": 26}', "new": "deep"}
    assert typed(given, now) == {"rig_name": "17", "rate_hz": 20, "pins": {"ntc": 26}, "new": "deep"}


def test_what_is_no_setting_is_shown_how_to_write_one() -> None:
    with pytest.raises(SettingError, match="rate_hz: write KEY=VALUE"):
        split("rate_hz")


def test_a_star_marks_what_is_not_the_default() -> None:
    lines = table({"a": 1, "b": "", "c": 3}, {"a": 1, "b": "x"})
    assert [line[:1] for line in lines] == [" ", " ", "*", " "]
