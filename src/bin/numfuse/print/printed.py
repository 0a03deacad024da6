"""Rewrites printed.txt: under each `==` line, what NumPy prints for that array. Needs NumPy 2.

    python3 printed.py
"""

import pathlib
import re

import numpy

path = pathlib.Path(__file__).with_suffix(".txt")
names = {"bool": "bool", "i32": "int32", "i64": "int64", "f32": "float32", "f64": "float64"}
lines = [f"# What NumPy {numpy.__version__} prints; written by printed.py.\n"]
for case in re.findall(r"^== .*", path.read_text(), re.MULTILINE):
    dtype, shape, values = re.fullmatch(r"== (\w+)\[([\d, ]*)\] ?(.*)", case).groups()
    shape = [int(extent) for extent in shape.split(",") if extent.strip()]
    if ramp := re.fullmatch(r"from (\S+) step (\S+)", values):
        start, step = map(float, ramp.groups())
        array = start + step * numpy.arange(numpy.prod(shape, dtype=int))
    else:
        array = numpy.array([float(v) if "f" in dtype else int(v) for v in values.split()])
    lines.append(f"{case}\n{array.astype(names[dtype]).reshape(shape)!s}\n")
path.write_text("".join(lines))
