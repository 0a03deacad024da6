"""numfuse on a graphics card against CuPy's fused kernels and JAX, on the same card, in one run.

    pip install cupy-cuda12x "jax[cuda12]"    # either may be missing: its column is empty then
    python benches/gpu_against_peers.py [ELEMENTS] [DEVICE]

Runs `cargo bench --features vulkan --bench gpu` first, then times the peers as that does: arrays are resident, ten runs
are given to the card at a time and waited for, medians of 21. Every figure is gigabytes a second, reads and writes
counted; the last columns say how many times as fast numfuse is.
"""

import re
import statistics
import subprocess
import sys
import time

ELEMENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000
DEVICE = sys.argv[2] if len(sys.argv) > 2 else "vulkan"
RUNS, REPEATS = 21, 10
TEXTS = ["a*b - 1", "2*(a - b)/(a + b)", "exp(-(a*a)/2)", "sum((a - b)**2)", "sum(a)"]


def numfuse():
    command = ["cargo", "bench", "--features", "vulkan", "--bench", "gpu", "--", "--n", str(ELEMENTS), "--device", DEVICE]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    print(output)
    row = re.compile(r"\| `(.+?)` \| f(\d+) \| ([\d.]+) \| ([\d.]+) \|")
    return {(text, int(bits)): float(reached) for text, bits, _, reached in row.findall(output)}


def moved(text, bits):
    """Bytes that an expression reads and writes."""
    arrays = ("a" in re.findall(r"\b[ab]\b", text)) + ("b" in re.findall(r"\b[ab]\b", text))
    return (arrays + (not text.startswith("sum"))) * ELEMENTS * bits // 8


def rate(text, bits, run, wait):
    run()
    wait()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(REPEATS):
            run()
        wait()
        times.append((time.perf_counter() - start) / REPEATS)
    return moved(text, bits) / statistics.median(times) / 1e9


def of_cupy(text, bits):
    try:
        import cupy
    except ImportError:
        return None
    dtype = cupy.dtype(f"float{bits}")
    a = cupy.random.uniform(0.5, 2, ELEMENTS).astype(dtype)
    b = cupy.random.uniform(0.5, 2, ELEMENTS).astype(dtype)
    names = {"exp": cupy.exp, "sum": cupy.sum}
    function = cupy.fuse(eval(f"lambda a, b: {text}", names))
    return rate(text, bits, lambda: function(a, b), cupy.cuda.Device().synchronize)


def of_jax(text, bits):
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    if jax.default_backend() != "gpu":
        return None
    keys = jax.random.split(jax.random.key(0))
    a, b = (jax.random.uniform(key, (ELEMENTS,), f"float{bits}", 0.5, 2) for key in keys)
    names = {"exp": jax.numpy.exp, "sum": jax.numpy.sum}
    function = jax.jit(eval(f"lambda a, b: {text}", names))
    last = []

    def run():
        last[:] = [function(a, b)]

    return rate(text, bits, run, lambda: last[0].block_until_ready())


def main():
    ours = numfuse()
    print("| expression | type | numfuse | CuPy | JAX | to CuPy | to JAX |\n|---|---|---|---|---|---|---|")
    for text in TEXTS:
        for bits in (32, 64):
            figures = [ours.get((text, bits)), of_cupy(text, bits), of_jax(text, bits)]
            ratios = [figures[0] / peer if figures[0] and peer else None for peer in figures[1:]]
            cells = [f"{figure:.0f}" if figure else "" for figure in figures]
            cells += [f"{ratio:.2f}" if ratio else "" for ratio in ratios]
            print(f"| `{text}` | f{bits} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
