"""SELF_TEST on a board of paper: a verdict for what the board can judge alone, none where it cannot."""

import json

import pytest
from firmware_on_cpython import PaperBoard, Rig

from pumplink import messages as m


class Probe:
    """A real one that reads what a test says."""

    code, status, name, step, exposed_skin_c = 3, 0, "ds18b20", None, None

    def __init__(self, temp_c: float | None) -> None:
        self.temp_c = temp_c

    def read(self, now_ms: int) -> tuple[float | None, int]:
        return self.temp_c, 40

    def why(self) -> str:
        return "CRC"


def verdicts(board: PaperBoard, probe: Probe | None = None) -> dict[str, tuple[bool | None, str]]:
    rig = Rig(board)
    if probe:
        rig.app.probe = probe
    [answer] = [said for said in rig.send(m.SelfTest(9)) if isinstance(said, m.Ack) and said.request_id == 9]
    assert len(answer.text.encode()) < 1000
    return {name: (passed, seen) for name, passed, seen in json.loads(answer.text)}


def test_an_emulated_probe_is_neither_passed_nor_failed() -> None:
    assert verdicts(PaperBoard({"config.json": b'{"sensor": "emulated"}'}))["sensor"][0] is None


@pytest.mark.parametrize(
    ("temp_c", "says"),
    [(36.5, (True, "36.50 degC, 40 ms old")), (85.0, (False, "85.00 degC, 40 ms old")), (None, (False, "CRC"))],
)
def test_a_probe_passes_with_a_temperature_that_water_or_skin_can_have(
    temp_c: float | None, says: tuple[bool, str]
) -> None:
    assert verdicts(PaperBoard(), Probe(temp_c))["sensor"] == says


@pytest.mark.parametrize(("heap", "passed"), [(119_999, False), (120_000, True)])
def test_a_pico_needs_120_kb_of_heap(heap: int, passed: bool) -> None:
    board = PaperBoard()
    board.platform, board.heap = 1, heap
    assert verdicts(board)["memory"][0] is passed


def test_another_boards_heap_is_not_judged() -> None:
    assert verdicts(PaperBoard())["memory"][0] is None


def test_flash_that_keeps_other_bytes_fails() -> None:
    class Worn(PaperBoard):
        def load(self, name: str) -> bytes | None:
            data = super().load(name)
            return data[:-1] + b"?" if data and name == "selftest" else data

    assert verdicts(Worn())["flash"][0] is False
    assert verdicts(PaperBoard())["flash"][0] is True


def test_flash_that_refuses_is_said_with_its_number() -> None:
    class Full(PaperBoard):
        def save(self, name: str, data: bytes) -> None:
            if name == "selftest":
                raise OSError(28)
            super().save(name, data)

    assert verdicts(Full())["flash"] == (False, "error 28")


def test_what_is_not_fitted_is_said() -> None:
    seen = verdicts(PaperBoard())
    assert all(seen[name] == (None, "not fitted") for name in ("barometer", "oled", "buzzer", "drip", "stepper"))
