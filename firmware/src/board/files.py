"""The board's files, as every board has them: whole ones, and places in larger ones. Nothing raises for a file that is
not there.

`save` writes over the old file: on littlefs, the Pico's file system, the new content replaces the old in one step when
the file is closed, and a rename after it would only cost three times the flash.
"""

import os

from micropython import const

_SIZE = const(6)  # in what os.stat gives


class Files:
    def load(self, name):
        """All bytes of a file; None if there is none."""
        try:
            with open(name, "rb") as file:
                return file.read()
        except OSError:
            return None

    def save(self, name, data):
        """Whole or not at all. Raises OSError if the flash refuses."""
        self._write(name, "wb", data)

    def append(self, name, data):
        self._write(name, "ab", data)

    def read_at(self, name, offset, size):
        """`size` bytes from `offset` on, fewer if there are no more."""
        try:
            with open(name, "rb") as file:
                file.seek(offset)
                return file.read(size)
        except OSError:
            return b""

    def size(self, name):
        try:
            return os.stat(name)[_SIZE]
        except OSError:
            return 0

    def _write(self, name, mode, data):
        try:
            file = open(name, mode)
        except OSError:
            if "/" not in name:
                raise
            os.mkdir(name.split("/")[0])  # raises if it is not the folder that is missing
            file = open(name, mode)
        with file:
            file.write(data)
