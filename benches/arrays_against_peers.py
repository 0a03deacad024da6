"""Broadcasting, reductions and views against NumPy, SciPy, numba and JAX, in one run: by turns, medians, ratios.

    cargo build --release --features cli
    python3 -m venv venv && venv/bin/pip install numpy scipy numba "jax[cpu]" threadpoolctl
    venv/bin/python benches/arrays_against_peers.py [--rounds 5] [--numfuse target/release/numfuse] [--only WORDS]

numba's loops are what its users write: `prange` over the outermost axis, plain loops inside. numfuse reads the same arrays, from
files, and is timed without reading them.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=true")

import jax
import jax.numpy as jnp
import numba
import numpy as np
import scipy
import scipy.ndimage
import scipy.spatial.distance

try:
    from threadpoolctl import threadpool_limits
except ImportError:
    # NumPy's products then take as many threads as they like
    threadpool_limits = None

jax.config.update("jax_enable_x64", True)
windows = np.lib.stride_tricks.sliding_window_view
njit = numba.njit(parallel=True, cache=False)


@njit
def cityblock_numba(x, y):
    out = np.empty((x.shape[0], y.shape[0]))
    for i in numba.prange(x.shape[0]):
        for j in range(y.shape[0]):
            total = 0.0
            for k in range(x.shape[1]):
                total += abs(x[i, k] - y[j, k])
            out[i, j] = total
    return out


@njit
def squared_numba(x, y):
    out = np.empty((x.shape[0], y.shape[0]))
    for i in numba.prange(x.shape[0]):
        for j in range(y.shape[0]):
            total = 0.0
            for k in range(x.shape[1]):
                total += (x[i, k] - y[j, k]) ** 2
            out[i, j] = total
    return out


@njit
def abs_rows_numba(x):
    out = np.empty(x.shape[0])
    for i in numba.prange(x.shape[0]):
        total = 0.0
        for j in range(x.shape[1]):
            total += abs(x[i, j])
        out[i] = total
    return out


@njit
def abs_columns_numba(x):
    out = np.zeros(x.shape[1])
    for j in numba.prange(x.shape[1]):
        total = 0.0
        for i in range(x.shape[0]):
            total += abs(x[i, j])
        out[j] = total
    return out


@njit
def squares_numba(a, b):
    total = 0.0
    for i in numba.prange(a.size):
        total += (a[i] - b[i]) ** 2
    return total


@njit
def moments_numba(x):
    total = 0.0
    for i in numba.prange(x.size):
        total += x[i]
    mean = total / x.size
    spread = 0.0
    for i in numba.prange(x.size):
        spread += (x[i] - mean) ** 2
    return mean + np.sqrt(spread / x.size)


@njit
def transposed_numba(x):
    out = np.empty_like(x)
    for i in numba.prange(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] + x[j, i]
    return out


@njit
def broadcast_numba(a, b, c):
    out = np.empty_like(a)
    for i in numba.prange(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j] + b[j] * c[i, 0]
    return out


@njit
def filter_numba(image, k):
    rows, columns = image.shape[0] - 4, image.shape[1] - 4
    out = np.empty((rows, columns))
    for i in numba.prange(rows):
        for j in range(columns):
            total = 0.0
            for u in range(5):
                for v in range(5):
                    total += image[i + u, j + v] * k[u, v]
            out[i, j] = total
    return out


@njit
def masked_numba(ages, male, female):
    sums = [0.0]
    a = 0.0
    n = 0
    b = 0.0
    m = 0
    for i in numba.prange(ages.size):
        if male[i]:
            a += ages[i]
            n += 1
        if female[i]:
            b += ages[i]
            m += 1
    return a / n - b / m


@njit
def pi_numba(n):
    d = 1.0 / n
    total = 0.0
    for i in numba.prange(n):
        total += 4 * d / (1 + ((i + 0.5) * d) ** 2)
    return total


@jax.jit
def cityblock_jax(x, y):
    return jnp.sum(jnp.abs(x[:, None, :] - y[None, :, :]), axis=-1)


@jax.jit
def squared_jax(x, y):
    return jnp.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=-1)


def works():
    """Name, expression, inputs, and a peer's answer by name."""
    random = np.random.default_rng(0)
    uniform = lambda *shape: random.uniform(0.5, 1.5, shape)
    x, y = uniform(1000, 50), uniform(1200, 50)
    matrix, square, row, column = uniform(4000, 2500), uniform(4000, 4000), uniform(2500), uniform(4000, 1)
    a, b = uniform(10_000_000), uniform(10_000_000)
    image, k = uniform(1024, 1024), uniform(5, 5)
    gender = np.where(random.integers(0, 2, 10_000_000) == 1, b"male", b"female")
    male, female = gender == b"male", gender == b"female"
    cdist = scipy.spatial.distance.cdist
    yield ("cityblock, 1000 and 1200 by 50", "sum(abs(x[:, None, :] - y[None, :, :]), axis=-1)", dict(x=x, y=y), {
        "numpy": lambda: np.abs(x[:, None, :] - y[None, :, :]).sum(-1),
        "scipy": lambda: cdist(x, y, "cityblock"),
        "numba": lambda: cityblock_numba(x, y),
        "jax": lambda: cityblock_jax(x, y).block_until_ready(),
    })
    yield ("squared Euclidean", "sum((x[:, None, :] - y[None, :, :])**2, axis=-1)", dict(x=x, y=y), {
        "scipy": lambda: cdist(x, y, "sqeuclidean"),
        "numba": lambda: squared_numba(x, y),
        "jax": lambda: squared_jax(x, y).block_until_ready(),
    })
    yield ("sum of abs, axis 0, 4000 by 2500", "sum(abs(m), axis=0)", dict(m=matrix), {
        "numpy": lambda: np.abs(matrix).sum(0), "numba": lambda: abs_columns_numba(matrix),
    })
    yield ("sum of abs, axis 1", "sum(abs(m), axis=1)", dict(m=matrix), {
        "numpy": lambda: np.abs(matrix).sum(1), "numba": lambda: abs_rows_numba(matrix),
    })
    yield ("sum((a-b)**2), 1e7", "sum((a - b)**2)", dict(a=a, b=b), {
        "numpy": lambda: ((a - b) ** 2).sum(), "numba": lambda: squares_numba(a, b),
    })
    yield ("mean + std, 1e7", "mean(a) + std(a)", dict(a=a), {
        "numpy": lambda: a.mean() + a.std(), "numba": lambda: moments_numba(a),
    })
    yield ("x + x.T, 4000", "s + s.T", dict(s=square), {
        "numpy": lambda: square + square.T, "numba": lambda: transposed_numba(square),
    })
    yield ("x + y, 4000", "s + s2", dict(s=square, s2=square + 1), {"numpy": lambda: square + (square + 1)})
    yield ("a + b*c, row and column", "m + r*c", dict(m=matrix, r=row, c=column), {
        "numpy": lambda: matrix + row * column, "numba": lambda: broadcast_numba(matrix, row, column),
    })
    yield ("a + a, 4000 by 2500", "m + m", dict(m=matrix), {"numpy": lambda: matrix + matrix})
    yield ("5 by 5 filter, 1024", "sum(windows(im, (5, 5)) * k, axis=(2, 3))", dict(im=image, k=k), {
        "scipy": lambda: scipy.ndimage.correlate(image, k, mode="constant")[2:-2, 2:-2],
        "numba": lambda: filter_numba(image, k),
    })
    yield ("masked mean difference, 1e7", "mean(a[g == b'male']) - mean(a[g == b'female'])", dict(a=a, g=gender), {
        "numpy": lambda: a[gender == b"male"].mean() - a[gender == b"female"].mean(),
        "numba, masks ready": lambda: masked_numba(a, male, female),
    })
    yield ("pi, n = 1e9", "sum(4*(1/n)/(1 + ((arange(n) + 0.5)*(1/n))**2))", dict(n=1_000_000_000), {
        "numba": lambda: pi_numba(1_000_000_000),
    })
    p, q = uniform(1000, 1000), uniform(1000, 1000)
    yield ("matrix product, 1000", "p @ q", dict(p=p, q=q), {
        "numpy" if threadpool_limits is None else "numpy, limited": lambda: p @ q,
    })
    # what reading costs: nothing that reads as much can be faster
    yield ("read 4000 by 2500", "sum(m)", dict(m=matrix), {"numpy": lambda: matrix.sum()})
    yield ("read 1e7", "sum(a)", dict(a=a), {"numpy": lambda: a.sum()})


