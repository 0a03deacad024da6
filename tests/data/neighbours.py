"""Writes neighbours.jsonl: what SciPy 1.17 and NumPy 2.4 answer to shifts, borders, padding and windows around every
element. `python neighbours.py > neighbours.jsonl`.

Shifts are `scipy.ndimage.shift` of order 0; of what it does not take (complex numbers, extents 0) and of windows
themselves `numpy.pad`, whose modes mean the same by other names. Filters are `scipy.ndimage.correlate`. Numbers are
eighths, so that sums are exact.
"""

import json

import numpy as np
import scipy.ndimage
from arrays import CASES, RANDOM, case, functions, numbers, pick

MODES = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap"}
GRID = {"constant": "grid-constant", "nearest": "nearest", "reflect": "reflect", "mirror": "mirror", "wrap": "grid-wrap"}
DTYPES = ["float64", "float64", "float32", "int32", "uint8", "int64", "bool", "complex128", "int16"]


def name_of(border):
    return border.removeprefix("grid-") if border != "grid-mirror" else "reflect"


def padded(x, around, border, value):
    name = MODES[name_of(border)]
    return np.pad(x, around, name, **({"constant_values": np.asarray(value).astype(x.dtype)} if name == "constant" else {}))


def shift(x, by, border="constant", value=0):
    x = np.asarray(x)
    by = [by] * x.ndim if np.ndim(by) == 0 else list(by)
    if x.size == 0 or x.ndim == 0:
        return x
    if x.dtype.kind == "c":
        return shift(x.real, by, border, value) + 1j * shift(x.imag, by, border, 0)
    if x.dtype.kind == "b":
        return shift(x.astype("uint8"), by, border, value).astype(bool)
    return scipy.ndimage.shift(x, by, order=0, mode=GRID[name_of(border)], cval=value)


