"""A request whose answer was lost is sent again as it was, and a board carries it out once."""

import asyncio

import pytest
from firmware_on_cpython import PaperBoard, Rig

from pumplink import messages as m
from pumplink.framing import unline
from warmflow.device.link import CommandError, PumpLink, pump_link
from warmflow.device.link.config_schema import MOST_PAGES, read_schema


class Bench:
    """A link whose lines go to a paper board; `loses` of its answers never arrive."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, loses: int = 0) -> None:
        self.rig, self.lines, self.loses = Rig(PaperBoard()), list[bytes](), loses
        self.rig.run_ms(1000)
        self.most_waiting = 0
        monkeypatch.setattr(pump_link, "ASK_AGAIN_S", 0.01)
        self.link = PumpLink("nowhere", lambda update: None, lambda line: None)
        monkeypatch.setattr(self.link.wire, "post", self._post)

    def _post(self, line: bytes) -> None:
        self.lines.append(line)
        self.most_waiting = max(self.most_waiting, len(self.link._asked._waiting))
        self.rig.board.incoming += line
        self.rig.app.turn()
        for message in self.rig.said():
            if isinstance(message, m.Ack | m.Nack):
                if self.loses:
                    self.loses -= 1
                else:
                    self.link._asked.answered(message)


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_a_withdrawal_whose_answers_are_lost_is_one_withdrawal(
    monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    bench = Bench(monkeypatch, loses=lost)
    before_nl = bench.rig.app.pump.reservoir_nl
    answer = await bench.link.command(lambda number: m.Withdraw(number, 1_000_000), 5.0)
    assert isinstance(answer, m.Ack)
    assert len(bench.lines) == lost + 1
    assert len(set(bench.lines)) == 1
    assert before_nl - bench.rig.app.pump.reservoir_nl == pytest.approx(1_000_000, abs=1000)


async def test_a_self_test_is_asked_for_once_for_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, loses=9)
    with pytest.raises(CommandError, match="may have been carried out"):
        await bench.link.command(m.SelfTest, 0.1)
    assert len(bench.lines) == 1


async def test_no_more_requests_wait_for_an_answer_than_a_board_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, loses=10_000)

    await asyncio.gather(*(bench.link.command(m.Ping, 0.2) for _ in range(40)), return_exceptions=True)
    assert bench.most_waiting == pump_link.OUTSTANDING


def test_two_links_are_two_hosts_to_a_board(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (PumpLink("nowhere", lambda update: None, lambda line: None).session for _ in range(2))
    assert first.opened(0.0) != second.opened(0.0)
    assert first.opened(1.0)[-1] == first.opened(2.0)[-1]  # the same host after its port was opened again


async def test_the_schema_of_a_board_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from pump.config import DEFAULTS

    keys = await read_schema(Bench(monkeypatch).link)
    assert [entry["key"] for entry in keys] == sorted(DEFAULTS)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"total": 3}', '{"total": 9000, "first": 0, "keys": [{"key": "a"}]}'],
    ids=lambda text: text[:12],
)
async def test_a_schema_that_makes_no_sense_or_does_not_end_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    bench = Bench(monkeypatch)

    def answers(line: bytes) -> None:
        bench.lines.append(line)
        payload, _ = unline(line.strip(b"\n"))
        assert payload
        bench.link._asked.answered(m.Ack(payload[1] | payload[2] << 8, payload[0], 1, text))

    monkeypatch.setattr(bench.link.wire, "post", answers)
    with pytest.raises(CommandError, match="description of its settings"):
        await read_schema(bench.link)
    assert len(bench.lines) <= MOST_PAGES
