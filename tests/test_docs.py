"""Every command that a page shows is run, or at least parsed by the program that it calls; every table is the
code's.
"""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import command_line
from docs_table import states_table, topics_table

from warmflow.api.requests import Request, parse
from warmflow.device.states import REMEDIES, LinkState

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BIN = Path(sys.executable).parent


def commands() -> list[str]:
    found: dict[str, None] = {}
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.S):
            found |= dict.fromkeys(line.strip() for line in block.splitlines() if line.strip())
    return list(found)


def words(command: str) -> list[str]:
    return [str(BIN / Path(word).name) if word.startswith(".venv/bin/") else word for word in shlex.split(command)]


def ends_well(command: str, folder: Path) -> None:
    program, *arguments = shlex.split(command)
    if Path(program).name == "warmflow":
        with contextlib.chdir(folder):
            ours = command_line(*arguments)
        assert ours.status == 0, ours.out + ours.err
        return
    done = subprocess.run(words(command), cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def checks_settings(command: str, folder: Path) -> None:
    """Its file is one of this repository."""
    argv = [str(ROOT / word) if word.endswith(".toml") else word for word in shlex.split(command)]
    ends_well(shlex.join(argv), folder)


def starts_and_stops(command: str, folder: Path) -> None:
    """Started, seen to be up, stopped by Ctrl-C with status 0."""
    argv = [word if word != "1883" else "0" for word in words(command)]
    if "--broker-port" in argv:
        del argv[argv.index("--broker-port") : argv.index("--broker-port") + 2]  # 1883 may be somebody else's here
    environment = os.environ | {"XDG_STATE_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        assert process.stdout
        seen = []
        for line in process.stdout:
            seen.append(line)
            if re.match(r"connected to broker|next |  trainees ", line):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0, "".join(seen) + rest


def is_understood(command: str, folder: Path) -> None:
    """For what needs a Pico, a terminal or minutes: the program knows the command and its options."""
    ends_well(f"{command} --help", folder)


def is_a_target(command: str, folder: Path) -> None:
    ends_well(f"make --dry-run -C {ROOT} {command.removeprefix('make ')}", folder)


def asks_well(command: str, folder: Path) -> None:
    """The request that it publishes is one that the daemon understands."""
    argv = shlex.split(command)
    payload = argv[argv.index("-m") + 1] if "-m" in argv else ""
    assert isinstance(parse(argv[argv.index("-t") + 1].rpartition("/")[2], payload.encode()), Request)


def is_somebody_elses(command: str, folder: Path) -> None:
    """A program that people bring: nothing of ours to check but that its files are there."""
    if "build/firmware" in command:
        ends_well(".venv/bin/warmflow firmware build/firmware", folder)
        assert (folder / "build" / "firmware" / "main.py").is_file()


HOW = {
    r"make ": is_a_target,
    r"mosquitto_pub .*bridge/request/": asks_well,
    r"\S*warmflow firmware --uf2": is_understood,
    r"\S*warmflow (firmware|ports)": ends_well,
    r"\S*warmflow check-config": checks_settings,
    r"\S*warmflow run": starts_and_stops,
    r"\S*warmflow emulate(?!.*rp2040)": starts_and_stops,
    r"\S*warmflow train --(port|open)": is_understood,
    r"\S*warmflow train": starts_and_stops,
    r"\S*warmflow (watch|dump|demo|replay|import|emulate|simulate|dose|export)": is_understood,
    r"\S*warmflow (flash|config|selftest|explain|alarm|limits|report|lesson)": is_understood,
    r"\S*(pip install mpremote|mpremote (cp|mip))|mosquitto_sub ": is_somebody_elses,
}


@pytest.mark.parametrize("command", commands())
def test_each_command_shown_works(command: str, tmp_path: Path) -> None:
    how = next((how for pattern, how in HOW.items() if re.match(pattern, command)), None)
    assert how, f"no test knows how to run {command!r}: add it to HOW"
    how(command, tmp_path)


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_topics_of_the_mqtt_page_are_those_of_the_code() -> None:
    assert topics_table() in (ROOT / "docs" / "mqtt.md").read_text()


def test_the_states_of_the_bench_testers_guide_are_those_of_the_code() -> None:
    assert set(REMEDIES) == set(LinkState)
    assert states_table() in (ROOT / "docs" / "bench-tester.md").read_text()


@pytest.mark.parametrize("page", [ROOT / "README.md", *(ROOT / "docs").glob("*er.md")], ids=lambda page: page.name)
def test_every_page_for_people_says_that_it_is_no_medical_device(page: Path) -> None:
    assert "no medical device" in page.read_text()
