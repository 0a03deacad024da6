"""How long Python takes for the Mandelbrot set: seconds for `points` by `points` points and `most` turns.

Plain CPython is timed on a part of the rows, spread over the whole. Numba is left out where it is not installed.
"""

import sys
import time

import numpy as np

points, most = int(sys.argv[1]), int(sys.argv[2])
xs, ys = np.linspace(-2.0, 1.0, points), np.linspace(-1.5, 1.5, points)


def escape(c):
    z, n = 0j, 0
    while n < most and z.real * z.real + z.imag * z.imag <= 4:
        z = z * z + c
        n += 1
    return n


def whole_arrays():
    c = xs + 1j * ys[:, None]
    z, n = np.zeros_like(c), np.zeros(c.shape, np.int64)
    for _ in range(most):
        on = z.real * z.real + z.imag * z.imag <= 4
        z[on] = z[on] ** 2 + c[on]
        n += on
    return n


def timed(run, times=3):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


part = max(1, points // 32)
rows = ys[part // 2 :: part]
print("CPython", timed(lambda: [[escape(complex(x, y)) for x in xs.tolist()] for y in rows.tolist()], 1) * points / len(rows))
print("NumPy", timed(whole_arrays))
try:
    import numba
except ImportError:
    sys.exit()

compiled = numba.njit(escape)


@numba.njit(parallel=True)
def in_parallel(xs, ys):
    out = np.zeros((len(ys), len(xs)), np.int64)
    for i in numba.prange(len(ys)):
        for k in range(len(xs)):
            out[i, k] = compiled(complex(xs[k], ys[i]))
    return out


in_parallel(xs, ys)
print("Numba", timed(lambda: in_parallel(xs, ys), 5))
