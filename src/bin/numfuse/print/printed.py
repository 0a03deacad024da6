"""Rewrites printed.txt: under each `==` line, what NumPy prints for that array. Needs NumPy 2.

    python3 printed.py
"""

import pathlib
import re

import numpy

path = pathlib.Path(__file__).with_suffix(".txt")
kinds = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}


def number(text, dtype):
    """A number as the cases have it; a complex one is its parts: `1.5,-2`."""
    if dtype[0] == "c":
        return complex(*map(float, text.split(",")))
    return float(text) if dtype[0] == "f" else int(text)


lines = [f"# What NumPy {numpy.__version__} prints; written by printed.py.\n"]
for case in re.findall(r"^== .*", path.read_text(), re.MULTILINE):
    dtype, shape, values = re.fullmatch(r"== (\w+)\[([\d, ]*)\] ?(.*)", case).groups()
    name = "bool" if dtype == "bool" else kinds[dtype[0]] + dtype[1:]
    shape = [int(extent) for extent in shape.split(",") if extent.strip()]
    if ramp := re.fullmatch(r"from (\S+) step (\S+)", values):
        start, step = (number(v, dtype if dtype[0] == "c" else "f") for v in ramp.groups())
        array = start + step * numpy.arange(numpy.prod(shape, dtype=int))
    else:
        array = numpy.array([number(v, dtype) for v in values.split()], name)
    lines.append(f"{case}\n{array.astype(name).reshape(shape)!s}\n")
path.write_text("".join(lines))
