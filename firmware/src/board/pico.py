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
from micropython import const

from board.files import Files
from pump import codec

PINS = {  # GPIO numbers, which the config may change one by one; hardware/ is drawn from this table
    "one_wire": 22,  # DS18B20: data, with 4k7 to 3.3 V
    "i2c_sda": 4,  # TMP117, BMP280 or BME280, SSD1306
    "i2c_scl": 5,
    "ntc": 26,  # thermistor to AGND, 4k7 to ADC_VREF
    "buzzer": 16,
    "drip": 17,  # lamp
    "step": 18,  # stepper driver
    "dir": 19,
}
_LED_PIN = const("LED")
SAFE_PIN = 14  # held to ground at power-on it keeps the program from starting; beside a ground pin
_DIE_ADC = getattr(machine.ADC, "CORE_TEMP", 4)
_I2C_HZ = const(400000)
_I2C_TIMEOUT_US = const(5000)  # what a bus whose wires are shorted may cost
_SETTLE_US = const(200)  # of an internal pull
_CLEAR_CLOCKS = const(9)  # Ref: UM10204, 3.1.16, bus clear
_HALF_CLOCK_US = const(5)
_SMPS_PIN = const(23)  # of Pico and Pico 2: high keeps the regulator from its power-save mode, which ripples
_SMPS_PIN_W = const("WL_GPIO1")  # the same, on the radio chip of the W boards
_SAMPLES = const(64)  # the sensor has 0.47 degC a step: only a mean shows less
_RX_BYTES = const(128)  # a turn; 54 us each
_PACKET_BYTES = const(64)  # of USB full speed
_STALLED_MS = const(100)  # a write that takes nothing for so long: no packet is fetched, the host is asleep
_ASLEEP_MS = const(10000)  # until it is tried again, doubled up to the longest: a try stalls the loop for half a second
_ASLEEP_LONGEST_MS = const(60000)
_AWAKE_MS = const(2000)  # after a try, input is taken as a sign that it woke up
_WATCH_MS = const(8000)  # the RP2040 can do 8388
_RP2350 = "2350" in sys.implementation._machine
_WATCHDOG = 0x400D8000 if _RP2350 else 0x40058000  # Ref: data sheets of RP2040 and RP2350, "Watchdog": CTRL, SCRATCH0
_CLEAR_BITS = const(0x3000)  # a register at this distance is written by clearing bits
_SCRATCH0 = const(0x0C)
_SCRATCH1 = const(0x10)
_ENABLE = const(1 << 30)
_ORDERED = const(0x70756D70)  # in SCRATCH0: the reset that follows is wanted
_STARTED = const(0x6F6E6365)  # in SCRATCH1: it has started since the power came


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


def _clear(sda, scl):
    """Frees a bus that a reset stopped in the middle of a byte: the part holds SDA low and waits for its clocks."""
    data = machine.Pin(sda, machine.Pin.IN, machine.Pin.PULL_UP)
    time.sleep_us(_SETTLE_US)
    if data():
        return
    clock = machine.Pin(scl, machine.Pin.OPEN_DRAIN, value=1)
    for _ in range(_CLEAR_CLOCKS):
        clock(0)
        time.sleep_us(_HALF_CLOCK_US)
        clock(1)
        time.sleep_us(_HALF_CLOCK_US)
    data = machine.Pin(sda, machine.Pin.OPEN_DRAIN, value=0)  # a stop: SDA rises while SCL is high
    time.sleep_us(_HALF_CLOCK_US)
    data(1)


def _steady_supply():
    """Takes the ripple off the analogue input, on the boards whose regulator has such a pin."""
    name = sys.implementation._machine
    if name.startswith("Raspberry Pi Pico"):
        machine.Pin(_SMPS_PIN_W if "Pico W" in name or "Pico 2 W" in name else _SMPS_PIN, machine.Pin.OUT, value=1)


def _ready(poller):
    """`ipoll`, since `poll` makes a list: it might be the one that calls for a collection, just before a reading."""
    for _ in poller.ipoll(0):
        return True
    return False


