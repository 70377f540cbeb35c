"""`warmflow flash`: the firmware onto a Pico, over its own MicroPython.

`program` says what belongs on the board, `prompt` speaks with MicroPython through mpremote, `install` carries the
difference over in two steps, `bootsel` helps a Pico that has no MicroPython yet, `command` is the command line.
"""
