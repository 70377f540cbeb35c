"""Which engine runs a board, and what is said when it cannot."""

import logging
from dataclasses import replace

import pytest

from warmflow.device.virtual import ENGINES, Board, EngineError, choose_engine, find_uf2, virtual_pico
from warmflow.device.virtual.rp2040 import UF2_FIRST_BYTES

UNIX, CPYTHON = ENGINES["unix"], ENGINES["cpython"]


def missing(reason):
    return lambda: reason


def test_auto_takes_micropython_where_there_is_one_and_is_silent(caplog):
    engines = {"unix": replace(UNIX, missing=missing(None)), "cpython": CPYTHON}
    assert choose_engine("auto", engines).name == "unix"
    assert not caplog.records


def test_auto_falls_back_to_cpython_and_says_so_in_one_line(caplog):
    engines = {"unix": replace(UNIX, missing=missing("no wheel: pip install it")), "cpython": CPYTHON}
    with caplog.at_level(logging.WARNING):
        assert choose_engine("auto", engines).name == "cpython"
    (record,) = caplog.records
    assert "no wheel: pip install it" in record.message
    assert "runs on CPython" in record.message
    assert "\n" not in record.message


def test_an_engine_asked_for_by_name_is_never_replaced_by_another():
    engines = {"unix": replace(UNIX, missing=missing("no wheel")), "cpython": CPYTHON}
    with pytest.raises(EngineError, match="no wheel"):
        choose_engine("unix", engines)


def test_an_unknown_engine_is_answered_with_the_known_ones():
    with pytest.raises(EngineError, match="auto, unix, cpython, rp2040"):
        choose_engine("qemu")


@pytest.mark.parametrize("engine", [UNIX, CPYTHON], ids=lambda engine: engine.name)
def test_an_engine_without_a_clock_of_its_own_refuses_a_board_speed(engine, tmp_path):
    with pytest.raises(EngineError, match="10x"):
        engine.command(Board(tmp_path, tmp_path, board_speed=10))


async def test_a_firmware_folder_without_main_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"fw has no main\.py"):
        async with virtual_pico("cpython", firmware=tmp_path / "fw", state_dir=tmp_path / "state"):
            pass


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache folder, empty."""
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("WARMFLOW_UF2", raising=False)
    from platformdirs import user_cache_path

    return user_cache_path("warmflow", ensure_exists=True)


def image(path):
    path.write_bytes(UF2_FIRST_BYTES + bytes(508))
    return path


def test_a_missing_image_is_answered_with_where_to_get_it_and_where_to_put_it(cache):
    with pytest.raises(EngineError) as error:
        find_uf2()
    for part in ("micropython.org/download/RPI_PICO", str(cache), "--uf2", "WARMFLOW_UF2"):
        assert part in str(error.value)


def test_the_image_named_wins_over_the_variable_and_that_over_the_cache(cache, tmp_path, monkeypatch):
    image(cache / "RPI_PICO-20250101-v1.25.0.uf2")
    newest = image(cache / "RPI_PICO-20250911-v1.26.1.uf2")
    image(cache / "OTHER_BOARD-v9.uf2")
    assert find_uf2() == newest
    variable = image(tmp_path / "variable.uf2")
    monkeypatch.setenv("WARMFLOW_UF2", str(variable))
    assert find_uf2() == variable
    named = image(tmp_path / "named.uf2")
    assert find_uf2(named) == named


def test_an_image_that_is_named_and_not_there_is_not_replaced_by_another(cache, tmp_path):
    image(cache / "RPI_PICO-v1.uf2")
    with pytest.raises(EngineError, match=r"nowhere\.uf2"):
        find_uf2(tmp_path / "nowhere.uf2")


def test_a_file_that_is_no_image_is_refused_before_the_board_starts(cache, tmp_path):
    (tmp_path / "page.uf2").write_text("<html>not found</html>")
    with pytest.raises(EngineError, match="not a UF2 file"):
        find_uf2(tmp_path / "page.uf2")