class Board(Files):
    platform = codec.PLATFORM_RP2350 if _RP2350 else codec.PLATFORM_RP2040
    unattended = True  # nobody sees the program end
    ring_percent = 24  # of the free heap: two minutes at 10 Hz, docs/decisions/0003

    def __init__(self):
        self.board_id = machine.unique_id()
        self.reset_cause = machine.reset_cause()
        self.reset_words = self._reset_words()
        self.powered_on = machine.mem32[_WATCHDOG + _SCRATCH1] & 0xFFFFFFFF != _STARTED
        machine.mem32[_WATCHDOG + _SCRATCH1] = _STARTED
        self._dog = None
        self._asleep_ms = 0  # how long the host is left alone; 0: it is awake
        self._tried_ms = 0
        self._die_adc = machine.ADC(_DIE_ADC)
        try:
            self._led = machine.Pin(_LED_PIN, machine.Pin.OUT)
        except ValueError:  # a board of another maker, without a lamp of that name
            self._led = None  # type: ignore[assignment]
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
        if self._asleep_ms and self._since_try_ms() >= _AWAKE_MS:
            self._tried_ms = time.ticks_add(time.ticks_ms(), -self._asleep_ms)  # it is due
        return bytes(data)

    def write(self, data):
        """Gives the port what it takes now; the number of bytes. A full port is not waited for.

        Always 64 bytes, filled up with zeros (which end a frame, and between frames mean nothing): the port says
        that it has room when a single byte fits, and a write that is longer than the room waits for a second, then is
        cut short. Packets that are whole keep the room a multiple of 64.

        A suspended bus (a laptop that sleeps with the port open) has "room" for ever and takes nothing: each write
        waits for half a second in MicroPython. Such a host is left alone for a time. The first write to it is made
        without asking for room: only that starts a port again which was full when the bus stopped.
        """
        if self._asleep_ms:
            if self._since_try_ms() < self._asleep_ms:
                return 0
        elif not _ready(self._writable):
            return 0
        part = data[:_PACKET_BYTES]
        missing = _PACKET_BYTES - len(part)
        before_ms = time.ticks_ms()
        taken = sys.stdout.buffer.write(part + bytes(missing) if missing else part)
        if taken:
            self._asleep_ms = 0
            return min(taken, len(part))
        self._tried_ms = time.ticks_ms()
        if time.ticks_diff(self._tried_ms, before_ms) > _STALLED_MS:
            self._asleep_ms = min(max(_ASLEEP_MS, 2 * self._asleep_ms), _ASLEEP_LONGEST_MS)
        return 0

    def _since_try_ms(self):
        return time.ticks_diff(time.ticks_ms(), self._tried_ms)

    def wait(self, ms, to_write):
        """Sleeps until input arrives or `ms` are over; with `to_write`, also until the port takes bytes again."""
        (self._either if to_write and not self._asleep_ms else self._readable).ipoll(ms)

    def free_heap(self):
        """After a collection: else it would be any number."""
        gc.collect()
        return gc.mem_free()

    def held(self):
        """Whether somebody holds the safe pin to ground."""
        pin = machine.Pin(SAFE_PIN, machine.Pin.IN, machine.Pin.PULL_UP)
        time.sleep_us(_SETTLE_US)
        return pin() == 0

    def watch(self):
        """From now on a program that does not `feed` for 8 s is restarted."""
        if self._dog is None:
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
        if self._led:
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
        _clear(sda, scl)
        bus = sda // 2 % 2
        pins = {"sda": machine.Pin(sda), "scl": machine.Pin(scl)}
        # the stubs know no timeout
        return machine.I2C(bus, freq=_I2C_HZ, timeout=_I2C_TIMEOUT_US, **pins)  # type: ignore[call-overload]

    def adc(self):
        pin = self._pins.get("ntc")
        if pin is None:
            return None
        _steady_supply()
        return Adc(pin)

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
