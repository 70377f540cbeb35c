"""The five field kinds that construct does not bring in the form wanted here.

Each carries what the generator needs to write the same field as plain `struct` code: that is why these are small
adapters of our own and not construct's Enum (which drops unknown flag bits) or PaddedString (which hides its length).
"""

from enum import IntEnum, IntFlag
from typing import Any

from construct import Adapter, Bytes, FormatField, GreedyBytes, Int16ul, Prefixed, StringError, ValidationError


class Absent(Adapter):  # type: ignore[misc]  # construct carries no types
    """A number that may be missing; one value of its range stands for None on the wire."""

    def __init__(self, subcon: FormatField) -> None:
        super().__init__(subcon)
        bits = 8 * subcon.length
        self.sentinel = -(1 << bits - 1) if subcon.fmtstr[-1].islower() else (1 << bits) - 1

    def _decode(self, obj: int, context: Any, path: str) -> int | None:
        return None if obj == self.sentinel else obj

    def _encode(self, obj: int | None, context: Any, path: str) -> int:
        if obj == self.sentinel:
            raise ValidationError(f"{obj} stands for a missing value", path=path)
        return self.sentinel if obj is None else obj


class Trailing(Absent):
    """A number at the end of a message that an older peer does not send: missing altogether, it is absent, too."""

    def _parse(self, stream: Any, context: Any, path: str) -> int | None:
        if not stream.read(1):
            return None
        stream.seek(-1, 1)
        value: int | None = super()._parse(stream, context, path)
        return value


class Coded(Adapter):  # type: ignore[misc]
    """A number whose values have names. Unknown numbers pass as they are: a newer peer may know them."""

    def __init__(self, subcon: FormatField, codes: type[IntEnum] | type[IntFlag]) -> None:
        super().__init__(subcon)
        self.codes = codes

    def _decode(self, obj: int, context: Any, path: str) -> int:
        try:
            return self.codes(obj)
        except ValueError:
            return obj

    def _encode(self, obj: int, context: Any, path: str) -> int:
        return int(obj)


class FixedText(Adapter):  # type: ignore[misc]
    """UTF-8 in a field of fixed length, filled up with zero bytes."""

    def __init__(self, length: int) -> None:
        super().__init__(Bytes(length))
        self.length = length

    def _decode(self, obj: bytes, context: Any, path: str) -> str:
        return _text(obj.rstrip(b"\0"), path)

    def _encode(self, obj: str, context: Any, path: str) -> bytes:
        data = obj.encode()
        if len(data) > self.length:
            raise StringError(f"{len(data)} bytes do not fit into {self.length}", path=path)
        return data.ljust(self.length, b"\0")


class TailText(Adapter):  # type: ignore[misc]
    """UTF-8 after a u16 length: only as the last field of a message."""

    def __init__(self) -> None:
        super().__init__(Prefixed(Int16ul, GreedyBytes))

    def _decode(self, obj: bytes, context: Any, path: str) -> str:
        return _text(obj, path)

    def _encode(self, obj: str, context: Any, path: str) -> bytes:
        return obj.encode()


def _text(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise StringError(f"not UTF-8: {error}", path=path) from error
