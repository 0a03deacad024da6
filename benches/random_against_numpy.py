"""Pi by darts against NumPy filling arrays with as many random numbers, in one run: by turns, medians, ratios.

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python benches/random_against_numpy.py [--draws 1_000_000_000] [--threads 2] [--rounds 3]

NumPy fills one array of a million again and again, in cache: no memory is in its way. It does nothing with what it draws; numfuse
squares, adds, compares and counts.
"""

import argparse
import json
import statistics
import subprocess
import time

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--draws", type=int, default=1_000_000_000)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
given = parser.parse_args()

CHUNK = 1_000_000
GENERATORS = {"Generator(Philox)": np.random.Philox, "default_rng (PCG64)": np.random.PCG64}


def build():
    """The bench's executable."""
    words = ["cargo", "bench", "--bench", "random", "--no-run", "--message-format", "json"]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    made = [json.loads(line).get("executable") for line in lines]
    return [path for path in made if path][-1]


def numfuse(executable):
    words = [executable, "--darts", str(given.draws // 2), "--threads", str(given.threads)]
    seconds, pi = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split(maxsplit=1)
    return float(seconds), pi


def fill(generator):
    out = np.empty(CHUNK)
    start = time.perf_counter()
    for _ in range(given.draws // CHUNK):
        generator.random(out=out)
    return time.perf_counter() - start


executable = build()
times = {"numfuse": []} | {name: [] for name in GENERATORS}
for _ in range(given.rounds):
    seconds, pi = numfuse(executable)
    times["numfuse"].append(seconds)
    for name, bits in GENERATORS.items():
        times[name].append(fill(np.random.Generator(bits(1))))

medians = {name: statistics.median(seconds) for name, seconds in times.items()}
print(f"{given.draws:.0e} draws, numfuse with {given.threads} threads, NumPy {np.__version__}; pi = {pi.strip()}")
for name, seconds in medians.items():
    print(f"{name:22} {seconds:7.3f} s  {1e9 * seconds / given.draws:6.3f} ns a draw  {seconds / medians['numfuse']:5.2f}")
