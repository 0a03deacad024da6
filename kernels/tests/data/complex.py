#!/usr/bin/env python3
"""Writes complex.txt: complex functions at hard points, by mpmath in 4400 bits. `python3 complex.py > complex.txt`

Each line: function, both parts of the argument, then of each part of the result the nearest double and what that leaves.
At some points the argument's parts are singles.
"""
import math
import random
import struct

from mpmath import mp, mpc, mpf

mp.prec = 4400  # squares of subnormals beside 1, twice over
POINTS = 130


def single(v):
    return struct.unpack("f", struct.pack("f", v))[0]


def power(draw, low, high):
    return draw.choice((-1, 1)) * math.ldexp(draw.uniform(1, 2), draw.randint(low, high))


def near(draw, value):
    """The value, or one that differs from it by some lower bit."""
    return value * (1 + draw.choice((0, 1, -1, 1, -1)) * math.ldexp(draw.uniform(1, 2), -draw.randint(2, 54)))


def point(draw, kind, exponential):
    one, angle = draw.choice((-1.0, 1.0)), draw.uniform(0, 2 * math.pi)
    exponent = draw.randint(-1070, 1015)
    kinds = [
        lambda: (draw.uniform(-10, 10), draw.uniform(-10, 10)),
        lambda: (draw.uniform(-2, 2), draw.uniform(-2, 2)),
        lambda: (power(draw, -30, 5), power(draw, -30, 5)),
        lambda: (near(draw, one), power(draw, -60, 1)),
        lambda: (power(draw, -60, 1), near(draw, one)),
        lambda: (near(draw, math.cos(angle)), near(draw, math.sin(angle))),
        lambda: (near(draw, one), power(draw, -1074, -20)),
        lambda: (power(draw, -1074, -20), near(draw, one)),
        lambda: (near(draw, one), near(draw, draw.choice((-1.0, 1.0)))),
        lambda: (draw.uniform(-30, 30), near(draw, math.pi / 2 * draw.randint(-20, 20))),
    ]
    kinds += (
        [
            lambda: (draw.uniform(-1500, 1500), power(draw, -1074, 3)),
            lambda: (draw.uniform(-760, 760), draw.uniform(-9, 9)),
            lambda: (power(draw, -1074, 9), power(draw, -1074, 300)),
        ]
        if exponential
        else [
            lambda: (power(draw, -1074, 1023), power(draw, -1074, 1023)),
            lambda: (power(draw, exponent, exponent + 4), power(draw, exponent, exponent + 4)),
            lambda: (1.0 * one, power(draw, -1074, -20)),
        ]
    )
    z = kinds[kind % len(kinds)]()
    if draw.random() < 0.5:
        z = tuple(single(v) if 2.0**-149 < abs(v) < 2.0**127 else v for v in z)
    return z


def tanh(z):
    # mpmath's own squares e^x
    x, y = mp.sinh(z.real), mp.cos(z.imag)
    d = x * x + y * y
    return mpc(x * mp.cosh(z.real) / d, mp.sin(z.imag) * y / d)


FUNCTIONS = {
    "sqrt": mp.sqrt,
    "exp": mp.exp,
    "log": mp.log,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": tanh,
    "asinh": mp.asinh,
    "acos": mp.acos,
    "atanh": mp.atanh,
}


def words(v):
    """The nearest double and the rest."""
    high = float(v)
    return high, (float(v - mpf(high)) if math.isfinite(high) else 0.0)


def main():
    draw = random.Random(2024)
    for name, function in FUNCTIONS.items():
        count = 0
        while count < POINTS:
            z = point(draw, count, name in ("exp", "sinh", "cosh", "tanh"))
            if 0.0 in z or not all(map(math.isfinite, z)):
                continue  # signed zeros are not mpmath's: the table of special values has them
            result = function(mpc(*z))
            print(name, *map(repr, (*z, *words(result.real), *words(result.imag))))
            count += 1


if __name__ == "__main__":
    main()
