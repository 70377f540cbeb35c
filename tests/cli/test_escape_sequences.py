"""No command lets an escape sequence through to a terminal: from a board, a daemon, a file, a journal or its own words.

test_door_rules.py holds that all commands print by `runtime.console`; here each gets hostile text from where it reads.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from records import reading

from warmflow.cli import board_config, main, selftest
from warmflow.journal import Journal, annotation_rows
from warmflow.runtime.output_file import write_text

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
CSV = f"time,volume_ul,{HOSTILE}\n2026-11-21T12:00:00Z,0,{HOSTILE}\n2026-11-21T12:30:00Z,{HOSTILE},1\n"
TOML = f'title = "{HOSTILE.encode("unicode_escape").decode().replace(chr(92) + "x", chr(92) + "u00")}"\n'
ALARM = {
    "pump": HOSTILE, "id": HOSTILE, "state": HOSTILE, "priority": HOSTILE, "since": HOSTILE, "text": HOSTILE,
    "acknowledged_by": HOSTILE, "shelved_until": HOSTILE, "chattering": HOSTILE,
    "comments": [{"at": HOSTILE, "by": HOSTILE, "text": HOSTILE}],
}  # fmt: skip
LINE = {
    "at": HOSTILE,
    "pump": HOSTILE,
    "id": HOSTILE,
    "event": HOSTILE,
    "by": HOSTILE,
    "said": HOSTILE,
    "text": HOSTILE,
}
DIAGNOSIS = {HOSTILE: {"time": HOSTILE, "diagnosis": {"text": HOSTILE, "cause": HOSTILE}}}
ANSWER = {"data": {"alarms": [ALARM], "history": [LINE], "alarm": ALARM, "kept": False}, "last": DIAGNOSIS}
SHOWN = ("owned", "6F 77 6E 65 64", "no column of time")  # the text, its bytes, or a fault that is not about it
SETTINGS = {HOSTILE: HOSTILE, "pins": {HOSTILE: HOSTILE}, "rig_name": HOSTILE}


@pytest.fixture
def warmflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command in this process; all that it printed, which has to be harmless and to hold hostile text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARMFLOW_STATE_DIR", str(tmp_path))

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["warmflow", *words])
        main._status()
        said = "".join(capsys.readouterr())
        steering = {char for char in said if not (char in "\r\n" or char.isprintable())}
        assert not steering, said
        assert any(each in said for each in SHOWN), said
        assert "Traceback" not in said
        return said

    return run


def hostile_journal(path: Path) -> None:
    journal = Journal(path)
    journal.append([reading(1, pump=HOSTILE), reading(2, pump=HOSTILE)])
    note = {"pump": HOSTILE, "utc_ms": 1_795_262_400_000, "text": HOSTILE, "by": HOSTILE, "written_ms": 0}
    journal.write(partial(annotation_rows.store, **note))
    journal.close()


FILES = {
    "csv": CSV,
    "toml": TOML,
    "keys": '"\\u001b]0;owned\\u0007" = 1\n',
    "log": f'{{"{HOSTILE}": 1}}\n',
    "bytes": f"{HOSTILE}\n{HOSTILE}\n" * 5,
}
FROM_FILES = [
    "check-config keys.toml", "run --config keys.toml", "lesson check keys.toml", "lesson show keys.toml",
    "simulate keys.toml", "demo --scenario keys.toml", "report --scenario keys.toml", "report csv.csv",
    "import csv.csv", "report csv.csv --limits keys.toml", "dump bytes.bin", "dump bytes.bin --raw",
    "dump bytes.bin --brief", "export --journal journal.sqlite", "export --journal journal.sqlite --notes - rows.csv",
    "explain --journal journal.sqlite", "export --journal journal.sqlite --pump x", "report x --journal journal.sqlite",
]  # fmt: skip


@pytest.mark.time
@pytest.mark.parametrize("line", FROM_FILES)
def test_from_a_file_or_a_journal(line: str, tmp_path: Path, warmflow: Callable[..., str]) -> None:
    for name, ending in (("csv", "csv"), ("toml", "toml"), ("keys", "toml"), ("log", "jsonl"), ("bytes", "bin")):
        (tmp_path / f"{name}.{ending}").write_text(FILES[name], encoding="utf-8")
    if "journal" in line:
        hostile_journal(tmp_path / "journal.sqlite")
    warmflow(*line.split(" "))


WORDS = [
    ("export", "--pump", HOSTILE), ("dump", HOSTILE), ("report", HOSTILE), ("import", HOSTILE), ("simulate", HOSTILE),
    ("lesson", "show", HOSTILE), ("lesson", "check", HOSTILE), ("lesson", "report", HOSTILE), ("check-config", HOSTILE),
    ("run", "--config", HOSTILE), ("run", "--broker", HOSTILE), ("replay", HOSTILE), ("watch", "--broker", HOSTILE),
    ("emulate", "--name", HOSTILE), ("emulate", "--engine", HOSTILE), ("demo", "--scenario", HOSTILE),
    ("config", "get", "--port", HOSTILE), ("config", "set", HOSTILE), ("selftest", "--port", HOSTILE),
    ("flash", HOSTILE), ("alarm", "list", "--url", HOSTILE), ("explain", "--url", HOSTILE), (HOSTILE,),
    ("simulate", "rest", "--sweep", HOSTILE), ("simulate", "rest", "--csv", f"none/{HOSTILE}"), ("dose", HOSTILE),
    ("export", "--since", HOSTILE), ("train", "--engine", HOSTILE, "--listen", "off"),
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words[:-1]) or "a command")
def test_from_the_command_line_itself(words: tuple[str, ...], tmp_path: Path, warmflow: Callable[..., str]) -> None:
    if words[0] == "export":
        hostile_journal(tmp_path / "journal.sqlite")
    warmflow(*words)


class Daemon(BaseHTTPRequestHandler):
    """Answers everything with hostile text."""

    status = 200

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(ANSWER if self.status == 200 else {"error": HOSTILE}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(params=[200, 409])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = type("Answering", (Daemon,), {"status": request.param})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("line", [
    "alarm list --all", "alarm list --json", "alarm history", "alarm history --json", "alarm ack rig rate",
    "alarm shelve rig rate --minutes 5", "alarm unshelve rig rate", "alarm unlatch rig rate",
    "alarm comment rig rate x",
    "explain", "explain --json",
])  # fmt: skip
def test_from_a_daemon(line: str, url: str, warmflow: Callable[..., str]) -> None:
    warmflow(*line.split(" "), "--url", url)


@pytest.mark.parametrize("line", ["config get", "config get --json", "config get rig_name", "config get nothing"])
def test_from_a_board(line: str, warmflow: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_config, "_with_board", lambda port, timeout_s, work: SETTINGS)
    warmflow(*line.split(" "))


@pytest.mark.parametrize("to", [None, "-"])
def test_from_a_board_that_tests_itself(to: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    tests = [selftest.Verdict(HOSTILE, False, HOSTILE)]
    if to is None:
        from warmflow.runtime import console

        console.say(*selftest.table(tests))
    else:
        write_text(to, HOSTILE)
    assert "\x1b" not in capsys.readouterr().out


def test_every_command_is_fed() -> None:
    main._register()
    group: Any = typer.main.get_command(main.app)
    fed = {line.split(" ")[0] for line in FROM_FILES} | {words[0] for words in WORDS} | {"alarm"}
    # they read names of ports and of our files, or print what a checked name type let through
    assert set(group.commands) - fed == {"ports", "firmware", "adopt", "backup", "journal", "restore", "limits"}
