"""SSD1306 display, 128 x 64, on I2C: drawn in one step, sent in pieces of 64 bytes, of which only changed ones go.

A piece takes 1.6 ms at 400 kHz, so no call holds the loop for 3 ms. One that does not answer is tried again.
Ref: SSD1306 data sheet, commands and horizontal addressing.
"""

from framebuf import MONO_VLSB, FrameBuffer

ADDRESS = 0x3C
WIDTH, HEIGHT = 128, 64
PIECE = 64
PIECES = WIDTH * HEIGHT // 8 // PIECE
EVERY_MS = 500
RETRY_MS = 2000
START = bytes((
    0xAE, 0xD5, 0x80, 0xA8, 0x3F, 0xD3, 0x00, 0x40, 0x8D, 0x14, 0x20, 0x00, 0xA1, 0xC8, 0xDA, 0x12,
    0x81, 0x7F, 0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6, 0xAF,
))  # fmt: skip


class Oled:
    """`lines()`: up to eight lines of sixteen characters; "" leaves one empty."""

    def __init__(self, i2c, lines):
        self._i2c = i2c
        self._lines = lines
        self._picture = bytearray(WIDTH * HEIGHT // 8)
        self._sent = bytearray(WIDTH * HEIGHT // 8)
        self._canvas = FrameBuffer(self._picture, WIDTH, HEIGHT, MONO_VLSB)
        self._view = memoryview(self._picture)
        self._message = bytearray(PIECE + 1)
        self._message[0] = 0x40
        self._window = bytearray((0x00, 0x21, 0, 0, 0x22, 0, 0))
        self._piece = PIECES
        self._started = self._all = False
        self.fault = ""

    def found(self):
        """Whether one answers; it is then switched on."""
        try:
            self._i2c.writeto(ADDRESS, b"\x00" + START)
        except OSError:
            self.fault = "no answer"
            return False
        self.fault = ""
        self._started = self._all = True
        return True

    def step(self, now_ms):
        if not self._started:
            return 0 if self.found() else RETRY_MS
        if self._piece >= PIECES:
            self._draw()
            self._piece = 0
            return 0
        try:
            self._send_next()
        except OSError:
            self.fault = "no answer"
            self._started = False
            self._piece = PIECES
            return RETRY_MS
        if self._piece < PIECES:
            return 0
        self._all = False
        return EVERY_MS

    def _draw(self):
        canvas, y = self._canvas, 0
        canvas.fill(0)
        for line in self._lines():
            if line:
                canvas.text(line, 0, y)
            y += 8

    def _send_next(self):
        """The next piece that differs from what the display holds."""
        while self._piece < PIECES:
            piece = self._piece
            start = piece * PIECE
            part = self._view[start : start + PIECE]
            self._piece = piece + 1
            if self._all or self._sent[start : start + PIECE] != part:
                self._show(piece, part)
                self._sent[start : start + PIECE] = part
                return

    def _show(self, piece, part):
        window = self._window
        window[2] = piece * PIECE % WIDTH
        window[3] = window[2] + PIECE - 1
        window[5] = window[6] = piece * PIECE // WIDTH
        self._i2c.writeto(ADDRESS, window)
        self._message[1:] = part
        self._i2c.writeto(ADDRESS, self._message)
