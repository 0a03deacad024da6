"""Runs the work of benches/programs.rs in Numba: reads names, one a line, and prints the milliseconds of a run of each."""

import sys
import time

import numba
import numpy as np

SIDE = 2048


@numba.njit(parallel=True)
def mandelbrot(xs, ys, most, out):
    for i in numba.prange(len(ys)):
        for k in range(len(xs)):
            c, z, n = complex(xs[k], ys[i]), 0j, 0
            while n < most and z.real * z.real + z.imag * z.imag <= 4:
                z = z * z + c
                n += 1
            out[i, k] = n


@numba.stencil
def kernel(u):
    return u[0, 0] + 0.1 * (u[0, -1] + u[0, 1] + u[-1, 0] + u[1, 0] - 4 * u[0, 0])


@numba.njit(parallel=True)
def step(u, out):
    kernel(u, out=out)


def heat(start, steps):
    # the stencil leaves its border as it is: a step does less than one with a border
    u, out = start.copy(), start.copy()
    for _ in range(steps):
        step(u, out)
        u, out = out, u
    return u


xs, ys = np.linspace(-2.0, 1.0, 1024), np.linspace(-1.5, 1.5, 1024)
plate = np.fromfunction(lambda i, j: (i * 31 + j * 17) % 101 / 101, (SIDE, SIDE))
turns = np.zeros((1024, 1024), np.int64)
works = {
    "mandelbrot-20": lambda: mandelbrot(xs, ys, 20, turns),
    "mandelbrot-200": lambda: mandelbrot(xs, ys, 200, turns),
    "heat-100": lambda: heat(plate, 100),
}
mandelbrot(xs, ys, 1, turns)
heat(plate[:64, :64].copy(), 1)
for line in sys.stdin:
    run = works[line.strip()]
    start = time.perf_counter()
    run()
    print((time.perf_counter() - start) * 1e3, flush=True)
