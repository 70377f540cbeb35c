"""The real board. The only module that knows `machine`.

Ctrl-C stays enabled, so that mpremote and Thonny can always break in; docs/protocol.md says what that asks of
commands.
"""

import gc
import os
import select
import sys
import time

import machine

from pump import codec

LED_PIN = "LED"
_DIE_ADC = 4
_SAMPLES = 64  # the sensor has 0.47 degC a step: only a mean shows less
_RX_BYTES = 256
_PACKET_BYTES = 64  # of USB full speed


class Board:
    platform = codec.PLATFORM_RP2350 if "2350" in sys.implementation._machine else codec.PLATFORM_RP2040
    heap_share = 4

    def __init__(self):
        self.board_id = machine.unique_id()
        self.reset_cause = machine.reset_cause()
        self._die = machine.ADC(_DIE_ADC)
        self._led = machine.Pin(LED_PIN, machine.Pin.OUT)
        self._readable = select.poll()
        self._readable.register(sys.stdin, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sys.stdout, select.POLLOUT)

    def ticks_ms(self):
        return time.ticks_ms()

    def ticks_diff(self, later, earlier):
        return time.ticks_diff(later, earlier)

    def random_u32(self):
        return int.from_bytes(os.urandom(4), "little")

    def read(self):
        """What has arrived, at most 256 bytes. Byte by byte: a longer read would wait for the last of them."""
        data = bytearray()
        while len(data) < _RX_BYTES and self._readable.poll(0):
            data += sys.stdin.buffer.read(1)
        return bytes(data)

    def write(self, data):
        """Gives the port what it takes now; the number of bytes. A full port is not waited for.

        Always 64 bytes, filled up with zeros (which end a frame, and between frames mean nothing): the port says
        that it has room when a single byte fits, and a write that is longer than the room waits for up to a second.
        Packets that are whole keep the room a multiple of 64.
        """
        if not self._writable.poll(0):
            return 0
        part = data[:_PACKET_BYTES]
        missing = _PACKET_BYTES - len(part)
        sys.stdout.buffer.write(part + bytes(missing) if missing else part)
        return len(part)

    def wait(self, ms, to_write):
        if to_write:
            self._writable.poll(min(ms, 20))
        else:
            self._readable.poll(ms)

    def free_heap(self):
        return gc.mem_free()

    def load(self, name):
        try:
            with open(name, "rb") as file:
                return file.read()
        except OSError:
            return None

    def save(self, name, data):
        """Whole or not at all: a rename replaces the old file in one step."""
        with open(name + ".new", "wb") as file:
            file.write(data)
        os.rename(name + ".new", name)

    def die_temp_c(self):
        """Mean of 64 samples, or None if it can not be: an emulated board has no such sensor."""
        total = 0
        for _ in range(_SAMPLES):
            total += self._die.read_u16()
        volt = total * 3.3 / (65535 * _SAMPLES)
        temp_c = 27 - (volt - 0.706) / 0.001721  # Ref: RP2040 data sheet, section 4.9.5
        return temp_c if -40 <= temp_c <= 125 else None

    def led(self, on):
        self._led.value(on)

    def reset(self):
        machine.reset()
