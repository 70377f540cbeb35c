"""Virtual boards are found as Picos are: while they run, and not a moment longer."""

import os
from pathlib import Path

import pytest
from wait import wait_until

from warmflow.device.link import fleet
from warmflow.device.link.fleet import Fleet
from warmflow.device.virtual.announcements import announced, folder, virtual_ports
from warmflow.journal import Journal, WriteQueue

pytestmark = pytest.mark.needs("POSIX")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_a_board_is_found_while_it_runs() -> None:
    assert virtual_ports() == []
    with announced("/dev/pts/7"):
        with announced("/dev/pts/8"):
            assert virtual_ports() == ["/dev/pts/7", "/dev/pts/8"]
        assert virtual_ports() == ["/dev/pts/7"]
    assert virtual_ports() == []
    assert list(folder().iterdir()) == []


def test_what_a_killed_board_left_behind_is_removed_and_never_opened() -> None:
    with announced("/dev/pts/7"):
        pass
    left = folder() / "dev-pts-9"
    left.write_text("/dev/pts/9", encoding="utf-8")
    assert virtual_ports() == []
    assert not left.exists()


def test_nobody_else_reads_an_announcement() -> None:
    with announced("/dev/pts/7"):
        [file] = folder().iterdir()
        assert file.stat().st_mode & 0o077 == 0


async def test_the_fleet_opens_a_board_that_comes_and_lets_go_of_one_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "picos", list)
    journal = Journal(tmp_path / "journal.sqlite")
    made = Fleet((), lambda update: None, lambda text: None, WriteQueue(journal))
    master, board = os.openpty()
    port = os.ttyname(board)
    with announced(port):
        await made._look()
        assert list(made.links) == [port]
    await made._look()
    assert list(made.links) == []
    await wait_until(lambda: not made._tasks)
    journal.close()
    os.close(master)
    os.close(board)
