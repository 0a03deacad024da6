"""Times a step of the heat equation in Numba, as `cargo bench --bench neighbours` does in numfuse: 2048 by 2048, between
two arrays in turn. `NUMBA_NUM_THREADS=2 python neighbours_against_numba.py`."""

import statistics
import time

import numba
import numpy as np

SIDE, RUNS = 2048, 31


@numba.njit(parallel=True, fastmath=False)
def loops(u, out):
    rows, columns = u.shape
    for i in numba.prange(rows):
        up, down = max(i - 1, 0), min(i + 1, rows - 1)
        for j in (0, columns - 1):
            left, right = max(j - 1, 0), min(j + 1, columns - 1)
            out[i, j] = u[i, j] + 0.1 * (u[i, left] + u[i, right] + u[up, j] + u[down, j] - 4 * u[i, j])
        for j in range(1, columns - 1):
            out[i, j] = u[i, j] + 0.1 * (u[i, j - 1] + u[i, j + 1] + u[up, j] + u[down, j] - 4 * u[i, j])


@numba.stencil
def kernel(u):
    return u[0, 0] + 0.1 * (u[0, -1] + u[0, 1] + u[-1, 0] + u[1, 0] - 4 * u[0, 0])


@numba.njit(parallel=True)
def stencil(u, out):
    kernel(u, out=out)


for name, step in [("loops, nearest", loops), ("stencil, zeros", stencil)]:
    u = np.fromfunction(lambda i, j: (i * 31 + j * 17) % 101 / 101, (SIDE, SIDE))
    out, times = np.zeros_like(u), []
    step(u, out)
    for _ in range(RUNS):
        start = time.perf_counter()
        step(u, out)
        times.append(time.perf_counter() - start)
        u, out = out, u
    print(f"numba {name}: {statistics.median(times) * 1e3:.3f} ms a step")
