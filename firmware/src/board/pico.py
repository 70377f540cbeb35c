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
        """What has arrived, at most 256 bytes. Byte by byte: a longer read would wait for the last of them."""
        there, read = self._readable.poll, sys.stdin.buffer.read
        if not there(0):
            return b""
        data = bytearray()
        while len(data) < _RX_BYTES and there(0):
            data += read(1)
        return bytes(data)

    def write(self, data):
        """Gives the port what it takes now; the number of bytes. A full port is not waited for.

        Always 64 bytes, filled up with zeros (which end a frame, and between frames mean nothing): the port says
        that it has room when a single byte fits, and a write that is longer than the room waits for a second, then is
        cut short. Packets that are whole keep the room a multiple of 64.
        """
        if not self._writable.poll(0):
            return 0
        part = data[:_PACKET_BYTES]
        missing = _PACKET_BYTES - len(part)
        taken = sys.stdout.buffer.write(part + bytes(missing) if missing else part)
        return min(taken or 0, len(part))

    def wait(self, ms, to_write):
        """Sleeps until input arrives or `ms` are over; with `to_write`, also until the port takes bytes again."""
        (self._either if to_write else self._readable).poll(ms)

    def free_heap(self):
        """After a collection: else it would be any number."""
        gc.collect()
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
