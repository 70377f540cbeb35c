"""systemd unit and container file: what they must say for the daemon's promises to hold."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from warmflow.daemon.config.keys import VARIABLES

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "packaging" / "warmflow.service"
CONTAINER = ROOT / "packaging" / "Containerfile"


def unit() -> dict[str, dict[str, str]]:
    """By section and key; what is given several times stands on several lines."""
    found: dict[str, dict[str, str]] = {}
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section[key] = f"{section[key]}\n{value}" if key in section else value
    return found


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", CONTAINER.read_text())
    return [
        (line.split()[0], line.split(None, 1)[1]) for line in text.splitlines() if line and not line.startswith("#")
    ]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    return found[max(index for index, (word, _) in enumerate(found) if word == "FROM") :]


def test_the_unit_waits_for_readiness_and_for_signs_of_life() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 10
    assert service["Restart"] == "on-failure"
    assert int(service["TimeoutStopSec"]) >= 3


def test_wrong_settings_are_not_tried_again() -> None:
    assert unit()["Service"]["RestartPreventExitStatus"] == "2"


def test_the_unit_is_boxed_in_and_may_open_serial_ports() -> None:
    service = unit()["Service"]
    yes = ("DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "ProtectKernelModules", "LockPersonality")
    assert {key: service[key] for key in yes} == dict.fromkeys(yes, "yes")
    assert service["ProtectSystem"] == "strict"
    assert service["SupplementaryGroups"] == "dialout"
    assert "char-ttyACM rw" in service["DeviceAllow"]
    assert service["CapabilityBoundingSet"] == ""
    # a service that starts before the first Pico came: no driver, no name for DeviceAllow
    assert "modprobe@cdc_acm.service" in unit()["Unit"]["Wants"]


def test_the_unit_waits_for_the_time_of_day_and_points_at_nothing_that_is_not_there() -> None:
    section = unit()["Unit"]
    for key in ("After", "Wants"):
        assert "time-sync.target" in section[key].split()
    assert "Documentation" not in section


def test_the_unit_keeps_its_state_where_systemd_made_room_for_it() -> None:
    service = unit()["Service"]
    assert service["StateDirectory"] == "warmflow"
    assert "WARMFLOW_STATE_DIR=%S/warmflow" in service["Environment"]


def test_every_variable_that_the_files_set_is_one_of_ours() -> None:
    named = set(re.findall(r"WARMFLOW_[A-Z_]+", UNIT.read_text() + CONTAINER.read_text()))
    assert named <= set(VARIABLES)
    assert "WARMFLOW_BROKER_PASSWORD" not in named  # a secret in a unit or an image is none


@pytest.mark.needs("systemd")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/warmflow/bin/warmflow", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if UNIT.name in line and "Documentation" not in line]
    assert not ours, done.stderr


def test_the_container_is_not_root_and_keeps_its_state_in_a_volume() -> None:
    words = dict(last_stage())
    assert words["USER"] == "10001"  # a number, so that whoever runs it can check that it is not root
    assert words["VOLUME"] == "/var/lib/warmflow"
    assert "WARMFLOW_STATE_DIR=/var/lib/warmflow" in words["ENV"]
    assert words["STOPSIGNAL"] == "SIGTERM"
    assert words["ENTRYPOINT"] == '["warmflow"]'


def test_the_containers_python_is_one_that_the_program_knows() -> None:
    images = {text.split()[0] for word, text in instructions() if word == "FROM"}
    [image] = images
    version = re.search(r"python:3\.(\d+)", image)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    low, high = (int(number) for number in re.findall(r"3\.(\d+)", requires))
    assert version
    assert low <= int(version[1]) < high


def test_the_health_check_fails_where_nobody_answers() -> None:
    command = dict(last_stage())["HEALTHCHECK"].partition("CMD")[2].strip()
    python, option, code = json.loads(command)
    assert (python, option) == ("python", "-c")
    assert ":8080/health" in code
    nowhere = code.replace(":8080/", ":1/")
    assert subprocess.run([sys.executable, "-c", nowhere], capture_output=True).returncode == 1


@pytest.mark.parametrize(
    ("machine", "wanted"), [("x86_64", True), ("aarch64", True), ("armv7l", True), ("armv6l", False)]
)
def test_a_machine_without_a_wheel_of_the_embedded_broker_can_install_the_rest(machine: str, wanted: bool) -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    [iotcore] = [Requirement(each) for each in dependencies if each.startswith("iotcore")]
    assert iotcore.marker
    assert iotcore.marker.evaluate({"platform_machine": machine}) is wanted
