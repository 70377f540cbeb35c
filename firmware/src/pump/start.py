"""From power to the loop: the watchdog runs first, a start that fails is tried again, and a board is never lost.

A failed start is printed, kept for the next HELLO's events, and tried again after a pause. Safe mode leaves the prompt
alone with the board: a pin held to ground at power-on, or three power-ons of which none lived for ten seconds or heard
a host. Ctrl-C breaks in at any time.
"""

import gc

from micropython import const

from pump.tracebacks import TEXT_BYTES, last_lines
from pump.utf8 import clean

PAUSE_MS = 30000
SETTLED_MS = 10000
TRIES = 3
_STARTS = const("starts")  # power-ons in a row that did not live long
FAILURE = "start_failed"
_BLINK_MS = const(50)
_REPEAT_MS = const(3000)  # of the words, for a terminal that is opened meanwhile
_PROGRAM = ("pump.codec", "pumpmodel", "pump.commands", "pump.app")  # compiled sources take long: feed between them


def run(make_board):
    """Starts the program on a board of this kind; returns only in safe mode."""
    board = make_board()
    board.watch()
    try:
        try:
            why = _safe(board)
            if not why:
                _app(board).run()
        except Exception as error:
            _fail(board, error)
    except KeyboardInterrupt:
        board.unwatch()
        raise
    board.unwatch()
    board.led(True)
    print("warmflow: safe mode, the program was not started:", why)


def settled(board):
    """The program has lived long enough, or a host has asked for it: this start does not count."""
    _empty(board, _STARTS)


def failure(board):
    """What the start before this one died of, in words, once; "" if nothing is known."""
    words = _empty(board, FAILURE)
    if not words:
        return ""
    return clean("start: " + words.decode(), TEXT_BYTES).decode()


def _empty(board, name):
    """What is in a file that is empty from now on; a flash that refuses, being full, stops no start for that."""
    data = board.load(name)
    if data:
        try:
            board.save(name, b"")
        except OSError:
            pass
    return data


def _app(board):
    for name in _PROGRAM:
        board.feed()
        __import__(name)
    from pump.app import App

    board.feed()
    app = App(board)
    if hasattr(gc, "threshold"):
        gc.threshold(-1)  # see main.py; from here on a collection comes when memory is short
    return app


def _safe(board):
    """Why the program shall not start, in words, or ""."""
    if board.held():
        return "the safe pin is held to ground. Take it off and restart the board"
    if not board.powered_on:
        return ""
    try:
        starts = len(board.load(_STARTS) or b"") + 1
        board.save(_STARTS, b"" if starts >= TRIES else b"*" * starts)
    except OSError:
        return ""
    return "three restarts within ten seconds. The next one starts it" if starts >= TRIES else ""


def _fail(board, error):
    """Says what happened, for as long as the pause is, then starts again. Raises the error where somebody sees it."""
    if not board.unattended:
        raise error
    gc.collect()
    words = last_lines("", error)
    try:
        board.save(FAILURE, words.encode())
    except OSError:
        pass
    began_ms = board.ticks_ms()
    lit, said_ms, now_ms = False, -_REPEAT_MS, 0
    while now_ms < PAUSE_MS:
        board.feed()
        lit = not lit
        board.led(lit)
        if now_ms >= said_ms + _REPEAT_MS:
            said_ms = now_ms
            print("warmflow did not start, and tries again:", words)
        board.read()  # else what arrives would end each wait at once
        board.wait(_BLINK_MS, False)
        now_ms = board.ticks_diff(board.ticks_ms(), began_ms)
    board.reset()
