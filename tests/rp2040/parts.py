"""A bench of parts round an emulated Pico, told what happens in words: water at 40 degC, probe unplugged.

Runs in the emulator's process, which loads it by its file name; times are the board's. `fit(mcu)` wires everything and
gives `tell(words)`: it changes the world and answers what the outputs show. What is there at power-on stands in
parts.json, in the board's folder, as such words too. Nothing of the firmware is imported: these parts are made after
their data sheets.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rp2040py.gpio_pin import GPIOPinState

PINS = {"one_wire": 22, "ntc": 26, "buzzer": 16, "drip": 17, "step": 18, "led": 25}
I2C_PINS = (4, 5)
SAFE_PIN = 14
US = 1000  # ns
SUPPLY_V = 3.3
SYSTEM_CLOCK_HZ = 125_000_000
PLUGS = ("in place", "unplugged", "shorted", "noisy")


class World:
    """What the parts stand in. `plugs`: how each part is connected."""

    def __init__(self) -> None:
        self.water_c = 34.0
        self.air_pa = 101_325.0
        self.plugs = dict.fromkeys(("ds18b20", "tmp117", "ntc", "bmp280", "oled"), "unplugged")

    def there(self, part: str) -> bool:
        return self.plugs[part] not in ("unplugged", "shorted")


def crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        for _ in range(8):
            crc, byte = crc >> 1 ^ (0x8C if (crc ^ byte) & 1 else 0), byte >> 1
    return crc


class Ds18b20:
    """1-Wire slave, bit by bit: presence, SKIP ROM, CONVERT, READ SCRATCHPAD. It loses its supply when unplugged."""

    POWER_ON = 0x0550
    CONVERT_NS = 700_000 * US

    def __init__(self, world: World, mcu: Any) -> None:
        self.world, self.clock, self.gpio = world, mcu.clock, mcu.gpio[PINS["one_wire"]]
        self.raw, self.converts_until_ns, self.conversions = self.POWER_ON, 0, 0
        self.low_since_ns: int | None = None
        self.hears: Callable[[int], None] | None = None  # what a byte from the master means
        self.byte, self.bits = 0, 0
        self.answer: list[int] = []
        self.release = self.clock.create_alarm(self.let_go)
        self.presence = self.clock.create_alarm(self.show_presence)
        self.gpio.add_listener(self.edge)
        self.let_go()

    def replug(self) -> None:
        if not self.world.there("ds18b20"):
            self.raw, self.answer, self.hears, self.converts_until_ns = self.POWER_ON, [], None, 0
        self.let_go()

    def let_go(self) -> None:
        self.gpio.set_input_value(self.world.plugs["ds18b20"] != "shorted")  # else the pull-up has it

    def pull(self, time_us: int) -> None:
        self.gpio.set_input_value(False)
        self.release.schedule(time_us * US)

    def show_presence(self) -> None:
        self.pull(120)

    def edge(self, new: Any, old: Any) -> None:
        if not self.world.there("ds18b20"):
            return
        if new == GPIOPinState.LOW:
            self.low_since_ns = self.clock.nanos
            if self.answer and not self.answer[0]:
                self.pull(30)
        elif self.low_since_ns is not None:
            low_us = (self.clock.nanos - self.low_since_ns) / US
            self.low_since_ns = None
            self.slot(low_us)

    def slot(self, low_us: float) -> None:
        if low_us > 300:
            self.answer, self.byte, self.bits, self.hears = [], 0, 0, self.rom
            self.presence.schedule(30 * US)
        elif self.answer:
            self.answer.pop(0)
        elif self.hears:
            self.byte |= (low_us < 15) << self.bits
            self.bits += 1
            if self.bits == 8:
                heard, byte = self.hears, self.byte
                self.byte, self.bits, self.hears = 0, 0, None
                heard(byte)

    def rom(self, byte: int) -> None:
        self.hears = self.function if byte == 0xCC else None

    def function(self, byte: int) -> None:
        if byte == 0x44:
            self.converting = round(self.world.water_c * 16) & 0xFFFF
            self.converts_until_ns = self.clock.nanos + self.CONVERT_NS
        elif byte == 0xBE:
            self.finish()
            data = bytes((self.raw & 255, self.raw >> 8, 75, 70, 0x7F, 0xFF, 12, 0x10))
            data += bytes((crc8(data) ^ (self.world.plugs["ds18b20"] == "noisy"),))
            self.answer = [byte >> bit & 1 for byte in data for bit in range(8)]

    def finish(self) -> None:
        if self.converts_until_ns and self.clock.nanos >= self.converts_until_ns:
            self.raw, self.converts_until_ns = self.converting, 0
            self.conversions += 1


class Tmp117:
    """Register pointer and three registers; one conversion a second since it got its supply."""

    address, name = 0x48, "tmp117"

    def __init__(self, world: World, mcu: Any) -> None:
        self.world, self.clock = world, mcu.clock
        self.pointer, self.first, self.seen = 0, True, 0
        self.out: list[int] = []

    def start(self, read: bool) -> None:
        self.first = True
        if read:
            converted = self.clock.nanos // 1_000_000_000
            if self.pointer == 1:
                value, self.seen = 0x0220 | (0x2000 if converted > self.seen else 0), converted
            else:
                value = {0: round(self.world.water_c * 128) & 0xFFFF, 15: 0x0117}.get(self.pointer, 0)
            self.out = list(value.to_bytes(2, "big"))

    def write(self, byte: int) -> None:
        if self.first:
            self.pointer, self.first = byte, False

    def read(self) -> int:
        return self.out.pop(0) if self.out else 0xFF


class Bmp280:
    """Registers that count on from the pointer. Its raw pressure is the one that the data sheet's integer formula, in
    64 bits, makes the world's: that formula is not the firmware's."""

    address, name = 0x76, "bmp280"
    # Ref: BMP280 data sheet, the worked example of section 3.12
    T = (27504, 26435, -1000)
    P = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
    RAW_T = 519888  # 25.08 degC

    def __init__(self, world: World, mcu: Any) -> None:
        self.world = world
        self.pointer, self.first, self.measured = 0, True, False

    def pressure_pa(self, raw: int) -> float:
        t1, t2, t3 = self.T
        fine = ((self.RAW_T >> 3) - (t1 << 1)) * t2 >> 11
        fine += (((self.RAW_T >> 4) - t1) ** 2 >> 12) * t3 >> 14
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self.P
        x = fine - 128000
        y = x * x * p6 + (x * p5 << 17) + (p4 << 35)
        x = ((1 << 47) + (x * x * p3 >> 8) + (x * p2 << 12)) * p1 >> 33
        p = (((1048576 - raw) << 31) - y) * 3125 // x
        return ((p + (p9 * (p >> 13) ** 2 >> 25) + (p8 * p >> 19) >> 8) + (p7 << 4)) / 256

    def raw_pressure(self) -> int:
        low, high = 0, 1 << 20
        while low < high:  # the higher the raw value, the lower the pressure
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.pressure_pa(middle) > self.world.air_pa else (low, middle)
        return low

    def register(self, number: int) -> int:
        if number == 0xD0:
            return 0x58
        if 0x88 <= number < 0xA0:
            words = [value & 0xFFFF for value in self.T + self.P]
            return words[(number - 0x88) // 2] >> 8 * (number % 2) & 255
        if 0xF7 <= number < 0xFD:
            raws = (self.raw_pressure(), self.RAW_T) if self.measured else (0x80000, 0x80000)
            return ((raws[(number - 0xF7) // 3] << 4) >> 8 * (2 - (number - 0xF7) % 3)) & 255
        return 0

    def start(self, read: bool) -> None:
        self.first = not read

    def write(self, byte: int) -> None:
        if self.first:
            self.pointer, self.first = byte, False
        elif self.pointer == 0xF4:
            self.measured = byte & 3 == 1

    def read(self) -> int:
        self.pointer += 1
        return self.register(self.pointer - 1)


OPERANDS = {0x21: 2, 0x22: 2} | dict.fromkeys((0x20, 0xD5, 0xA8, 0xD3, 0x8D, 0xDA, 0x81, 0xD9, 0xDB), 1)


class Ssd1306:
    """Display memory of 128 x 64, horizontal addressing with column and page windows."""

    address, name = 0x3C, "oled"

    def __init__(self, world: World, mcu: Any) -> None:
        self.ram, self.on = bytearray(1024), False
        self.columns, self.pages = [0, 127], [0, 7]
        self.x = self.page = self.pieces = 0
        self.control: int | None = None
        self.command: list[int] = []

    def start(self, read: bool) -> None:
        self.control, self.command = None, []

    def write(self, byte: int) -> None:
        if self.control is None:
            self.control = byte
            self.pieces += byte == 0x40
        elif self.control == 0x40:
            self.ram[self.page * 128 + self.x] = byte
            self.x += 1
            if self.x > self.columns[1]:
                self.x, self.page = self.columns[0], self.page + 1 if self.page < self.pages[1] else self.pages[0]
        else:
            self.command.append(byte)
            if len(self.command) > OPERANDS.get(self.command[0], 0):
                self.obey(*self.command)
                self.command = []

    def obey(self, command: int, *given: int) -> None:
        if command == 0x21:
            self.columns, self.x = list(given), given[0]
        elif command == 0x22:
            self.pages, self.page = list(given), given[0]
        elif command in (0xAE, 0xAF):
            self.on = command == 0xAF

    def read(self) -> int:
        return 0


class I2cBus:
    """Address by address; what is not there does not acknowledge. Both lines are pulled up."""

    def __init__(self, world: World, mcu: Any, number: int, parts: tuple[Any, ...]) -> None:
        for pin in I2C_PINS:
            mcu.gpio[pin].set_input_value(True)
        i2c = mcu.i2c[number]
        self.now: Any = None
        at = {part.address: part for part in parts}

        def connect(address: int, mode: int) -> None:
            part = at.get(address)
            self.now = part if part and world.there(part.name) else None
            if self.now:
                self.now.start(bool(mode))
            i2c.complete_connect(self.now is not None)

        def write(byte: int) -> None:
            self.now.write(byte)
            i2c.complete_write(True)

        i2c.on_connect, i2c.on_write_byte = connect, write

        def read(ack: bool) -> None:
            i2c.complete_read(self.now.read())

        i2c.on_read_byte = read


def wire_thermistor(world: World, mcu: Any) -> None:
    """10k NTC of B 3950 to ground, 4.7k to the converter's reference."""
    adc, channel, convert = mcu.adc, PINS["ntc"] - 26, mcu.adc.on_adc_read

    def volts() -> float:
        if not world.there("ntc"):
            return SUPPLY_V if world.plugs["ntc"] == "unplugged" else 0.0
        ohm = 10_000 * math.exp(3950 * (1 / (world.water_c + 273.15) - 1 / 298.15))
        return SUPPLY_V * ohm / (ohm + 4_700)

    def on_read(number: int) -> None:
        if number == channel:
            adc.channel_values[channel] = round(volts() / SUPPLY_V * 4095)
        convert(number)

    adc.on_adc_read = on_read


