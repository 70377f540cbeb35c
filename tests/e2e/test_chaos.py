"""Everything that breaks on a bench in a year, one after the other: nothing that was acknowledged is lost."""

import asyncio
import contextlib
import random
import signal
import socket
from pathlib import Path

import pytest
from chaos import Bench, chaos_bench
from faked_date import faketime_library
from wait import wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("mosquitto"),
]


DAY_S = 86_400.0
LIVE = 20  # records that are under way at any moment: 2 s of them


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def killed(bench: Bench) -> None:
    await bench.stop_daemon(signal.SIGKILL)
    await bench.start_daemon()


async def broker_away(bench: Bench, seconds: float) -> None:
    await bench.stop_broker()
    await asyncio.sleep(seconds)
    await bench.start_broker()


async def broker_frozen(bench: Bench, seconds: float) -> None:
    bench.freeze_broker(True)
    await asyncio.sleep(seconds)
    bench.freeze_broker(False)


async def port_renamed(bench: Bench) -> None:
    bench.cable.pull()
    await asyncio.sleep(1)
    bench.cable.plug()


async def board_reset(bench: Bench) -> None:
    await bench.pico.reset()


async def disk_full(bench: Bench, seconds: float) -> None:
    await bench.fill_disk()
    await asyncio.sleep(seconds)
    await bench.free_disk()


async def noise(bench: Bench) -> None:
    """In the middle of what passes, in both directions, while the daemon reads."""
    chance = random.Random(5)
    for _ in range(20):
        bench.cable.noise(chance.randrange(1, 500), chance)
        await asyncio.sleep(0.05)


async def broker_limited(bench: Bench) -> None:
    """Packets of 2 kB, where `bridge/info` has 9, and nothing retained: until it is started again."""
    await bench.stop_broker()
    await bench.start_broker("max_packet_size 2000", "retain_available false")


async def journal_damaged(bench: Bench) -> None:
    """Killed, a page of the file overwritten: the daemon says so and ends; salvaged, it goes on."""
    await bench.stop_daemon(signal.SIGKILL)
    await bench.damage_journal()
    await bench.start_daemon()
    assert await bench.ended_status() == 2
    await bench.salvage_journal()
    await bench.start_daemon()


async def settled(bench: Bench) -> dict[str, int]:
    """Stops the daemon cleanly once the subscriber has what there is, and judges: a backlog that is still under way
    would stay in the journal, for the next daemon.
    """
    await bench.more(20)
    with contextlib.suppress(AssertionError):  # the verdict says what is missing
        await wait_until(lambda: bench.judged()["not delivered"] < LIVE, 60, poll_s=0.5)
    await bench.stop_daemon(signal.SIGTERM)
    with contextlib.suppress(AssertionError):
        await wait_until(lambda: bench.judged()["not delivered"] == 0, 10, poll_s=0.2)
    return bench.judged()


NEVER = (
    *("acknowledged and lost", "lost without a gap", "doubled in the journal", "other than sent", "not delivered"),
    *("delivered and not kept", "doubled after the key", "again without saying so"),
    *("time moved without saying so", "misdated", "time uncertain", "other time delivered"),
)


def judge(verdict: dict[str, int]) -> None:
    print(verdict)
    assert {name: verdict[name] for name in NEVER} == dict.fromkeys(NEVER, 0), verdict
    assert verdict["in the journal"] == verdict["got"] > 0
    assert verdict["acknowledged"] > 0


@pytest.mark.timeout(240)
async def test_a_short_bad_day(tmp_path: Path) -> None:
    async with chaos_bench(tmp_path, free_port()) as bench:
        await bench.more(20)
        for _ in range(2):
            await killed(bench)
            await bench.more(10)
        await broker_away(bench, 2)
        await bench.more(10)
        await noise(bench)
        await bench.more(10)
        await port_renamed(bench)
        await bench.more(10)
        verdict = await settled(bench)
    judge(verdict)
    assert verdict["said to be lost"] == 0
    assert verdict["names of the port"] == 2


