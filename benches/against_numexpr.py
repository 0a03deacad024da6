"""numfuse against numexpr, in one run: each expression by turns in both, medians, ratios.

    cargo build --release --features cli
    python3 -m venv venv && venv/bin/pip install numpy numexpr
    venv/bin/python benches/against_numexpr.py [--rounds 5] [--numfuse target/release/numfuse]
"""

import argparse
import importlib.metadata
import json
import statistics
import subprocess
import time

import numexpr
import numpy

EXPRESSIONS = [
    "2*(x - y)/(x + y)",
    "x*y - 1",
    "0.25*x**3 + 0.75*x**2 - 1.5*x - 2",
    "sum((x - y)**2)",
    "exp(-(x*x)/2)",
    "sin(x)**2 + cos(x)**2",
]
SIZES = [100_000, 10_000_000]
THREADS = [1, 2]


def time_numexpr(expression, arrays, threads):
    """Seconds of one evaluation into a reused output: the median of some batches."""
    numexpr.set_num_threads(threads)
    out = None if expression.startswith("sum") else numpy.empty_like(arrays["x"])

    def run():
        return numexpr.evaluate(expression, local_dict=arrays, out=out)

    run()
    batch = max(1, 1_000_000 // arrays["x"].size)
    samples = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(batch):
            run()
        samples.append((time.perf_counter() - start) / batch)
    return statistics.median(samples)


def time_numfuse(command, expression, size, threads):
    names = [name for name in ("x", "y") if name in expression.replace("exp", "")]
    inputs = [f"{name}=f64[{size}]" for name in names]
    words = [command, "bench", expression, *inputs, "--threads", str(threads), "--json"]
    report = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return report["fused_s"], report["isa"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--numfuse", default="target/release/numfuse")
    arguments = parser.parse_args()
    random = numpy.random.default_rng(0)
    version = importlib.metadata.version("numexpr")
    print(f"numexpr {version}, numpy {numpy.__version__}; medians of {arguments.rounds} rounds by turns")
    print("| expression | n | threads | numexpr, ns | numfuse, ns | ratio |")
    print("|---|---|---|---|---|---|")
    for size in SIZES:
        arrays = {name: random.uniform(0.5, 1.5, size) for name in ("x", "y")}
        for expression in EXPRESSIONS:
            for threads in THREADS:
                theirs, ours = [], []
                for _ in range(arguments.rounds):
                    theirs.append(time_numexpr(expression, arrays, threads))
                    seconds, isa = time_numfuse(arguments.numfuse, expression, size, threads)
                    ours.append(seconds)
                a, b = statistics.median(theirs) / size * 1e9, statistics.median(ours) / size * 1e9
                print(f"| `{expression}` | {size:.0e} | {threads} | {a:.3f} | {b:.3f} | {a / b:.1f} |", flush=True)
    print(f"numfuse: {isa}")


if __name__ == "__main__":
    main()