class Edges:
    """Board times in ms at which a pin went high."""

    def __init__(self, mcu: Any, pin: int) -> None:
        self.at_ms: list[int] = []
        mcu.gpio[pin].add_listener(
            lambda new, old: self.at_ms.append(mcu.clock.nanos // 1_000_000) if new == GPIOPinState.HIGH else None
        )


class UsbHost:
    """The computer at the USB port. Asleep it suspends the bus: it fetches no packet, and DTR stays as it was."""

    SUSPENDED, RESUMED = 1 << 4, 1 << 11  # Ref: RP2040 data sheet, SIE_STATUS

    def __init__(self, mcu: Any) -> None:
        self.usb, self.asleep = mcu.usb_ctrl, False
        self.held: list[tuple[int, bool]] = []
        self.ready = self.usb._indicate_buffer_ready
        self.usb._indicate_buffer_ready = self.offered
        self.seen = mcu.clock.create_alarm(lambda: self.status(self.SUSPENDED, False))

    def offered(self, endpoint: int, out: bool) -> None:
        if self.asleep and endpoint and not out:
            self.held.append((endpoint, out))
        else:
            self.ready(endpoint, out)

    def status(self, bit: int, on: bool) -> None:
        self.usb._sie_status = self.usb._sie_status | bit if on else self.usb._sie_status & ~bit
        self.usb._sie_status_updated()

    def be(self, state: str) -> None:
        self.asleep = state == "asleep"
        self.status(self.SUSPENDED if self.asleep else self.RESUMED, True)
        if self.asleep:
            self.seen.schedule(30 * US)
        else:
            held, self.held = self.held, []
            for each in held:
                self.ready(*each)


def tone_hz(mcu: Any) -> int:
    """What the buzzer plays, from its PWM slice; 0: silence."""
    pin = PINS["buzzer"]
    slice_ = mcu.pwm.channels[pin >> 1 & 7]
    level = (slice_.cc >> 16 if pin & 1 else slice_.cc) & 0xFFFF
    if not slice_.csr & 1 or not level:
        return 0
    divider = ((slice_.div >> 4) & 0xFF) + (slice_.div & 15) / 16
    return round(SYSTEM_CLOCK_HZ / (divider or 256) / (slice_.top + 1))


def fit(mcu: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Wire the bench; gives `tell`."""
    world = World()
    probe = Ds18b20(world, mcu)
    oled = Ssd1306(world, mcu)
    I2cBus(world, mcu, 0, (Tmp117(world, mcu), Bmp280(world, mcu), oled))
    wire_thermistor(world, mcu)
    host = UsbHost(mcu)
    lamps = {name: Edges(mcu, PINS[name]) for name in ("led", "drip", "step")}

    def tell(words: dict[str, Any]) -> dict[str, Any]:
        for word, value in words.items():
            if word in world.plugs and value in PLUGS:
                world.plugs[word] = value
                probe.replug()
            elif word == "host" and value in ("asleep", "awake"):
                host.be(value)
            elif word == "safe_pin" and value in ("held", "free"):
                mcu.gpio[SAFE_PIN].set_input_value(value == "free")
            elif word in ("water_c", "air_pa"):
                setattr(world, word, float(value))
            else:
                raise ValueError(f"{word}: {value}: nobody here knows what that means")
        return {
            "board_ms": mcu.clock.nanos // 1_000_000,
            "conversions": probe.conversions,
            "tone_hz": tone_hz(mcu),
            "screen": oled.ram.hex() if oled.on else "",
            "pieces": oled.pieces,
            **{name: edges.at_ms for name, edges in lamps.items()},
        }

    there = Path("parts.json")
    if there.exists():
        tell(json.loads(there.read_text()))
    return tell
