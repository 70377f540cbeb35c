"""What a name of a pump is: the same as for the firmware, and less the words that the daemon needs itself."""

import random

import pytest

from pump import config
from warmflow.device.identity import (
    IMPORTED,
    NAME_LENGTH,
    REPLAYED,
    RESERVED,
    BadName,
    PumpName,
    file_name,
    fitted_name,
    is_board_id,
    is_name,
    marked_name,
    name_fault,
    pump_name,
)
from warmflow.device.name_registry import NAMES_OF_A_BOARD, NameRegistry

BAD = ["", "bridge", "a/b", "a+b", "#", "+", "$SYS", "a b", "a\x00b", "tab\t", "Rig", "ü", "rig\n", "a" * 17, "\ud800"]
GOOD = ["demo", "pico-1234", "bridge-2", "rig_7", "a", "a" * 16, "-", "0"]
ODD = [*BAD, *GOOD, "Log (2).csv", "a" * 300, "🩺", "BRIDGE", "...", "pump of bed 1", "pump of bed 2" * 9]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_name_is_refused_with_the_rule(text: str) -> None:
    assert not is_name(text)
    with pytest.raises(BadName, match="1 to 16 of a-z, 0-9, - and _") as refused:
        pump_name(text)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("text", GOOD)
def test_a_name_that_the_firmware_allows_is_a_name(text: str) -> None:
    assert pump_name(text) == text


def test_host_and_firmware_mean_the_same_by_a_name() -> None:
    dice = random.Random(1)
    letters = config.NAME_CHARACTERS + "AZ .@é/"
    for _ in range(3000):
        text = "".join(dice.choice(letters) for _ in range(dice.randrange(1, 19)))
        assert is_name(text) == (config.check("rig_name", text) is None and text not in RESERVED), text
    assert config.NAME_LENGTH == NAME_LENGTH


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("suffix", ["", "-import", "-replay", "-12"])
def test_any_text_can_be_fitted_to_a_name(text: str, suffix: str) -> None:
    name = fitted_name(text, suffix)
    assert name_fault(name) == ""
    assert suffix in name
    assert name == fitted_name(text, suffix)


def test_two_long_texts_do_not_become_one_name() -> None:
    assert fitted_name("balance of the week 47") != fitted_name("balance of the week 48")
    assert marked_name(PumpName("pump-of-bed-0001"), IMPORTED) != marked_name(PumpName("pump-of-bed-0002"), IMPORTED)


def test_short_names_of_recordings_and_files_stay_readable() -> None:
    assert marked_name(PumpName("rig"), REPLAYED) == "rig-replay"
    assert marked_name(PumpName("rig"), IMPORTED) == "rig-import"
    assert file_name("balance 2") == "balance-2"


@pytest.mark.parametrize("stem", ["bridge", "Bridge"])
def test_a_file_with_a_reserved_name_is_refused(stem: str) -> None:
    with pytest.raises(BadName, match="daemon's own name"):
        file_name(stem)


@pytest.mark.parametrize("text", ["a#", "", "A1", "a/b", "x" * 61, "+"])
def test_what_can_not_stand_in_a_topic_is_no_board_id(text: str) -> None:
    assert not is_board_id(text)
    assert is_board_id("replay-e6614c311b7e6f35")


RIG, OTHER = PumpName("rig"), PumpName("other")


def test_a_name_belongs_to_the_board_that_had_it_first() -> None:
    registry = NameRegistry()
    registry.claim(RIG, "b1")
    registry.claim(RIG, "b2")
    assert registry.owner("rig") == "b1"
    assert registry.fault(RIG, "b1") == ""
    assert "warmflow adopt rig b2" in registry.fault(RIG, "b2")


def test_a_name_that_is_the_id_of_a_board_or_a_port_is_refused() -> None:
    registry = NameRegistry({RIG: "00ff"}, boards=["0a0a"])
    for name, port in (("00ff", "p"), ("0a0a", "p"), ("e661", "E661")):
        assert "id of a board or a port" in registry.fault(PumpName(name), "b9", [port])
    assert "id of a board" in registry.fault(PumpName("b9"), "b9")


def test_a_board_that_is_renamed_without_an_end_has_an_end() -> None:
    registry = NameRegistry()
    for number in range(NAMES_OF_A_BOARD):
        name = PumpName(f"n{number}")
        assert registry.fault(name, "b1") == ""
        registry.claim(name, "b1")
    assert "16 names already" in registry.fault(OTHER, "b1")
    assert registry.fault(PumpName("n3"), "b1") == ""
    assert registry.fault(OTHER, "b2") == ""


def test_an_adopted_name_is_of_the_new_board_alone() -> None:
    registry = NameRegistry({RIG: "b1"})
    registry.adopt(RIG, "b2")
    assert registry.fault(RIG, "b2") == ""
    assert "belongs to board b2" in registry.fault(RIG, "b1")
    assert registry.knows("b1")
