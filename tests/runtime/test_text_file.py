"""Text files as editors write them: marks, line ends, encodings. What is no such text is refused with the remedy."""

import codecs
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warmflow.daemon import config
from warmflow.errors import UserError
from warmflow.report import verdict
from warmflow.runtime.text_file import (
    NoSuchFile,
    NotParsed,
    TextFileError,
    parse_toml,
    read_bytes,
    read_json,
    read_text,
    read_toml,
)
from warmflow.simulation import scenario
from warmflow.training import lesson_file

TEXT = 'name = "µL"\n# °C\n'
READABLE = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-8, lines of Windows": TEXT.replace("\n", "\r\n").encode(),
    "UTF-8, lines of an old Mac": TEXT.replace("\n", "\r").encode(),
    "UTF-16 of Windows": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, the other way": codecs.BOM_UTF16_BE + TEXT.replace("\n", "\r\n").encode("utf-16-be"),
}
REFUSED = {
    "Windows-1252": (TEXT.encode("cp1252"), r":1: not UTF-8: byte 0xB5 \(in Windows-1252: µ\); save it as UTF-8"),
    "the third line": (b"a = 1\r\nb = 2\r\n# \xb0C\r\n", r":3: not UTF-8: byte 0xB0"),
    "no character": (b"\x81", r":1: not UTF-8: byte 0x81; save"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "save it as UTF-8"),
    "UTF-16 cut off": (codecs.BOM_UTF16_LE + b"a", "damaged UTF-16"),
    "UTF-32": (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "UTF-32; save it as UTF-8"),
    "a NUL": (b"a\n\0", ":2: contains a NUL character"),
}


@pytest.mark.parametrize("kind", READABLE)
def test_what_editors_write_is_read_alike(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(READABLE[kind])
    assert read_text(path) == TEXT
    assert read_toml(path) == {"name": "µL"}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_such_text_is_refused_with_line_and_remedy(kind: str, tmp_path: Path) -> None:
    data, words = REFUSED[kind]
    path = tmp_path / "a.toml"
    path.write_bytes(data)
    with pytest.raises(TextFileError, match=words) as caught:
        read_text(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb =\n", 2), ("a = 1\n[b", 2), ('a = """\n\n', 2), ("a = " + "[" * 5000, 0)]
)
def test_a_fault_of_toml_has_its_line(text: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(NotParsed, match="not TOML") as caught:
        read_toml(tmp_path / "a.toml")
    assert caught.value.line == line


def test_json_is_read_by_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(codecs.BOM_UTF8 + b'{"a": 1}\r\n')
    assert read_json(tmp_path / "a.json") == {"a": 1}
    (tmp_path / "a.json").write_text('{"a":\n}')
    with pytest.raises(NotParsed, match=":2: not JSON"):
        read_json(tmp_path / "a.json")


@pytest.mark.needs("Linux")
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "nothing", "too much"])
def test_what_is_no_file_is_not_opened(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "too much":
        path.write_text("x" * 101)
    with pytest.raises(NoSuchFile if kind == "nothing" else TextFileError):
        read_text(Path("/dev/zero") if kind == "device" else path, limit_bytes=100)


def test_a_pipe_of_the_shell_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\xef\xbb\xbftext")
    os.close(writing)
    assert read_text(f"/dev/fd/{reading}") == "text"
    os.close(reading)


RESTED = scenario.built_in()["rest"].read_text(encoding="utf-8")
LESSON = (Path(lesson_file.__file__).parent / "lessons" / "activation.toml").read_text(encoding="utf-8")
# what reads a file of a person, and such a file
FILES: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "settings": ('[mqtt]\nbase_topic = "bench"\n', lambda path: config.load(path, {}, {}).settings),
    "scenario": (RESTED, lambda path: scenario.load(str(path))),
    "lesson": (LESSON, lambda path: lesson_file.load(path).lesson),
    "limits": ("rate_percent = 10\n", lambda path: verdict.limits_from(str(path))),
}
ENCODED = {
    "with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "of Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "in UTF-16": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
}


@pytest.mark.parametrize("encoded", ENCODED)
@pytest.mark.parametrize("kind", FILES)
def test_every_file_of_a_person_is_read_alike(kind: str, encoded: str, tmp_path: Path) -> None:
    text, load = FILES[kind]
    (tmp_path / "plain.toml").write_text(text, encoding="utf-8")
    (tmp_path / "other.toml").write_bytes(ENCODED[encoded](text))
    assert load(tmp_path / "other.toml") == load(tmp_path / "plain.toml")


@pytest.mark.parametrize("kind", FILES)
def test_every_file_of_a_person_in_windows_1252_says_how_to_save_it(kind: str, tmp_path: Path) -> None:
    text, load = FILES[kind]
    (tmp_path / "a.toml").write_bytes(b"# 37 \xb0C\n" + text.encode())
    with pytest.raises(UserError, match=r"a\.toml:1: not UTF-8.*save it as UTF-8"):
        load(tmp_path / "a.toml")


@pytest.mark.needs("POSIX")
@pytest.mark.timeout(10)
def test_no_pipe_device_socket_or_folder_is_read(tmp_path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("fifo", "link", "folder", "socket"):
            with pytest.raises(TextFileError, match=r"device or a pipe|folder|No such device"):
                read_bytes(tmp_path / name, 1000)


def test_a_file_is_read_up_to_its_limit(tmp_path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 1000)
    assert read_bytes(file, 1000) == b"x" * 1000
    with pytest.raises(TextFileError, match="more than 999 bytes"):
        read_bytes(file, 999)
    with file.open("wb") as sparse:
        sparse.truncate(10**12)
    with pytest.raises(TextFileError, match="more than 1000 bytes"):
        read_bytes(file, 1000)


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 5000, "a = 0x" + "f" * 9000 + "g", "a", "\x00"])
def test_whatever_is_wrong_with_toml_is_one_error(text: str) -> None:
    with pytest.raises(NotParsed):
        parse_toml(text, "file.toml")
