"""Who may be which pump: a name is of one board, a board at one port, and what a board says of itself takes nothing
from another one.
"""

import pytest
from fake_ports import FakePorts, board_id, hello, info, reading

from pumplink import messages as m
from warmflow.api.requests import NotDone
from warmflow.daemon.dispatcher import find
from warmflow.device.name_registry import NameRegistry
from warmflow.device.session import NoMemory
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus


def states(ports: FakePorts) -> list[LinkState]:
    return [link.session.state for link in ports.links]


def test_a_board_that_copies_another_ones_hello_replaces_nothing() -> None:
    ports = FakePorts()
    victim = hello("victim")
    ports.send(0, victim, reading(1))
    ports.send(1, victim, reading(1, 999), reading(2, 999))
    ports.send(0, reading(2))
    assert [each.message.metered_flow_nl_h for each in ports.readings("victim")] == [50_000, 50_000]
    assert states(ports) == [LinkState.OK, LinkState.ID_TAKEN]
    assert f"board {board_id(1)}, which is at p0" in ports.links[1].session.detail
    assert ports.last_state("victim").state is LinkState.OK
    assert find("victim", ports.links) is find(board_id(1), ports.links) is ports.links[0]
    assert ports.gaps() == []


@pytest.mark.parametrize("copy", [{"boot": 9, "number": 9}, {"boot": 1}])
def test_a_copy_in_another_boot_does_not_make_the_victim_restart(copy: dict[str, int]) -> None:
    ports = FakePorts()
    ports.send(0, hello("victim", boot=3), reading(1))
    ports.send(1, hello("other", **copy))
    assert states(ports) == [LinkState.OK, LinkState.ID_TAKEN]
    assert ports.gaps() == []
    assert ports.removed() == []


def test_the_copy_stays_refused_and_is_asked_again_until_the_first_one_is_gone() -> None:
    ports = FakePorts()
    ports.send(0, hello("rig"))
    ports.send(1, hello("rig"))
    ports.sent_to(1)
    for _ in range(20):  # both go on; it is not asked at every tick
        ports.pass_time(0.5)
        ports.send(0, info("rig"))
    assert 1 <= ports.sent_to(1).count(m.HelloRequest) <= 3
    ports.send(1, hello("rig"))
    assert states(ports)[1] is LinkState.ID_TAKEN
    ports.unplug(0)
    ports.send(1, hello("rig"), reading(1))
    assert states(ports)[1] is LinkState.OK
    assert ports.last_state("rig").port == "p1"


def test_a_board_that_moves_to_another_port_takes_its_name_along_and_nothing_with_it() -> None:
    ports = FakePorts()
    ports.send(0, hello("rig"), reading(1))
    ports.unplug(0)
    ports.send(1, hello("rig"), reading(1))
    ports.links[0].closed(LinkState.NOT_FOUND, "no such port")  # tried again, in vain
    assert ports.last_state("rig").state is LinkState.OK
    assert find("rig", ports.links) is ports.links[1]
    assert ports.removed() == []


async def test_a_port_that_is_detached_removes_no_pump_that_has_moved_away() -> None:
    ports = FakePorts()
    ports.send(0, hello("rig"))
    ports.unplug(0)
    ports.send(1, hello("rig"))
    for port in ports.fleet.links:
        ports.fleet._start(port)
    await ports.fleet.detach("p0")
    assert ports.removed() == [""]
    for task in ports.fleet._tasks.values():
        task.cancel()


def test_the_name_of_a_pump_that_is_unplugged_is_not_free() -> None:
    ports = FakePorts()
    ports.send(0, hello("victim", board=1))
    ports.unplug(0)
    ports.send(1, hello("victim", board=2))
    assert states(ports)[1] is LinkState.NAME_TAKEN
    assert f"warmflow adopt victim {board_id(2)}" in ports.links[1].session.detail
    ports.send(1, hello("other", board=2), info("victim"), info("third"))
    assert ports.removed() == []
    assert ports.last_state("victim").state is LinkState.PORT_LOST


