"""Parts of paper for the firmware's drivers: byte by byte and register by register, with no time of their own.

Also runs in MicroPython.
"""

import math

from parts.ds18b20 import crc8


def raw16(value: float, steps: int) -> bytes:
    return (round(value * steps) & 0xFFFF).to_bytes(2, "little")


class Wire:
    """1-Wire with a DS18B20 on it, byte by byte."""

    def __init__(self) -> None:
        self.water_c, self.there, self.shorted, self.flip = 34.0, True, False, 0
        self.raw = raw16(85.0, 16)
        self.commands: list[int] = []
        self.out: list[int] = []

    def reset(self) -> bool:
        self.out = []
        return self.there or self.shorted

    def idle(self) -> bool:
        return not self.shorted

    def writebyte(self, byte: int) -> None:
        self.commands.append(byte)
        if byte == 0x44:
            self.raw = raw16(self.water_c, 16)
        elif byte == 0xBE:
            data = bytearray(self.raw + bytes((75, 70, 0x7F, 0xFF, 12, 0x10)))
            data.append(crc8(data) ^ self.flip)
            self.out = list(data)

    def readbyte(self) -> int:
        return 0 if self.shorted else self.out.pop(0) if self.out and self.there else 255


class I2c:
    """Registers by address; nothing there raises as the board does. A part with commands instead needs `readfrom`."""

    def __init__(self, registers: dict[int, dict[int, bytes]]) -> None:
        self.at = registers
        self.writes: list[tuple[int, int, bytes]] = []

    def readfrom_mem(self, address: int, register: int, size: int) -> bytes:
        if address not in self.at:
            raise OSError(5)
        return self.at[address].get(register, bytes(size))[:size]

    def writeto(self, address: int, data: bytes) -> None:
        self.writeto_mem(address, 0, data)

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        if address not in self.at:
            raise OSError(5)
        self.writes.append((address, register, data))


def tmp117(temp_c: float) -> dict[int, bytes]:
    return {0x0F: b"\x01\x17", 0x01: b"\x22\x20", 0x00: (round(temp_c * 128) & 0xFFFF).to_bytes(2, "big")}


class Adc:
    def __init__(self, fraction: float, floats: bool = False) -> None:
        self.at, self.floats = fraction, floats

    def fraction(self, samples: int) -> float:
        return self.at

    def pulled(self) -> tuple[float, float]:
        return (0.01, 0.99) if self.floats else (self.at, self.at)


def divider(temp_c: float, beta: float = 3950) -> float:
    ohm = 10_000 * math.exp(beta * (1 / (temp_c + 273.15) - 1 / 298.15))
    return ohm / (ohm + 4_700)


# Ref: BMP280 data sheet, section 3.12: calibration and raw values with their result
CALIBRATION = (27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)


def bmp280(raw_p: int = 415148, raw_t: int = 519888, chip: int = 0x58) -> dict[int, bytes]:
    words = b"".join((word & 0xFFFF).to_bytes(2, "little") for word in CALIBRATION)
    return {0xD0: bytes((chip,)), 0x88: words, 0xF7: (raw_p << 4).to_bytes(3, "big") + (raw_t << 4).to_bytes(3, "big")}
