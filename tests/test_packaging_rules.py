"""The udev rules name the Pico and nothing else, in the form that udev reads."""

import re
from pathlib import Path

RULES = Path(__file__).parents[1] / "packaging" / "60-warmflow.rules"
# Ref: udev(7); systemd 252, which many still have, cannot check a file of rules
MATCH = re.compile(r'(SUBSYSTEM|ATTRS?\{idVendor\}|ENV\{DEVTYPE\})=="\w+"')
ASSIGN = re.compile(r'(MODE|GROUP|ENV\{ID_MM_(PORT|DEVICE)_IGNORE\})="\w+"|TAG\+="uaccess"')


def test_each_rule_is_for_a_picos_vendor_alone() -> None:
    lines = [line for line in RULES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) == 3
    for line in lines:
        assert re.findall(r'ATTRS?\{idVendor\}=="(\w+)"', line) == ["2e8a"]
        keys = line.split(", ")
        assert all(MATCH.fullmatch(key) or ASSIGN.fullmatch(key) for key in keys), line
        assert any(map(ASSIGN.fullmatch, keys))
