"""Fuzz target: boards that say whatever identity they like, on three ports that come and go, one honest board among
them. See `fuzz_targets.py` for how targets are run.
"""

import random

from fake_ports import FakePorts, board_id, hello, info, reading
from fuzz_inputs import TEXTS

from pumplink import messages as m
from warmflow.device.identity import is_name
from warmflow.device.name_registry import NameRegistry
from warmflow.device.session import NoMemory
from warmflow.device.states import LinkState
from warmflow.device.updates import LinkStatus, PumpRemoved, Reading

HONEST, HONEST_FLOW = 0, 4711
NAMES = (*TEXTS[:12], "honest", "other", "p1", "rig-1", board_id(HONEST), board_id(1), "a" * 16)


def _hello(dice: random.Random) -> m.Hello:
    name = dice.choice(NAMES).encode()[:16].decode("utf-8", "ignore").rstrip("\0")
    major = dice.choice((2, 2, 2, 2, 9))
    return hello(name, dice.randrange(3), dice.randrange(1, 3), dice.choice((7, 7, 8)), protocol_major=major)


def identities(dice: random.Random) -> None:
    """Nothing is published without a name; a name and an id are of one port at a time; what the honest board sent is
    what stands under its name, and nobody else removes it.
    """
    ports = FakePorts(3, NoMemory(), NameRegistry())
    ports.send(0, hello("honest", HONEST))
    sent = 0
    for _ in range(dice.choice((3, 10, 25))):
        number = dice.choice((1, 2))
        link = ports.links[number]
        match dice.randrange(10):
            case 0:
                ports.unplug(number)
                ports.plug(link)
            case 1 | 2 | 3:
                ports.send(number, _hello(dice))
            case 4:
                name = dice.choice(NAMES).encode()[:16].decode("utf-8", "ignore").rstrip("\0")
                ports.send(number, info(name))
            case 5 | 6:
                ports.send(number, *(reading(n, 1) for n in range(1, dice.randrange(2, 5))))
            case 7:
                ports.pass_time(dice.choice((0.1, 3.0, 30.0)))
            case _:
                sent += 1
                ports.send(0, reading(sent, HONEST_FLOW))
        _check(ports, sent)


def _check(ports: FakePorts, sent: int) -> None:
    for update in ports.updates:
        unnamed = update.pump == "" and isinstance(update, (LinkStatus, PumpRemoved))
        assert unnamed or is_name(update.pump), update
        assert not (isinstance(update, PumpRemoved) and update.pump == "honest"), update
    honest = [each for each in ports.readings("honest") if isinstance(each, Reading)]
    assert [each.message.sequence for each in honest] == list(range(1, sent + 1))
    assert {each.message.metered_flow_nl_h for each in honest} <= {HONEST_FLOW}
    assert {each.boot.board_id for each in honest} <= {board_id(HONEST)}
    here = [link for link in ports.links if link.session.state in (LinkState.OK, LinkState.NO_READINGS)]
    names, ids = [link.name for link in here], [link.board_id for link in here]
    assert len(names) == len(set(names)), names
    assert len(ids) == len(set(ids)), ids
    assert not [line for line in ports.log if "failed at" in line], ports.log