@pytest.mark.soak  # 27 s of both cores; test_a_short_bad_day keeps the kills and clocks in the normal suite
@pytest.mark.timeout(300)
async def test_a_bad_hour_of_limits_files_and_a_record_that_cannot_be_read(tmp_path: Path) -> None:
    async with chaos_bench(tmp_path, free_port()) as bench:
        await bench.more(10)
        await broker_limited(bench)
        await bench.more(10)
        await bench.poison_record()
        await bench.more(10)
        await bench.remove_journal()
        await bench.more(10)
        await journal_damaged(bench)
        await bench.more(10)
        verdict = await settled(bench)
        said = bench.said()
    judge(verdict)
    assert verdict["said to be lost"] == 1  # the one that could not be read
    for words in ("0x95", "could not be read", "made anew with everything that was stored", "journal salvage"):
        assert words in said, said


@pytest.mark.timeout(120)
async def test_a_board_that_restarts_begins_a_new_row_and_the_old_one_ends_with_a_gap(tmp_path: Path) -> None:
    async with chaos_bench(tmp_path, free_port()) as bench:
        await bench.more(20)
        await board_reset(bench)
        await bench.more(20)
        await wait_until(lambda: any(last is None for _, _, last in bench.subscriber.gaps), 20)
        verdict = await settled(bench)
    assert verdict["boots"] == 2
    judge(verdict)


@pytest.mark.soak  # 27 s of computing; test_clock_jumps.py has the same on handed clocks each time
@pytest.mark.needs("faketime")
@pytest.mark.timeout(240)
async def test_a_day_of_jumping_clocks(tmp_path: Path) -> None:
    """A computer without a clock of its own starts 14 days ago; then its date is set and slewed, by seconds and by
    years, while it runs, while it is killed, and while the board is restarted.
    """
    async with chaos_bench(tmp_path, free_port(), date_wrong_s=-14 * DAY_S) as bench:
        await bench.more(20)
        for wrong_s in (0.0, 400 * DAY_S, 0.0, -DAY_S):  # set right, forward by mistake, right again, back a day
            changes = bench.said().count("date was set")
            bench.set_date(wrong_s)
            await wait_until(lambda changes=changes: bench.said().count("date was set") > changes, 30)
            await bench.more(30)
        await killed(bench)
        await bench.stop_daemon(signal.SIGKILL)
        bench.set_date(3600)  # while it is away
        await bench.start_daemon()
        await bench.more(20)
        await bench.slew_date(3604, 5)
        await board_reset(bench)
        await bench.more(10)
        bench.set_date(0.0)
        await bench.more(30)
        await wait_until(lambda: bench.judged()["misdated"] == 0, 30)
        verdict = await settled(bench)
        said = bench.said()
    judge(verdict)
    assert verdict["boots"] == 2
    for words in ("set forward by 14.0 days", "set back by 400.0 days", "set forward by 25.0 h", "dated again"):
        assert words in said, said


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_a_long_bad_day(tmp_path: Path) -> None:
    """In random order: 20 kills, a broker that is stopped for 60 s and one frozen for 20 s, noise, the port under
    another name, the board reset, the disk full, the date set, the broker limited, a record that cannot be read, the
    journal removed and damaged.
    """

    async with chaos_bench(tmp_path, free_port(), date_wrong_s=0.0 if faketime_library() else None) as bench:
        chance = random.Random(1)
        blows = [*["kill"] * 20, "away", "frozen", *["noise"] * 3, *["renamed"] * 3, *["reset"] * 2, *["full"] * 2]
        blows += ["date"] * 6 if faketime_library() else []
        blows += ["limited", *["poison"] * 3, *["removed"] * 2, *["damaged"] * 2]
        chance.shuffle(blows)
        for blow in blows:
            match blow:
                case "kill":
                    await killed(bench)
                case "away":
                    await broker_away(bench, 60)
                case "frozen":
                    await broker_frozen(bench, 20)
                case "noise":
                    await noise(bench)
                case "renamed":
                    await port_renamed(bench)
                case "date":
                    bench.set_date(chance.choice([0.0, 30.0, -3600.0, DAY_S, -14 * DAY_S, 400 * DAY_S]))
                case "reset":
                    await board_reset(bench)
                case "limited":
                    await broker_limited(bench)
                case "poison":
                    await bench.poison_record()
                case "removed":
                    await bench.remove_journal()
                case "damaged":
                    await journal_damaged(bench)
                case "full":
                    await disk_full(bench, 15)
            await bench.more(chance.randrange(1, 40), 120)
        verdict = await settled(bench)
    judge(verdict)
    assert (verdict["boots"], verdict["names of the port"]) == (3, 4)
