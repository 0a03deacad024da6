"""Records what NumPy's Philox draws, for tests/random.rs: `python tests/data/philox.py > tests/data/philox.txt`.

A line is a seed, the number of the first element, a type, and the bits of eight elements in hexadecimal.
"""

import numpy as np

SEEDS = [0, 1, 42, 2**63, 2**64 - 1]
# within a block and across blocks; tiles; what 32 bits do not count; the counter's upper half
PLACES = [0, 1, 5, 1021, 2**20 + 3, 2**32 - 2, 2**40 + 7, 2**52 - 8]


def bits(values):
    return " ".join(format(int(v), "x") for v in values)


print(f"# numpy {np.__version__}")
for seed in SEEDS:
    for place in PLACES:
        # `advance` counts blocks of four doubles
        philox = np.random.Philox(key=seed)
        philox.advance(place // 4)
        doubles = np.random.Generator(philox).random(place % 4 + 8)[place % 4 :]
        print(seed, place, "float64", bits(doubles.view(np.uint64)))
        philox = np.random.Philox(key=seed)
        philox.advance(place // 8)
        singles = np.random.Generator(philox).random(place % 8 + 8, dtype=np.float32)[place % 8 :]
        print(seed, place, "float32", bits(singles.view(np.uint32)))