def windows(x, shape, axis=None, border=None, value=0):
    if border is None:
        return np.lib.stride_tricks.sliding_window_view(x, shape, axis)
    shape = [shape] if np.ndim(shape) == 0 else list(shape)
    axes = range(x.ndim) if axis is None else [axis] if np.ndim(axis) == 0 else axis
    around = [(0, 0)] * x.ndim
    for k, extent in zip(axes, shape):
        around[k % x.ndim] = (extent // 2, extent - 1 - extent // 2)
    return np.lib.stride_tricks.sliding_window_view(padded(x, around, border, value), shape, axis)


def pad(x, pad_width, mode="constant", constant_values=0):
    return np.pad(x, pad_width, mode, **({"constant_values": constant_values} if mode == "constant" else {}))


functions |= {"shift": shift, "windows": windows, "pad": pad, "correlate": scipy.ndimage.correlate}


def quoted(border):
    return f"border='{border}'"


def shape(rank, empty=0.0):
    return tuple(0 if RANDOM.random() < empty else int(RANDOM.integers(1, 7 if rank < 3 else 5)) for _ in range(rank))


def value(border, dtype):
    if border != "constant" or RANDOM.random() < 0.4:
        return ""
    return f", value={pick([1] if dtype == 'bool' else [3, 7] if dtype[0] in 'iu' else [2.5, -0.5, 4])}"


def shifts():
    for border in list(MODES) + ["grid-constant", "grid-mirror", "grid-wrap"]:
        for rank in [1, 1, 2, 2, 2, 3, 3]:
            for far in [2, 4, 20]:
                dtype = pick(DTYPES)
                x = numbers(shape(rank), dtype)
                by = [int(RANDOM.integers(-far, far + 1)) for _ in range(rank)]
                text = str(by[0]) if RANDOM.random() < 0.2 else str(tuple(by))
                case("shift", f"shift(x, {text}, {quoted(border)}{value(border, dtype)})", {"x": x})
    for border in MODES:
        for extents in [(1,), (1, 4), (3, 1), (1, 1, 2)]:
            x = numbers(extents)
            case("shift-one", f"shift(x, {pick([1, -2, 5])}, {quoted(border)})", {"x": x})
        for extents in [(0,), (0, 3), (2, 0)]:
            case("shift-empty", f"shift(x, 1, {quoted(border)})", {"x": numbers(extents)})
    x, y = numbers((5, 6)), numbers((6,))
    special = numbers((4, 5), special=True)
    for text in ["shift(x, (0, 1))", "x - shift(x, 1)", "shift(x, (1, 0), 'nearest', 3)", "shift(x, (1, 0), value=2.5)",
                 "shift(x.T, (1, 0), 'wrap')", "shift(x[::-1, ::2], (1, -1), 'mirror')", "shift(x*2 + y, (2, 0), 'reflect')",
                 "shift(shift(x, (1, 0), 'wrap'), (0, 1), 'mirror')", "sum(shift(x, 1, 'reflect')*y, axis=0)",
                 "max(shift(y, 2, 'nearest') - y)", "cumsum(shift(y, 1))", "shift(y, 1, 'wrap')[::-1]",
                 "shift(sum(x, axis=0), -1, 'mirror')", "take(shift(y, 1, 'wrap'), [0, -1])",
                 "where(shift(y, 1, 'nearest') < y, y, 0)", "shift(y > 0, 1, value=1)", "shift(arange(5), 2, 'wrap')"]:
        case("shift-in", text, {"x": x, "y": y}, "reduction", numpy=text.replace("[0, -1]", "array([0, -1])"))
    # SciPy adds a zero to what it shifts, which makes -0 another
    case("windows-special", "windows(x, (1, 2), border='reflect')", {"x": special})
    heat = "x + 0.125*(" + " + ".join(f"shift(x, {by}, BORDER)" for by in [(0, 1), (0, -1), (1, 0), (-1, 0)]) + " - 4*x)"
    life = " + ".join(f"shift(x, ({a}, {b}), 'wrap')" for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b)
    for border in MODES:
        case("heat", heat.replace("BORDER", f"'{border}'"), {"x": numbers((6, 7))})
    case("life", life, {"x": numbers((6, 5), "int32")})
    for axis, by in [(0, 2), (1, -1), (-1, 9), (None, 3), ((0, 1), (1, 2)), ((0, 1), 2)]:
        rest = "" if axis is None else f", axis={axis}"
        case("roll", f"roll(x, {by}{rest})", {"x": x})
    case("roll", "roll(x, -1)", {"x": y})


def filters():
    for border in MODES:
        for extents, window in [((9,), (3,)), ((8,), (4,)), ((5,), (1,)), ((2,), (9,)), ((1,), (4,)), ((6, 5), (3, 3)),
                                ((6, 7), (2, 5)), ((4, 3), (7, 4)), ((1, 6), (3, 2)), ((4, 3, 5), (3, 1, 2))]:
            dtype = pick(["float64", "float64", "float32"])
            x, w = numbers(extents, dtype), numbers(window, dtype)
            axes = tuple(range(-len(window), 0))
            constant = value(border, dtype) if border == "constant" else ""
            text = f"sum(windows(x, {window}, {quoted(border)}{constant})*w, axis={axes})"
            mode = f"mode='{border}'" + constant.replace("value", "cval")
            case("filter", text, {"x": x, "w": w}, "reduction", numpy=f"correlate(x, w, {mode})")
        for text in ["windows(x, 3, axis=0, BORDER)", "windows(x, (2, 2), BORDER)", "max(windows(x, 3, axis=1, BORDER), axis=-1)",
                     "mean(windows(x, (3, 3), BORDER), axis=(2, 3))", "windows(x, (3, 1), (1, 0), BORDER)",
                     "windows(x*2 - 1, (1, 4), BORDER)[..., ::-1]"]:
            text = text.replace("BORDER", quoted(border))
            x = numbers((4, 5), pick(DTYPES[:7])) if "*2" not in text and "mean" not in text else numbers((4, 5))
            case("windows", text, {"x": x}, "reduction", numpy=text)


def padding():
    for mode in ["constant", "edge", "reflect", "symmetric", "wrap"]:
        for width in ["1", "(2, 0)", "((1, 2), (0, 3))", "((0, 9), (5, 0))", "2, '" + mode + "'"]:
            text = f"pad(x, {width})" if "'" in width else f"pad(x, {width}, mode='{mode}')"
            case("pad", text, {"x": numbers((3, 4), pick(DTYPES[:7]))})
    case("pad", "pad(x, 2, 'constant', 2.5)", {"x": numbers((3,))})
    case("pad", "pad(x, 1, constant_values=7)*2", {"x": numbers((3, 2), "int32")})


def errors():
    inputs = {"x": numbers((3, 4)), "i": numbers((3,), "int32"), "none": numbers((0, 3)), "s": numbers(())}
    for text, kind in [
        ("shift(x, 1, 'sideways')", "type"), ("shift(x, (1, 2, 3))", "shape"), ("shift(i, 1, value=0.5)", "type"),
        ("shift(x, 1.5)", "type"), ("shift(x, x)", "type"), ("shift(x, 1, 3)", "type"), ("shift(x)", "arity"),
        ("windows(x, 3, border='wrap')", "shape"), ("windows(x, (0, 1), border='wrap')", "shape"),
        ("windows(x, (3, 3), border='edge')", "type"), ("pad(x, -1)", "type"), ("pad(x, (1, 2, 3))", "type"),
        ("pad(x, ((1, 1), (1, 1), (1, 1)))", "shape"), ("pad(x, 1, 'nearest')", "type"), ("pad(none, 1, 'wrap')", "shape"),
        ("roll(x, 1, 2)", "axis"), ("windows(x, 3, 2, border='wrap')", "axis"), ("shift(x, 1, value=x)", "type"),
        ("pad(x, 99999999, 'wrap')", "shape"), ("shift('abc', 1)", "type"),
    ]:
        case("err-border", text, inputs, error=kind, laid=False)


shifts()
filters()
padding()
errors()
for one in CASES:
    print(json.dumps(one))
