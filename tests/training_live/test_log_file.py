"""The session's log names hidden faults: nobody but its user reads it."""

import os
from pathlib import Path

import pytest
from lesson_bench import Bench


@pytest.mark.needs("POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
async def test_it_is_for_its_user_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        bench = Bench(tmp_path / "state")
        await bench.do("choose", lesson="hot-tub", way="replay")
        await bench.do("start")
        await bench.house.close()
    finally:
        os.umask(before)
    assert bench.house.kept.path
    assert bench.house.kept.path.stat().st_mode & 0o777 == 0o600
    assert bench.house.kept.path.parent.stat().st_mode & 0o777 == 0o700
