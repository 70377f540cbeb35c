"""The real board. The only module that knows `machine` and its pins; it hands out buses and outputs by name.

Ctrl-C stays enabled, so that mpremote and Thonny can always break in; docs/protocol.md says what that asks of
commands.
"""

import gc
import os
import select
import sys
import time

import machine
import onewire

from board.files import Files
from pump import codec

PINS = {  # GPIO numbers, which the config may change one by one; hardware/ is drawn from this table
    "one_wire": 15,  # DS18B20: data, with 4k7 to 3.3 V
    "i2c_sda": 4,  # TMP117, BMP280 or BME280, SSD1306
    "i2c_scl": 5,
    "ntc": 26,  # thermistor to ground, 10k to 3.3 V
    "buzzer": 16,
    "drip": 17,  # lamp
    "step": 18,  # stepper driver
    "dir": 19,
}
LED_PIN = "LED"
_DIE_ADC = getattr(machine.ADC, "CORE_TEMP", 4)
_I2C_HZ = 400000
_I2C_TIMEOUT_US = 5000  # what a bus whose wires are shorted may cost
_SETTLE_US = 200  # of an internal pull
_SAMPLES = 64  # the sensor has 0.47 degC a step: only a mean shows less
_RX_BYTES = 128  # a turn; 54 us each
_PACKET_BYTES = 64  # of USB full speed
_WATCH_MS = 8000  # the RP2040 can do 8388
_RP2350 = "2350" in sys.implementation._machine
_WATCHDOG = 0x400D8000 if _RP2350 else 0x40058000  # Ref: data sheets of RP2040 and RP2350, "Watchdog": CTRL, SCRATCH0
_CLEAR_BITS = 0x3000  # a register at this distance is written by clearing bits
_SCRATCH0 = 0x0C
_ENABLE = 1 << 30
_ORDERED = 0x70756D70  # in SCRATCH0: the reset that follows is wanted


class Wire(onewire.OneWire):
    def idle(self):
        """Whether the line is high: it is low at rest only when it is shorted."""
        return self.pin.value() == 1


class Adc:
    """An analogue input, as a fraction of the supply."""

    def __init__(self, pin):
        self._number = pin
        self._adc = machine.ADC(machine.Pin(pin))

    def fraction(self, samples):
        total = 0
        for _ in range(samples):
            total += self._adc.read_u16()
        return total / (65535 * samples)

    def pulled(self):
        """What it reads with the internal resistor to ground, and to the supply: a free pin follows them."""
        seen = []
        for pull in (machine.Pin.PULL_DOWN, machine.Pin.PULL_UP):
            machine.Pin(self._number, machine.Pin.IN, pull)
            time.sleep_us(_SETTLE_US)
            seen.append(self.fraction(8))
        self._adc = machine.ADC(machine.Pin(self._number))  # without a pull
        return seen


def _ready(poller):
    """`ipoll`, since `poll` makes a list: it might be the one that calls for a collection, just before a reading."""
    for _ in poller.ipoll(0):
        return True
    return False


