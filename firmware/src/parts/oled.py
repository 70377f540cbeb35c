"""SSD1306 display, 128 x 64, on I2C: a line of text is a page, and only lines that changed are drawn and sent.

A page goes in two pieces of 1.6 ms each at 400 kHz, so no call holds the loop for 3 ms. One that does not answer is
tried again.
Ref: SSD1306 data sheet, commands and horizontal addressing.
"""

from framebuf import MONO_VLSB, FrameBuffer
from micropython import const

ADDRESS = 0x3C
WIDTH = 128
_PIECE = const(64)
PAGES = 8  # of eight lines of pixels
EVERY_MS = 500
RETRY_MS = 2000
START = bytes((
    0xAE, 0xD5, 0x80, 0xA8, 0x3F, 0xD3, 0x00, 0x40, 0x8D, 0x14, 0x20, 0x00, 0xA1, 0xC8, 0xDA, 0x12,
    0x81, 0x7F, 0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6, 0xAF,
))  # fmt: skip


class Oled:
    """`lines()`: eight lines of at most sixteen characters."""

    def __init__(self, i2c, lines):
        self._bus = i2c
        self._words = lines
        self._page = bytearray(WIDTH)
        self._canvas = FrameBuffer(self._page, WIDTH, 8, MONO_VLSB)
        self._page_view = memoryview(self._page)
        self._message = bytearray(_PIECE + 1)
        self._message[0] = 0x40
        self._window = bytearray((0x00, 0x21, 0, 0, 0x22, 0, 0))
        self._wanted = ()
        self._displayed = [None] * PAGES  # what the display holds; None: nobody knows
        self._next_page = 0  # page
        self._left = 0  # pieces of the page before it
        self._started = False
        self.fault = ""

    def found(self):
        """Whether one answers; it is then switched on."""
        try:
            self._bus.writeto(ADDRESS, b"\x00" + START)
        except OSError:
            self.fault = "no answer"
            return False
        self.fault = ""
        self._started = True
        self._displayed = [None] * PAGES
        self._wanted, self._left = (), 0
        return True

    def step(self, now_ms):
        if not self._started:
            return 0 if self.found() else RETRY_MS
        if not self._wanted:
            self._wanted = self._words()
            self._next_page = 0
            return 0
        try:
            if self._left or self._draw_next():
                self._send_piece()
                return 0
        except OSError:
            self.fault = "no answer"
            self._started = False
            return RETRY_MS
        self._wanted = ()
        return EVERY_MS

    def _draw_next(self):
        """Draws the next page that is to change; False if there is none."""
        while self._next_page < PAGES:
            page = self._next_page
            self._next_page = page + 1
            if self._displayed[page] != self._wanted[page]:
                self._displayed[page] = self._wanted[page]
                self._canvas.fill(0)
                self._canvas.text(self._wanted[page], 0, 0)
                self._left = WIDTH // _PIECE
                return True
        return False

    def _send_piece(self):
        x = WIDTH - self._left * _PIECE
        window = self._window
        window[2] = x
        window[3] = x + _PIECE - 1
        window[5] = window[6] = self._next_page - 1
        self._bus.writeto(ADDRESS, window)
        self._message[1:] = self._page_view[x : x + _PIECE]
        self._bus.writeto(ADDRESS, self._message)
        self._left -= 1


DRIVER = Oled
