"""One set of limits: what a request allows, a scenario allows, and the firmware accepts to the last step."""

from typing import Any

import pytest

from pumplink import messages as m
from pumplink.codes import ErrorCode
from warmflow.api.requests import board_commands as requests
from warmflow.simulation import board_commands as board
from warmflow.simulation import events

SKIN, CORE, AMBIENT, OUTLET = range(4)


def environment(value: int, which: int, duration_s: int = 60) -> m.Message:
    return m.SetEnvironment(9, duration_s, *(value if each == which else None for each in range(4)))


# limits, what a unit of them is on the wire, the command with a raw value, the two fields that have these limits
CASES = {
    "skin_c": (board.SKIN_C, 1000, lambda raw: environment(raw, SKIN), requests.Environment, events.Exposure),
    "core_c": (board.CORE_C, 1000, lambda raw: environment(raw, CORE), requests.Environment, events.Exposure),
    "ambient_kpa": (board.AMBIENT_KPA, 1000, lambda raw: environment(raw, AMBIENT), requests.Environment,
                    events.Exposure),
    "outlet_kpa": (board.OUTLET_KPA, 1000, lambda raw: environment(raw, OUTLET), requests.Environment,
                   events.Exposure),
    "magnitude": (board.MAGNITUDE, 1000, lambda raw: m.InjectFault(9, 1, raw, 60), requests.Fault, events.Fault),
    "glycerol_fraction": (board.GLYCEROL_FRACTION, 1000, lambda raw: m.SetFluid(9, 3, raw), requests.SetFluid,
                          events.Fluid),
    "refill volume_ml": (board.REFILL_ML, 1e6, lambda raw: m.Refill(9, raw), requests.Refill, events.Refill),
    "withdraw volume_ml": (board.WITHDRAW_ML, 1e6, lambda raw: m.Withdraw(9, raw), requests.Withdraw,
                           events.Withdraw),
    "flush volume_ml": (board.FLUSH_ML, 1e6, lambda raw: m.Flush(9, raw), requests.Flush, events.Flush),
}  # fmt: skip
LOOSER = ("withdraw volume_ml", "flush volume_ml")  # the board takes any volume: what there is comes out


def answer(said: list[m.Message]) -> m.Ack | m.Nack:
    return next(each for each in said if isinstance(each, m.Ack | m.Nack))


@pytest.mark.parametrize("name", CASES)
def test_the_board_accepts_what_the_limits_allow_and_refuses_the_next_step(rig: Any, name: str) -> None:
    limits, unit, command, _, _ = CASES[name]
    low, high = round(limits.low * unit), round(limits.high * unit)
    assert isinstance(answer(rig.send(command(low + limits.open))), m.Ack)
    assert isinstance(answer(rig.send(command(high))), m.Ack)
    if name in LOOSER:
        return
    refused = [command(high + 1)] + ([command(low - 1)] if low > 0 else [])
    for each in refused:
        said = answer(rig.send(each))
        assert isinstance(said, m.Nack)
        assert said.error == ErrorCode.BAD_VALUE


@pytest.mark.parametrize("name", CASES)
def test_a_request_and_an_event_of_a_scenario_have_the_same_limits(name: str) -> None:
    limits, _, _, *models = CASES[name]
    for model in models:
        found = {type(each).__name__.lower(): each for each in model.model_fields[name.split()[-1]].metadata}
        lower = found["gt"].gt if limits.open else found["ge"].ge
        assert (lower, found["le"].le) == (limits.low, limits.high)


def test_no_duration_is_longer_than_the_boards_longest(rig: Any) -> None:
    assert events.LONGEST_MIN * 60 == board.LONGEST_S
    assert isinstance(answer(rig.send(environment(40_000, SKIN, board.LONGEST_S))), m.Ack)
    for duration_s in (board.LONGEST_S + 1, 1 << 31):
        assert isinstance(answer(rig.send(environment(40_000, SKIN, duration_s))), m.Nack)
        assert isinstance(answer(rig.send(m.InjectFault(9, 1, 500, duration_s))), m.Nack)


@pytest.mark.parametrize(
    ("request_", "event"),
    [
        (requests.Environment(pump="a", duration_s=600, skin_c=41.5, outlet_kpa=9.0),
         events.Exposure(kind="exposure", at_min=0, duration_min=10, skin_c=41.5, outlet_kpa=9)),
        (requests.Fault(pump="a", fault="leak", magnitude=0.25, duration_s=60),
         events.Fault(kind="fault", at_min=0, fault="leak", magnitude=0.25, duration_min=1)),
        (requests.Refill(pump="a", volume_ml=20.0), events.Refill(kind="refill", at_min=0, volume_ml=20)),
        (requests.Withdraw(pump="a"), events.Withdraw(kind="withdraw", at_min=0)),
        (requests.Flush(pump="a", volume_ml=0.5), events.Flush(kind="flush", at_min=0, volume_ml=0.5)),
        (requests.SetFluid(pump="a", fluid="glycerol", glycerol_fraction=0.3),
         events.Fluid(kind="fluid", at_min=0, fluid="glycerol", glycerol_fraction=0.3)),
    ],
)  # fmt: skip
def test_a_request_and_an_event_that_mean_the_same_are_the_same_command(request_: Any, event: Any) -> None:
    assert request_.command(9) == event.command(9)