class Board(Files):
    platform = codec.PLATFORM_RP2350 if _RP2350 else codec.PLATFORM_RP2040
    heap_share = 5  # the ring may take a fifth of the free heap: two minutes at 10 Hz, docs/decisions/0003

    def __init__(self):
        self.board_id = machine.unique_id()
        self.reset_cause = machine.reset_cause()
        self.reset_words = self._reset_words()
        self._dog = None
        self._die_adc = machine.ADC(_DIE_ADC)
        self._led = machine.Pin(LED_PIN, machine.Pin.OUT)
        self._pins = PINS
        self._readable = select.poll()
        self._readable.register(sys.stdin, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sys.stdout, select.POLLOUT)
        self._either = select.poll()
        self._either.register(sys.stdin, select.POLLIN)
        self._either.register(sys.stdout, select.POLLOUT)

    def ticks_ms(self):
        return time.ticks_ms()

    def ticks_diff(self, later, earlier):
        return time.ticks_diff(later, earlier)

    def random_u32(self):
        return int.from_bytes(os.urandom(4), "little")

    def read(self):
        """What has arrived, at most 128 bytes. Byte by byte: a longer read would wait for the last of them."""
        readable, read = self._readable, sys.stdin.buffer.read
        if not _ready(readable):
            return b""
        data = bytearray()
        while len(data) < _RX_BYTES and _ready(readable):
            data += read(1)
        return bytes(data)

    def write(self, data):
        """Gives the port what it takes now; the number of bytes. A full port is not waited for.

        Always 64 bytes, filled up with zeros (which end a frame, and between frames mean nothing): the port says
        that it has room when a single byte fits, and a write that is longer than the room waits for a second, then is
        cut short. Packets that are whole keep the room a multiple of 64.
        """
        if not _ready(self._writable):
            return 0
        part = data[:_PACKET_BYTES]
        missing = _PACKET_BYTES - len(part)
        taken = sys.stdout.buffer.write(part + bytes(missing) if missing else part)
        return min(taken or 0, len(part))

    def wait(self, ms, to_write):
        """Sleeps until input arrives or `ms` are over; with `to_write`, also until the port takes bytes again."""
        (self._either if to_write else self._readable).ipoll(ms)

    def free_heap(self):
        """After a collection: else it would be any number."""
        gc.collect()
        return gc.mem_free()

    def watch(self):
        """From now on a program that does not `feed` for 8 s is restarted."""
        self._dog = machine.WDT(timeout=_WATCH_MS)

    def feed(self):
        if self._dog:
            self._dog.feed()

    def unwatch(self):
        """MicroPython has no way to stop its watchdog; mpremote and Thonny would be thrown out after 8 s."""
        machine.mem32[_WATCHDOG + _CLEAR_BITS] = _ENABLE
        self._dog = None

    def die_temp_c(self):
        """Mean of 64 samples, or None if it cannot be: an emulated board has no such sensor."""
        total = 0
        for _ in range(_SAMPLES):
            total += self._die_adc.read_u16()
        volt = total * 3.3 / (65535 * _SAMPLES)
        temp_c = 27 - (volt - 0.706) / 0.001721  # Ref: RP2040 data sheet, section 4.9.5
        return temp_c if -40 <= temp_c <= 125 else None

    def led(self, on):
        self._led.value(on)

    def use_pins(self, given):
        """Other pins than the table's, by name. A name whose own pin was given away has none."""
        taken = given.values()
        self._pins = {name: PINS[name] for name in PINS if PINS[name] not in taken}
        self._pins.update(given)

    def one_wire(self):
        pin = self._pins.get("one_wire")
        return None if pin is None else Wire(machine.Pin(pin))

    def i2c(self):
        sda, scl = self._pins.get("i2c_sda"), self._pins.get("i2c_scl")
        if sda is None or scl is None:
            return None
        bus = sda // 2 % 2
        pins = {"sda": machine.Pin(sda), "scl": machine.Pin(scl)}
        # the stubs know no timeout
        return machine.I2C(bus, freq=_I2C_HZ, timeout=_I2C_TIMEOUT_US, **pins)  # type: ignore[call-overload]

    def adc(self):
        pin = self._pins.get("ntc")
        return None if pin is None else Adc(pin)

    def switch(self, name):
        """An output as a function of on or off."""
        pin = self._pins.get(name)
        return None if pin is None else machine.Pin(pin, machine.Pin.OUT, value=0)

    def pwm(self, name):
        pin = self._pins.get(name)
        return None if pin is None else machine.PWM(machine.Pin(pin), freq=1000, duty_u16=0)

    def pulse(self, step, direction):
        """A function that gives one pulse of so many us; the direction is always the same."""
        stepping, turning = self.switch(step), self.switch(direction)
        if stepping is None or turning is None:
            return None
        turning(1)

        def give(us):
            stepping(1)
            time.sleep_us(us)
            stepping(0)

        return give

    def reset(self):
        machine.mem32[_WATCHDOG + _SCRATCH0] = _ORDERED
        machine.reset()

    def _reset_words(self):
        """`machine.reset` works by the watchdog: the scratch register, which outlives it, tells both apart."""
        ordered = machine.mem32[_WATCHDOG + _SCRATCH0] & 0xFFFFFFFF == _ORDERED
        machine.mem32[_WATCHDOG + _SCRATCH0] = 0
        if self.reset_cause != machine.WDT_RESET:
            return "power on"
        return "restarted on request" if ordered else "watchdog: the program hung, or a tool reset the board"
