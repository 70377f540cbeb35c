"""Version 5 is not given up for one hang-up of a broker that speaks it, nor for good by mistake."""

import pytest

from warmflow.sinks.mqtt.client import NotThisProtocol
from warmflow.sinks.mqtt.protocol_choice import HANG_UPS, ProtocolChoice

HANG_UP, REFUSAL = NotThisProtocol("closed the connection", said=False), NotThisProtocol("version", said=True)


@pytest.mark.parametrize("error", [HANG_UP, REFUSAL])
def test_a_broker_that_never_took_version_5_is_tried_with_the_older_one_at_once(error: NotThisProtocol) -> None:
    assert ProtocolChoice("5").wants_older(error)


def test_a_broker_that_was_frozen_and_hangs_up_is_asked_for_version_5_again() -> None:
    choice = ProtocolChoice("5")
    choice.accepted("5")
    assert [choice.wants_older(HANG_UP) for _ in range(HANG_UPS)] == [False] * (HANG_UPS - 1) + [True]
    choice.accepted("5")
    assert not choice.wants_older(HANG_UP)  # counted anew
    assert choice.wants_older(REFUSAL)  # another broker, perhaps: it says so


def test_an_older_version_that_does_not_last_is_not_kept() -> None:
    choice = ProtocolChoice("5")
    choice.accepted("3.1.1")
    choice.ended(steady=True)
    assert choice.now == "3.1.1"
    assert not choice.wants_older(HANG_UP)  # there is none
    choice.ended(steady=False)
    assert choice.now == "5"


def test_what_the_settings_ask_for_is_never_changed() -> None:
    choice = ProtocolChoice("3.1.1")
    choice.accepted("3.1.1")
    assert not choice.wants_older(REFUSAL)
    choice.ended(steady=False)
    assert choice.now == "3.1.1"
