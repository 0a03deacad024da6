"""numfuse against numexpr, function by function: what both have, on 100,000 elements, one thread, by turns, medians.

    cargo build --release --features cli
    python3 -m venv venv && venv/bin/pip install numpy numexpr
    venv/bin/python benches/functions_against_numexpr.py [sin log …] [--types f64,f32] [--numfuse target/release/numfuse]

`under` marks what is less than 8 times faster for transcendental functions, 3 times for the rest. Arguments are uniform
in (0.5, 1.5); where a function is defined on less, the expression scales them.
"""

import argparse
import importlib.metadata
import json
import statistics
import subprocess
import time

import numexpr
import numpy

SIZE = 100_000
GOALS = {"transcendental": 8, "rest": 3}
TRANSCENDENTAL = """arccos arccosh arcsin arcsinh arctan arctan2 arctanh cos cosh exp expm1 hypot log log10 log1p log2
    power sin sinh tan tanh""".split()
# where (0.5, 1.5) is not, or not wholly, in the domain
CALLS = {
    "round": "round(x)",
    "arcsin": "arcsin(0.6*x)",
    "arccos": "arccos(0.6*x)",
    "arctanh": "arctanh(0.6*x)",
    "arccosh": "arccosh(2*x)",
    "where": "where(x < y, x, y)",
}
OPERATORS = {
    "add": "x + y",
    "subtract": "x - y",
    "multiply": "x * y",
    "divide": "x / y",
    "remainder": "x % y",
    "power": "x ** y",
    "negative": "-x",
    "less": "x < y",
    "square": "x ** 2",
    "cube": "x ** 3",
}
# of complex numbers, of strings, and reductions
NOT_ELEMENTWISE = {"complex", "conj", "imag", "real", "contains", "max", "min", "prod", "sum"}


def expressions(command):
    """Name and expression of each function that both have, then of operators."""
    listed = json.loads(subprocess.run([command, "ops", "--json"], check=True, capture_output=True, text=True).stdout)
    arity = {}
    for entry in listed:
        for name in [entry["name"], *entry["aliases"]]:
            arity[name] = entry["signature"].count(",") + 1
    both = sorted(set(numexpr.expressions.functions) & set(arity) - NOT_ELEMENTWISE)
    operands = {1: "x", 2: "x, y"}
    calls = {name: CALLS.get(name) or f"{name}({operands[arity[name]]})" for name in both}
    return calls | OPERATORS


def time_numexpr(expression, arrays):
    """Seconds of one evaluation into a reused output: the median of some batches."""
    out = numexpr.evaluate(expression, local_dict=arrays)

    def run():
        numexpr.evaluate(expression, local_dict=arrays, out=out)

    samples = []
    for _ in range(9):
        start = time.perf_counter()
        for _ in range(10):
            run()
        samples.append((time.perf_counter() - start) / 10)
    return statistics.median(samples)


def time_numfuse(command, expression, dtype):
    names = [name for name in ("x", "y") if name in expression.replace("exp", "").replace("maximum", "")]
    inputs = [f"{name}={dtype}[{SIZE}]" for name in names]
    words = [command, "bench", expression, *inputs, "--threads", "1", "--json"]
    report = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return report["fused_s"], report["isa"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="functions; all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--types", default="f64,f32")
    parser.add_argument("--numfuse", default="target/release/numfuse")
    arguments = parser.parse_args()
    numexpr.set_num_threads(1)
    random = numpy.random.default_rng(0)
    version = importlib.metadata.version("numexpr")
    print(f"numexpr {version}, numpy {numpy.__version__}; {SIZE} elements, one thread, {arguments.rounds} rounds by turns")
    print("| expression | type | numexpr, ns | numfuse, ns | ratio | |")
    print("|---|---|---|---|---|---|")
    for name, expression in expressions(arguments.numfuse).items():
        if arguments.names and name not in arguments.names:
            continue
        goal = GOALS["transcendental" if name in TRANSCENDENTAL else "rest"]
        for dtype in arguments.types.split(","):
            kind = {"f64": numpy.float64, "f32": numpy.float32}[dtype]
            arrays = {name: random.uniform(0.5, 1.5, SIZE).astype(kind) for name in ("x", "y")}
            theirs, ours = [], []
            for _ in range(arguments.rounds):
                theirs.append(time_numexpr(expression, arrays))
                seconds, isa = time_numfuse(arguments.numfuse, expression, dtype)
                ours.append(seconds)
            a, b = (statistics.median(times) / SIZE * 1e9 for times in (theirs, ours))
            mark = "under" if a / b < goal else ""
            print(f"| `{expression}` | {dtype} | {a:.3f} | {b:.3f} | {a / b:.1f} | {mark} |", flush=True)
    print(f"numfuse: {isa}")


if __name__ == "__main__":
    main()
