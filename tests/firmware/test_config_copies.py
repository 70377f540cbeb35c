"""The settings survive a write that was broken off: they are in two files, written one after the other."""

import json

import pytest
from firmware_on_cpython import PaperBoard

from pump import config

RIG = {**config.DEFAULTS, "rig_name": "bench-7", "calibration": {"sensor": "ds18b20", "low": [310, 0]}}


class Broken(PaperBoard):
    """Ctrl-C comes in the middle of its so-manieth write, which leaves the file empty."""

    breaks_at = 0

    def save(self, name: str, data: bytes) -> None:
        self.breaks_at -= 1
        if self.breaks_at == 0:
            self.files[name] = b""
            raise KeyboardInterrupt
        super().save(name, data)


@pytest.mark.parametrize("breaks_at", [1, 2])
def test_either_write_may_be_broken_off(breaks_at: int) -> None:
    board = Broken()
    config.save(board, RIG)
    board.breaks_at = breaks_at
    with pytest.raises(KeyboardInterrupt):
        config.save(board, {**RIG, "rate_hz": 20})
    kept, problems = config.load(board)
    assert (kept["rig_name"], kept["calibration"]) == ("bench-7", RIG["calibration"])
    assert kept["rate_hz"] == (10 if breaks_at == 1 else 20)
    assert bool(problems) == (breaks_at == 1), "what was lost is said"


def test_a_person_edits_one_file_and_may_delete_it() -> None:
    board = PaperBoard()
    config.save(board, RIG)
    board.files[config.FILE] = json.dumps({"rig_name": "mine"}).encode()
    assert config.load(board)[0]["rig_name"] == "mine"
    del board.files[config.FILE]
    assert config.load(board) == (config.DEFAULTS, [])


def test_two_files_without_sense_are_the_defaults_and_said() -> None:
    board = PaperBoard({config.FILE: b"", config.COPY: b"[1"})
    kept, problems = config.load(board)
    assert kept == config.DEFAULTS
    assert "defaults" in problems[0]