def test_a_board_that_takes_a_foreign_name_while_it_runs_is_refused_and_loses_nothing_before() -> None:
    ports = FakePorts()
    ports.send(0, hello("victim", board=1))
    ports.send(1, hello("other", board=2), reading(1), info("victim"), reading(2))
    assert states(ports) == [LinkState.OK, LinkState.NAME_TAKEN]
    assert [each.message.sequence for each in ports.readings("other")] == [1]
    ports.send(1, hello("other", board=2), reading(2))
    assert [each.message.sequence for each in ports.readings("other")] == [1, 2]


def test_another_board_at_a_port_leaves_the_pump_of_the_first_one_offline_and_not_removed() -> None:
    ports = FakePorts(1)
    ports.send(0, hello("left", board=1))
    ports.send(0, hello("right", board=2))
    assert ports.removed() == []
    assert ports.last_state("left").state is LinkState.PORT_LOST
    assert ports.last_state("right").state is LinkState.OK


def test_a_refused_board_at_a_port_speaks_for_nobody() -> None:
    ports = FakePorts(2)
    ports.send(1, hello("taken", board=3))
    ports.send(0, hello("left", board=1), reading(1))
    ports.send(0, hello("taken", board=2), reading(1))
    assert ports.last_state("left").state is LinkState.PORT_LOST
    with pytest.raises(NotDone):
        find("left", ports.links)
    ports.send(1, hello("left", board=1), reading(1))
    assert ports.last_state("left").state is LinkState.OK, "the first board is free to be elsewhere"


@pytest.mark.parametrize("name", ["bridge", "", "a/b", "A"])
def test_a_name_that_is_none_is_refused_and_nothing_is_published_under_it(name: str) -> None:
    ports = FakePorts(1)
    ports.send(0, hello(name), reading(1))
    assert states(ports) == [LinkState.NAME_TAKEN]
    assert "rig_name" in ports.links[0].session.detail
    assert all(isinstance(each, LinkStatus) and each.pump == "" for each in ports.updates)


def test_a_name_that_is_a_known_board_id_or_a_port_is_refused() -> None:
    ports = FakePorts(2)
    ports.send(0, hello("rig", board=1))
    for name in (board_id(1), board_id(2), "p0"):
        ports.send(1, hello(name, board=2))
        assert states(ports)[1] is LinkState.NAME_TAKEN
        assert "id of a board or a port" in ports.links[1].session.detail


def test_a_renamed_board_takes_away_its_own_old_name() -> None:
    ports = FakePorts(1)
    ports.send(0, hello("old"), info("new"))
    assert ports.removed() == ["old"]
    assert ports.last_state("new").state is LinkState.OK


def test_a_board_that_was_renamed_on_its_way_to_another_port_takes_the_old_name_away() -> None:
    ports = FakePorts()
    ports.send(0, hello("old"))
    ports.unplug(0)
    ports.send(1, hello("new", boot=2))
    assert ports.removed() == ["old"]


class Kept(NoMemory):
    """An earlier daemon kept a boot of the board."""

    def latest(self, board: str) -> object:
        from warmflow.device.identity import Boot

        return Boot(board, 1, 1)

    def through(self, boot: object) -> int:
        return 40 if boot[1] == 1 else 0  # type: ignore[index]


def test_what_a_restart_lost_has_the_name_of_its_pump() -> None:
    ports = FakePorts(1, Kept())
    ports.send(0, hello("rig", boot=2))
    [gap] = ports.gaps()
    assert (gap.pump, gap.boot.boots, gap.first, gap.last) == ("rig", 1, 41, None)


def test_what_a_restart_lost_is_not_forgotten_when_the_board_is_refused_at_first() -> None:
    names = NameRegistry({})
    names.claim("rig", "another")  # type: ignore[arg-type]
    ports = FakePorts(1, Kept(), names)
    ports.send(0, hello("rig", boot=2))
    assert ports.gaps() == []
    names.adopt("rig", board_id(1))  # type: ignore[arg-type]
    ports.send(0, hello("rig", boot=2))
    assert [(gap.pump, gap.first) for gap in ports.gaps()] == [("rig", 41)]
