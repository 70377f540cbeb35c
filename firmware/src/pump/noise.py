"""Noise of instruments, about normal with standard deviation 1 (sum of four uniforms: bounded at 3.5)."""

import random


def seed(number):
    random.seed(number)


def gaussian():
    r = random.getrandbits
    return (r(16) + r(16) + r(16) + r(16) - 131070) * 2.6429e-5  # sqrt(3) / 65535.5
