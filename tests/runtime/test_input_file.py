"""Files of others: a regular file within its limit, and nothing that has to be waited for."""

import os
import socket
import tomllib

import pytest

from warmflow.runtime.input_file import read_input, read_input_text, toml_values


@pytest.mark.needs("POSIX")
@pytest.mark.timeout(10)
def test_no_pipe_device_socket_or_folder_is_read(tmp_path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("fifo", "link", "folder", "socket"):
            with pytest.raises(OSError, match=r"pipe, socket or device|directory|No such device"):
                read_input(tmp_path / name, 1000)


def test_a_file_is_read_up_to_its_limit(tmp_path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 1000)
    assert read_input(file, 1000) == b"x" * 1000
    with pytest.raises(OSError, match="1000 bytes: 999 are read at most"):
        read_input(file, 999)
    with file.open("wb") as sparse:
        sparse.truncate(10**12)
    with pytest.raises(OSError, match="are read at most"):
        read_input(file, 1000)


def test_lines_end_as_in_a_text_file(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"a\r\nb\rc\n")
    assert read_input_text(tmp_path / "file", 100) == "a\nb\nc\n"


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 5000, "a = 0x" + "f" * 9000 + "g", "a", "\x00"])
def test_whatever_is_wrong_with_toml_is_one_error(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        toml_values(text)
