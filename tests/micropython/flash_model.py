"""A Pico's flash as a block device in memory, for MicroPython's `VfsLfs2`: NOR flash, counted, and with a plug to pull.

A program step can only clear bits, an erase sets a whole block. After `cut_after` operations the power fails: that one
is torn (part of the page written, part of the block erased), and this device never does anything again. What the flash
holds lives on in its `successor`. Errors are returned, not raised: littlefs closes files in a garbage collection too.
"""

from random import getrandbits, randrange

BLOCK_BYTES, BLOCKS, PAGE_BYTES = 4096, 352, 256  # of a Pico with MicroPython: 1.4 MB from 0xA0000 on
_COPY, _COUNT, _SIZE, _ERASE = 1, 4, 5, 6
_EIO = -5


class Flash:
    """The extended block-device protocol of MicroPython, as rp2.Flash has it."""

    def __init__(self, blocks=BLOCKS, data=None):
        self.blocks = blocks
        self.data = data or bytearray(b"\xff" * (BLOCK_BYTES * blocks))
        self.erases = [0] * blocks
        self.pages = 0  # programmed
        self.reads = 0
        self.cut_after = -1  # operations that change something; -1: never
        self.dead = False

    def successor(self):
        """The same flash after the power came back; what ran before cannot touch it any more."""
        self.dead = True
        return Flash(self.blocks, self.data)

    def readblocks(self, block, buffer, offset=0):
        if self.dead:
            return _EIO
        self.reads += 1
        at = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.data)[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        if self.dead:
            return _EIO
        at, torn = block * BLOCK_BYTES + offset, self._spend()
        size = randrange(len(buffer)) if torn else len(buffer)
        self._program(at, memoryview(buffer)[:size])
        if torn:  # the byte under way: some of its bits
            self.data[at + size] &= buffer[size] | getrandbits(8)
            return _EIO
        self.pages += len(buffer) // PAGE_BYTES
        return 0

    def ioctl(self, operation, argument):
        if operation == _COUNT:
            return self.blocks
        if operation == _SIZE:
            return BLOCK_BYTES
        return self._erase(argument) if operation == _ERASE else 0

    def _program(self, at, data):
        there = memoryview(self.data)[at : at + len(data)]
        if there == b"\xff" * len(data):
            there[:] = data
            return
        for index in range(len(data)):
            there[index] &= data[index]

    def _erase(self, block):
        if self.dead:
            return _EIO
        torn = self._spend()
        self.erases[block] += 1
        start, end = block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES
        if torn:  # any part of it
            start += randrange(BLOCK_BYTES)
            end -= randrange(end - start)
        memoryview(self.data)[start:end] = b"\xff" * (end - start)
        return _EIO if torn else 0

    def _spend(self):
        """One operation; true if the power fails in the middle of it."""
        if self.cut_after < 0:
            return False
        self.cut_after -= 1
        self.dead = self.cut_after < 0
        return self.dead


def mount(flash, vfs, path, make=False):
    """Mounts the flash as MicroPython's own `_boot.py` does on a Pico; with `make`, after formatting it."""
    if make:
        vfs.VfsLfs2.mkfs(flash, progsize=PAGE_BYTES)
    system = vfs.VfsLfs2(flash, progsize=PAGE_BYTES)
    vfs.mount(system, path)
    return system