def thread_counts(peer):
    """The numbers of threads that a peer is given; None lets it choose."""
    return [1, 2] if peer.startswith("numba") or peer.endswith("limited") else [None]


def timed(peer, run, count):
    """A median of five, with so many threads."""
    sample = lambda: statistics.median(seconds(run) for _ in range(5))
    if count and peer.startswith("numba"):
        numba.set_num_threads(count)
    elif count:
        with threadpool_limits(count):
            return sample()
    return sample()


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--numfuse", default="target/release/numfuse")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, numba {numba.__version__}, jax {jax.__version__}")
    print(f"medians of {arguments.rounds} rounds by turns, ms; a peer uses as many threads as it likes, numba and NumPy's products are given 1 and 2")
    print("| work | numfuse 1 | numfuse 2 | peers |")
    print("|---|---|---|---|")
    folder = tempfile.TemporaryDirectory()
    for name, expression, inputs, peers in works():
        if arguments.only not in name:
            continue
        words = [arguments.numfuse, "bench", expression, "--json"]
        for key, value in inputs.items():
            if isinstance(value, int):
                words.append(f"{key}={value}")
                continue
            path = f"{folder.name}/{key}.npy"
            np.save(path, value)
            words.append(f"{key}={path}")
        ours = {1: [], 2: []}
        theirs = {}
        for peer, run in peers.items():
            for count in thread_counts(peer):
                timed(peer, run, count)  # compiled, and its pages touched
                theirs[(peer, count)] = []
        for _ in range(arguments.rounds):
            for count in ours:
                report = subprocess.run([*words, "--threads", str(count)], capture_output=True, text=True)
                if report.returncode:
                    raise SystemExit(f"{expression}: {report.stderr}")
                ours[count].append(json.loads(report.stdout)["fused_s"])
            for (peer, count), samples in theirs.items():
                samples.append(timed(peer, peers[peer], count))
        one, two = (statistics.median(ours[count]) * 1e3 for count in (1, 2))
        text = "; ".join(
            f"{peer}{f' {count}' if count else ''} {statistics.median(samples) * 1e3:.2f}"
            for (peer, count), samples in theirs.items()
        )
        print(f"| {name} | {one:.2f} | {two:.2f} | {text} |", flush=True)


if __name__ == "__main__":
    main()
