"""Writes arrays.jsonl: what NumPy 2.4 answers to expressions over whole arrays. `python arrays.py > arrays.jsonl`.

Views, sources, masks, places, contractions and reductions, over small arrays up to rank 6 that lie in memory in any
order. Numbers are eighths, so that most sums are exact and a tolerance asks for nothing but the right elements. Most
cases are the same text in both languages; `functions` says what the others mean.
"""

import hashlib
import json
import re
import warnings

import numpy as np

RANDOM = np.random.default_rng(20260214)
FLOATS = ["float32", "float64"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool"] + INTEGERS + FLOATS + COMPLEX


# Arrays, and how they lie in memory.


def numbers(shape, dtype="float64", special=False):
    """Random elements; `special` ones are NaN, infinities and zeros of both signs too."""
    dtype, size = np.dtype(dtype), int(np.prod(shape))
    if dtype.kind == "b":
        data = RANDOM.integers(0, 2, size)
    elif dtype.kind in "iu":
        data = RANDOM.integers(0 if dtype.kind == "u" else -9, 10, size)
    else:
        data = RANDOM.integers(-40, 41, size) / 8
        if dtype.kind == "c":
            data = data + 1j * RANDOM.integers(-40, 41, size) / 8
        if special:
            chosen = RANDOM.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], size)
            data = np.where(RANDOM.random(size) < 0.3, chosen, data)
    return data.astype(dtype).reshape(shape)


def scalar(value, dtype):
    if dtype.kind == "b":
        return bool(value)
    if dtype.kind in "iu":
        return int(value)
    if dtype.kind == "c":
        return [scalar(value.real, np.dtype("f8")), scalar(value.imag, np.dtype("f8"))]
    value = float(value)
    return str(value) if np.isnan(value) or np.isinf(value) else value.hex()


def nested(array):
    return [nested(part) for part in array] if array.ndim else scalar(array[()], array.dtype)


def layout(shape, dtype):
    """A random order of the axes, some of them backwards, some with gaps."""
    strides, offset, step = [0] * len(shape), 0, int(RANDOM.integers(1, 3))
    for axis in RANDOM.permutation(len(shape)):
        strides[axis] = step
        if RANDOM.random() < 0.3:
            strides[axis], offset = -step, offset + step * max(shape[axis] - 1, 0)
        step *= shape[axis] + int(RANDOM.random() < 0.2) if shape[axis] else 1
    length = 1 + sum(abs(stride) * max(extent - 1, 0) for stride, extent in zip(strides, shape))
    gap = scalar(np.zeros((), dtype)[()], dtype)
    return {"strides": strides, "offset": offset, "base_len": length, "gap": gap, "byteorder": "<"}


def operand(array, laid):
    json = {"dtype": str(array.dtype), "shape": list(array.shape), "data": nested(array)}
    if laid and array.ndim:
        json["layout"] = layout(array.shape, array.dtype)
    return json


# What NumPy calls otherwise.


def norm(x, ord=2, axis=None, keepdims=False):
    return np.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)


def index(x, axis=0):
    return np.arange(x.shape[axis]).reshape([-1 if k == axis % x.ndim else 1 for k in range(x.ndim)])


def extreme(function, least):
    def of(x, axis=None, keepdims=False, where=None):
        x = np.asarray(x)
        if where is None:
            return function(x, axis=axis, keepdims=keepdims)
        if not np.all(np.any(np.broadcast_to(where, x.shape), axis=axis)):
            raise ValueError("of nothing")
        if x.dtype.kind == "f":
            neutral = -np.inf if least else np.inf
        elif x.dtype.kind == "b":
            neutral = not least
        else:
            neutral = np.iinfo(x.dtype).min if least else np.iinfo(x.dtype).max
        return function(x, axis=axis, keepdims=keepdims, where=where, initial=neutral)

    return of


functions = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
functions |= {
    "windows": np.lib.stride_tricks.sliding_window_view,
    "norm": norm,
    "index": index,
    "compress": lambda mask, x: x[mask],
    "max": extreme(np.max, True),
    "min": extreme(np.min, False),
    "f32": np.float32,
    "f64": np.float64,
    "i64": np.int64,
}

# Cases.

CASES, SEEN = [], set()
# an array written out: a list that is neither an index nor an argument's rest
LISTS = re.compile(r"(?<![\w\])])(\[[^\]:]*\])")


def case(group, text, inputs=None, tol="exact", numpy=None, error=None, laid=None):
    """A case; `numpy` where NumPy has it in other words, `error` the cause if there must be one."""
    inputs = inputs or {}
    inputs = {name: x for name, x in inputs.items() if name in text.replace("'", " ")}
    laid = RANDOM.random() < 0.4 if laid is None else laid
    if error is None:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = np.asarray(eval(numpy or text, functions | inputs))
        expect = {"dtype": str(value.dtype), "shape": list(value.shape), "values": nested(value)}
    else:
        expect = {"error": error}
    json_inputs = {name: operand(x, laid) for name, x in inputs.items()}
    key = json.dumps([text, json_inputs], sort_keys=True)
    if key in SEEN:
        return
    SEEN.add(key)
    name = f"{group}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"
    CASES.append({"id": name, "group": group, "expr": text, "inputs": json_inputs, "tol": tol, "expect": expect})


def pick(items):
    return items[RANDOM.integers(len(items))]


def shape(rank, empty=0.05):
    return tuple(0 if RANDOM.random() < empty else int(RANDOM.integers(1, 6 if rank < 4 else 4)) for _ in range(rank))


def bound(extent):
    return "" if RANDOM.random() < 0.4 else str(RANDOM.integers(-extent - 2, extent + 3))


def item(extent):
    """What an index says of an axis."""
    what = RANDOM.random()
    if what < 0.15 and extent:
        return str(RANDOM.integers(-extent, extent))
    if what < 0.3:
        return ":"
    step = pick(["", "", ":2", ":-1", ":-2", ":3"])
    return f"{bound(extent)}:{bound(extent)}{step}"


def subscript(x):
    items = [item(extent) for extent in x.shape[: RANDOM.integers(0, x.ndim + 1)]]
    if RANDOM.random() < 0.3:
        left = x.shape[len(items) :]
        items.append("...")
        items += [item(extent) for extent in left[RANDOM.integers(0, len(left) + 1) :]] if left else []
    for _ in range(RANDOM.integers(0, 2) if x.ndim < 5 else 0):
        items.insert(RANDOM.integers(0, len(items) + 1), "None")
    return "[" + ", ".join(items) + "]" if items else "[...]"


def factors(count):
    """A shape of so many elements."""
    shape = []
    while count > 1 and len(shape) < 5:
        extent = int(pick([d for d in range(1, count + 1) if count % d == 0]))
        shape.append(extent)
        count //= extent
    return tuple(shape + [count])


def written(items):
    items = [str(int(item)) for item in items]
    return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"


def viewed(text, x):
    """A view of an expression."""
    choices = ["subscript", "subscript", "T", "expand", "reshape", "flip", "ravel", "broadcast"]
    if x.ndim > 1:
        choices += ["transpose", "swap", "move", "diagonal", "flip axis"]
    if 0 < x.ndim < 4 and x.size:
        choices += ["windows"]
    if 1 in x.shape:
        choices += ["squeeze"]
    what = pick(choices)
    axes = [int(axis) for axis in RANDOM.permutation(x.ndim)]
    signed = [axis - x.ndim if RANDOM.random() < 0.3 else axis for axis in axes]
    if what == "subscript":
        return text + subscript(x)
    if what == "T":
        return f"{text}.T"
    if what == "expand":
        return f"expand_dims({text}, {RANDOM.integers(-x.ndim - 1, x.ndim + 1)})"
    if what == "reshape" and x.size:
        new = list(factors(x.size))
        if RANDOM.random() < 0.3:
            new[RANDOM.integers(len(new))] = -1
        return f"reshape({text}, {written(new)})"
    if what == "flip axis":
        return f"flip({text}, {pick([str(signed[0]), written(signed[:2])])})"
    if what == "ravel":
        return f"ravel({text})"
    if what == "broadcast" and x.ndim < 4:
        extents = [int(RANDOM.integers(1, 4)) if extent == 1 else extent for extent in x.shape]
        return f"broadcast_to({text}, {written([2] + extents)})"
    if what == "transpose":
        return f"transpose({text}, {written(signed)})"
    if what in ("swap", "move"):
        return f"{what}axes({text}, {signed[0]}, {signed[1]})".replace("moveaxes", "moveaxis")
    if what == "diagonal":
        return f"diagonal({text}, {RANDOM.integers(-2, 3)}, {signed[0]}, {signed[1]})"
    if what == "windows":
        axis = axes[0]
        return f"windows({text}, {RANDOM.integers(1, x.shape[axis] + 1)}, {signed[0]})"
    if what == "squeeze":
        return f"squeeze({text})"
    return f"flip({text})"


def reduced(x, names):
    """The rest of a call of a reduction."""
    name, rest = pick(names), ""
    if RANDOM.random() < 0.7 and x.ndim:
        count = 1 if name.startswith("arg") else int(RANDOM.integers(1, x.ndim + 1))
        axes = [int(axis) - (x.ndim if RANDOM.random() < 0.3 else 0) for axis in RANDOM.permutation(x.ndim)[:count]]
        rest += f", axis={axes[0] if count == 1 else written(axes)}"
    if RANDOM.random() < 0.3:
        rest += ", keepdims=True"
    if name in ("var", "std", "nanvar", "nanstd") and RANDOM.random() < 0.4:
        rest += f", ddof={RANDOM.integers(0, 3)}"
    return name, rest


def views():
    for _ in range(110):
        x = numbers(shape(int(RANDOM.integers(0, 7))), pick(DTYPES))
        text, value = "x", x
        for _ in range(RANDOM.integers(1, 4)):
            text = viewed(text, value)
            value = eval(text, functions | {"x": x})
            if value.ndim > 6 or value.size > 3000:
                break
        if value.ndim <= 7 and value.size <= 3000:
            case("view", text, {"x": x})
    # of expressions, and of what broadcasts
    for _ in range(60):
        full = shape(int(RANDOM.integers(1, 5)), 0.02)
        x = numbers(full, pick(["float64", "float32", "int64"]))
        y = numbers(full[RANDOM.integers(0, len(full) + 1) :], pick(["float64", "int32"]))
        start = pick(["(x + y)", "(x*y - 1)", "(x*2)", "abs(x)", "where(x > 1, x, -1)"])
        text, value = start, eval(start, functions | {"x": x, "y": y})
        for _ in range(RANDOM.integers(1, 3)):
            text = viewed(text, value)
            value = eval(text, functions | {"x": x, "y": y})
        if value.ndim <= 7 and value.size <= 3000:
            case("view-of", text, {"x": x, "y": y})
    # the parts of a complex number have shapes of their own until something looks at both
    inputs = {"z": numbers((4, 1), "complex128"), "x": numbers((4, 3)), "i": np.array([0, 2, -1])}
    for text in ["(z + x).T", "(x - z)[1:, ::-1]", "diagonal(z*1 + x)", "take(z + x, i, axis=1)", "reshape(x + z, (12,))",
                 "windows(x + z, 2, 0)", "flip(z[0] + x[:, 0])", "take(x + 1j, i, axis=0)", "reshape((x + 1j).T, (2, 6))",
                 "sum((z + x).T, axis=0)", "imag((x + z).T)", "(x + z)[:, None] - (x + z)"]:
        case("view-of", text, inputs)
    x = numbers((7, 5))
    for text in [
        "x[1:] - x[:-1]",
        "x + x[::-1]",
        "x[:, ::-1] + x",
        "x[::2, 1:4]*x[1::2, 1:4][0]",
        "(x - mean(x, axis=0))/(max(x, axis=0) - min(x, axis=0))",
        "exp(x)[1:] - exp(x)[:-1]",
        "sum(abs(x[:, None] - x[None]), axis=-1)",
        "sum((x[:, None, :] - x[None, :3])**2, axis=-1)",
        "sum(windows(x, (3, 2)), axis=(2, 3))",
        "sum(windows(exp(x), (3, 2))*x[:3, :2], axis=(-1, -2))",
        "mean(x, axis=0)[::-1] + x[0]",
        "reshape(x.T*2, (-1, 7))",
        "x.reshape(5, 7).T + x",
        "x.transpose(1, 0)[None]",
        "ravel(x.T)[3:20:4]",
        "x[:, :5].T @ x",
        "x[2:2]",
        "sum(x[2:2])",
        "sum(x[2:2], axis=0)",
        "x[:5] + x[:5].T",
    ]:
        case("view-in", text, {"x": x}, "reduction")


def sources():
    for text in [
        "arange(10)", "arange(3, 20, 4)", "arange(10, 0, -3)", "arange(0.5, 2, 0.25)", "arange(5)*2.5", "arange(0)",
        "arange(5, 1)", "arange(-3, 3)", "arange(6).reshape(2, 3)", "reshape(arange(24), (2, 3, 4))[1].T",
        "linspace(0, 1, 7)", "linspace(-1, 3, 1)", "linspace(0, 1, 0)", "linspace(2, -2, 5)", "eye(4)",
        "eye(3, 5, 1)", "eye(3, 5, -1) + 1", "eye(2, 6, 4)", "eye(2, 3, 9)", "identity(3)", "full((2, 3), 7)",
        "full((2, 3), 1.5)", "full((2, 0), 1)", "full(3, True)", "zeros((2, 2))", "zeros(())", "ones(4)",
        "ones((1, 2, 1, 3))", "[1, 2, 3]", "[1.5, 2]*2", "[True, False]", "arange(4)[::-1]", "flip(arange(4))*2",
        "diagonal(eye(4), 1)", "sum(arange(101))", "arange(12).reshape(3, 4) % 5", "sum(arange(20)[::3])",
        "mean(arange(10)*0.5)", "arange(3)[:, None] + arange(4)", "windows(arange(6), 3)", "[3, 1, 2][1:]",
        "argmax([3, 9, 2])", "arange(3.0)", "reshape(arange(0), (3, 0))", "reshape(arange(0)*2.5, (2, 0)) + 1",
        "reshape(zeros((0, 3)), (3, 0))", "reshape(broadcast_to(arange(3), (2, 3)), (6,))", "ravel((arange(6)*2).reshape(2, 3).T)",
    ]:
        case("source", text, numpy=LISTS.sub(r"array(\1)", text), tol="ulp")
    for rank in [1, 2, 3, 4]:
        x = numbers(shape(rank, 0), pick(FLOATS))
        for axis in {0, -1, int(RANDOM.integers(rank))}:
            case("source", f"x*index(x, {axis})", {"x": x})
            case("source", f"where(index(x, {axis}) % 2 == 0, x, 0)", {"x": x})


REDUCTIONS = ["sum", "mean", "min", "max", "prod", "any", "all", "var", "std", "argmin", "argmax", "count_nonzero", "ptp"]
OF_COMPLEX = ["sum", "mean", "prod", "any", "all", "var", "std"]


def reductions():
    for dtype in DTYPES * 4:
        names = OF_COMPLEX if dtype in COMPLEX else REDUCTIONS
        if dtype == "bool":
            names = [name for name in names if name != "ptp"]
        x = numbers(shape(int(RANDOM.integers(1, 7)), 0), dtype)
        name, rest = reduced(x, names)
        case("reduce", f"{name}(x{rest})", {"x": x}, "reduction")
    for _ in range(30):
        x = numbers(shape(int(RANDOM.integers(1, 4)), 0), pick(FLOATS), special=True)
        name, rest = reduced(x, ["min", "max", "argmin", "argmax", "sum", "any", "count_nonzero", "nanmin", "nanmax"])
        case("reduce-special", f"{name}(x{rest})", {"x": x}, "reduction")
    for _ in range(30):
        x = numbers(shape(int(RANDOM.integers(1, 4)), 0), pick(FLOATS))
        x = np.where(RANDOM.random(x.shape) < 0.3, np.nan, x).astype(x.dtype)
        name, rest = reduced(x, ["nansum", "nanmean", "nanmin", "nanmax", "nanvar", "nanstd", "nanprod"])
        case("reduce-nan", f"{name}(x{rest})", {"x": x}, "reduction")
    for name in ["sum", "prod", "mean", "any", "all", "std", "count_nonzero", "nansum"]:
        case("reduce-empty", f"{name}(x)", {"x": numbers((0,))}, "reduction")
        case("reduce-empty", f"{name}(x, axis=0)", {"x": numbers((0, 3), "float32")}, "reduction")
        case("reduce-empty", f"{name}(x, axis=1)", {"x": numbers((0, 3))}, "reduction")
        case("reduce-empty", f"{name}(x, axis=-1, keepdims=True)", {"x": numbers((2, 3, 0))}, "reduction")
        case("reduce-0d", f"{name}(x)", {"x": numbers(())}, "reduction")
    for name in ["min", "max", "argmin", "argmax"]:
        case("reduce-empty", f"{name}(x)", {"x": numbers((0,))}, error="domain")
        case("reduce-empty", f"{name}(x, axis=0)", {"x": numbers((0, 3))}, error="domain")
        case("reduce-empty", f"{name}(x, axis=1)", {"x": numbers((0, 3))})
        case("reduce-0d", f"{name}(x)", {"x": numbers(())})
    zeros = np.array([[0.0, -0.0, 0.0], [-0.0, 0.0, -0.0]])
    ties = np.array([[3, 1, 3, 1], [1, 3, 1, 3]])
    for name in ["argmin", "argmax"]:
        for x in [zeros, ties, ties.astype("uint8"), ties.astype("float32"), ties > 2]:
            for rest in ["", ", axis=0", ", axis=1", ", axis=1, keepdims=True"]:
                case("reduce-ties", f"{name}(x{rest})", {"x": x})
        case("reduce-ties", f"{name}(x.T)", {"x": ties})
        case("reduce-ties", f"{name}(x[:, ::-1]*2, axis=1)", {"x": ties})
    for dtype, to in [("int64", "float32"), ("float32", "float64"), ("float64", "float32"), ("int8", "float64"),
                      ("bool", "float64"), ("uint8", "int32"), ("float64", "complex128"), ("int16", "uint64")]:
        x = numbers((4, 3), dtype)
        for name in ["sum", "mean", "prod"][: 1 if to in INTEGERS else 3]:
            case("reduce-dtype", f"{name}(x, dtype='{to}')", {"x": x}, "reduction")
            case("reduce-dtype", f"{name}(x, axis=0, dtype='{to}')", {"x": x}, "reduction")
    for order in ["1", "2", "3", "inf", "-inf", "0", "0.5"]:
        x = numbers((4, 5), pick(FLOATS[1:] + ["complex128"]))
        case("norm", f"norm(x, {order})", {"x": x}, "reduction")
        case("norm", f"norm(x, {order}, axis=1)", {"x": x}, "reduction")
    x = numbers((5, 6))
    for text in ["sum(sum(x, axis=0))", "max(sum(x, axis=1))", "sum(x - mean(x, axis=0), axis=1)", "std(x)/mean(x)",
                 "sum(x/max(x, axis=1, keepdims=True), axis=0)", "argmax(sum(x, axis=0))", "mean(x.T, axis=0)",
                 "(x - mean(x, axis=0))/std(x, axis=0)", "sum((x - mean(x, axis=0))**2, axis=0)",
                 "sum(x*(index(x, 1) == argmax(x, axis=1, keepdims=True)), axis=1)", "var(x[:, ::-2], axis=0)",
                 "sum(diagonal(x)) - trace(x)", "trace(x, 1)", "min(x) + max(x) - ptp(x)"]:
        # a variance's last bits are nobody's: centred sums are compared on the scale of x
        case("reduce-of", text if "mean(x, axis=0), axis" not in text else "sum(x - mean(x, axis=0) + 9, axis=1)",
             {"x": x}, "reduction")


def masks():
    for _ in range(50):
        dtype = pick(["float64", "float32", "int32", "uint8", "bool", "complex128"])
        names = ["sum", "mean", "prod", "any", "all", "var", "std"] + ([] if dtype == "complex128" else ["min", "max"])
        x = numbers(shape(int(RANDOM.integers(1, 5)), 0), dtype)
        m = RANDOM.random(x.shape[RANDOM.integers(0, x.ndim) :]) < 0.7
        name, rest = reduced(x, names)
        text = f"{name}(x{rest}, where=m)"
        error = None
        if name in ("min", "max"):
            try:
                eval(text, functions | {"x": x, "m": m})
            except ValueError:
                error = "domain"
        case("where", text, {"x": x, "m": m}, "reduction", error=error)
    x, y = numbers((6, 4)), numbers((6, 4), "int64")
    inputs = {"x": x, "y": y, "m": RANDOM.random((6, 4)) < 0.6, "r": np.array([True, False, True, True, False, True])}
    for text in [
        "sum(x[m])", "mean(x[m])", "max(x[m])", "prod(x[m])", "std(x[m])", "var(x[m], ddof=1)", "any(x[m] > 4)",
        "mean(x[m]**2 + y[m])", "sum(x[m]*2 + 1)", "sum(x[r], axis=0)", "mean(x[r], axis=0)", "max(x[r], axis=0)",
        "sum(x[r], axis=(0, 1))", "sum(x[x > 0])", "mean(x[:, 0][x[:, 1] > 0])", "sum(x[x[:, 1] > 0], axis=0)",
        "sum(compress(r, x), axis=0)", "mean(x[m]) - mean(x[~m])", "sum(x[~m])/sum(m)", "sum(x[r]*y[r], axis=0)",
        "min(x.T[m.T])", "count_nonzero(x[m])", "sum(x[r][:, 1])", "sum((x + y)[m])", "x - mean(x[m])",
        "sum(x[m & (x > 0)])", "all(x[m] < 100)", "sum(exp(x)[m])", "norm(x[m])",
    ]:
        error = {"sum(x[r][:, 1])": "type"}.get(text)
        case("mask", text, inputs, "reduction", error=error)
    none = inputs | {"m": np.zeros((6, 4), bool)}
    for text in ["sum(x[m])", "prod(x[m])", "mean(x[m])", "any(x[m] > 0)", "std(x[m])", "sum(x[m], axis=0)"]:
        case("mask", text, none, "reduction")
    case("mask", "max(x[m])", none, error="domain")
    case("mask", "x[m]", inputs, error="type")
    case("mask", "x[m] + 1", inputs, error="type")
    case("mask", "sum(x[m]*x)", inputs, error="shape")
    case("mask", "sum(x[m]*x[~m])", inputs, error="shape")
    case("mask", "sum(x[r[:5]])", inputs, error="shape")
    case("mask", "sum(x[:, 0][m])", inputs, error="shape")


def places():
    for _ in range(45):
        x = numbers(shape(int(RANDOM.integers(1, 5)), 0), pick(DTYPES))
        axis = int(RANDOM.integers(-x.ndim, x.ndim))
        extent = x.shape[axis]
        i = RANDOM.integers(-extent, extent, shape(int(RANDOM.integers(0, 3)), 0.03))
        to = pick(["int8", "int32", "int64"])
        of = pick(["x", "x", "(x*2)" if x.dtype != bool else "x", "x[::-1]", "x.T"])
        axis = -axis - 1 if of == "x.T" and axis < 0 else x.ndim - 1 - axis if of == "x.T" else axis
        case("take", f"take({of}, i, axis={axis})", {"x": x, "i": i.astype(to)})
    x = numbers((4, 5, 3))
    inputs = {"x": x, "i": np.array([0, 3, -1, 2]), "u": np.array([3, 0], "uint8"), "far": np.array([0, 4])}
    for text in ["take(x, i)", "take(x + 1, i)", "x[i]", "x[[0, 2]]", "x[:, i]", "x[..., [1, 0]]", "x[u]",
                 "take(exp(x)[:, ::-1], i, axis=1)", "x[:, [0, 1], None]", "x[i, ::-1]", "x[:, i].T", "sum(x[i], axis=0)",
                 "x[i]*x", "take(x, [0, 59])", "take(x, -60)", "take(arange(9)*2, i)", "take(linspace(0, 1, 5), i)",
                 "take([5, 6, 7, 8], i)", "take(x, i, axis=0)[::2, 1:]", "x[i][u]", "take(x, argmax(x[0, 0]), axis=2)",
                 "x[index(x, 0)[:, 0, 0]]", "take(full(4, 7), i)"]:
        case("take", text, inputs, "ulp", numpy=LISTS.sub(r"array(\1)", text))
    for text in ["x[far]", "take(x, far, axis=0)", "take(x, 60)", "take(x, -61)", "take(x, [0, 3], axis=2)",
                 "sum(x[far])", "take(x, i + 1, axis=0)", "take(x*2, far - 9, axis=1)"]:
        case("take", text, inputs, error="domain")
    case("take", "take(x, x)", inputs, error="type")
    case("take", "take(x, i, axis=3)", inputs, error="axis")
    case("take", "take(x[:0], i, axis=0)", inputs, error="shape")
    case("take", "take(x[:0], i[:0], axis=0)", inputs)


def contractions():
    pairs = [((3, 4), (4, 2)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)),
             ((5, 1, 2, 3), (4, 3, 2)), ((1, 3, 2), (4, 2, 3)), ((3, 0), (0, 2)), ((2, 3), (3, 0)), ((4,), (2, 4, 3)),
             ((2, 3, 4), (4,)), ((1, 1), (1, 1))]
    for a, b in pairs:
        for dtypes in [("float64", "float64"), (pick(DTYPES[1:]), pick(DTYPES[1:]))]:
            inputs = {"a": numbers(a, dtypes[0]), "b": numbers(b, dtypes[1])}
            case("matmul", "a @ b", inputs, "reduction")
            if len(a) <= 2 and RANDOM.random() < 0.5:
                case("dot", "dot(a, b)", inputs, "reduction")
    for a, b in [((3, 4), (5, 4)), ((4,), (4,)), ((2, 3, 4), (5, 4))]:
        case("inner", "inner(a, b)", {"a": numbers(a), "b": numbers(b)}, "reduction")
    for a, b in [((3,), (4,)), ((2, 2), (3,)), ((), (3,))]:
        case("outer", "outer(a, b)", {"a": numbers(a), "b": numbers(b)}, "reduction")
    case("dot", "dot(a, b)", {"a": numbers((2, 3, 4)), "b": numbers((5, 4, 2))}, "reduction")
    case("dot", "dot(a, b)", {"a": numbers(()), "b": numbers((3,))}, "reduction")
    for notation, shapes in [
        ("ij,jk->ik", [(3, 4), (4, 2)]), ("ij,ij->i", [(3, 4), (3, 4)]), ("ij,kj->ik", [(3, 4), (5, 4)]), ("ii", [(4, 4)]),
        ("ii->i", [(4, 4)]), ("ij->ji", [(3, 4)]), ("ij->", [(3, 4)]), ("ba", [(3, 4)]), ("...i,i", [(2, 3, 4), (4,)]),
        ("...ij,...jk->...ik", [(2, 3, 4), (4, 5)]), ("ijkl->lk", [(2, 3, 2, 4)]), ("i,j->ij", [(3,), (4,)]),
        ("i,i,i->", [(4,), (4,), (4,)]), ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]), ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
        ("iij->ij", [(3, 3, 2)]), ("iij->j", [(3, 3, 2)]), ("ij,j->i", [(3, 4), (4,)]), ("...->...", [(2, 3)]),
        ("i...->...", [(2, 3, 4)]), ("i,->i", [(3,), ()]), (",", [(), ()]), ("abcd,dcba->", [(2, 3, 2, 2), (2, 2, 3, 2)]),
        ("abc,cd,ed->abe", [(2, 2, 3), (3, 2), (4, 2)]), ("ij,ij->ij", [(3, 4), (3, 4)]), ("ij,ji", [(3, 4), (4, 3)]),
        ("...i->...", [(2, 3, 4)]), ("ij,jk->ki", [(0, 4), (4, 2)]), ("ij,jk->ki", [(3, 0), (0, 2)]),
    ]:
        names = "abc"[: len(shapes)]
        for dtype in ["float64", pick(["float32", "int32", "complex128"])]:
            inputs = {name: numbers(one, dtype) for name, one in zip(names, shapes)}
            case("einsum", f"einsum('{notation}', {', '.join(names)})", inputs, "reduction")
    t, x = numbers((3, 4, 2)), numbers((4, 3, 5))
    inputs = {"t": t, "x": x}
    for text in ["tensordot(t, x, ((0, 1), (1, 0)))", "tensordot(t, x, ([1], [0]))", "tensordot(t, x, 0)[0, 1, 1]",
                 "tensordot(t.T, x[:, :, :2].T, ((1, 2), (2, 1)))", "tensordot(t, t, 3)", "tensordot(t[:, :, 0], x, 1)",
                 "tensordot(t[0].T, x, 1)", "tensordot(t, t.transpose(1, 2, 0))",
                 "tensordot(t, x, ((-3, -2), (1, 0)))"]:
        case("tensordot", text, inputs, "reduction")
    # large enough for a kernel of their own, and short as text
    large = {"A": "(arange(1320) % 17 - 8.0).reshape(33, 40)", "B": "(arange(1360) % 13 - 6.0).reshape(40, 34)",
             "T": "f32(arange(2112) % 11 - 5).reshape(2, 33, 32)", "C": "f32(arange(1120) % 9 - 4).reshape(35, 32)"}
    for text in ["A @ B", "sum(A @ B, axis=0)", "(transpose(A) @ A)[::7, 3]", "((A + 1) @ (B*2))[0]", "trace(A @ transpose(A))",
                 "(T @ transpose(C))[1, :, ::9]", "diagonal(A[:, ::-1] @ B[::-1])", "einsum('ij,kj->ki', A, A)[2]",
                 "max(abs(T[0] @ transpose(C) - T[1] @ transpose(C)))", "(A @ B @ transpose(B))[:2]",
                 "einsum('aij,kj->aki', T, C)[:, 5]", "mean(tensordot(T, C, ((2,), (1,))), axis=(0, 1))"]:
        case("product", re.sub(r"\b[ABTC]\b", lambda name: large[name[0]], text), tol="reduction")
    a = numbers((3, 4))
    for text in ["(a + 1) @ a.T", "a @ a.T @ a", "sum(a @ a.T)", "a.T @ a - mean(a)", "a[::-1] @ exp(a.T*0)", "a @ arange(4)",
                 "a @ eye(4)", "mean(a @ a.T, axis=0)", "(a @ a.T)[1:, ::-1]", "diagonal(a @ a.T)", "2*(a @ a[0])"]:
        case("contract-in", text, {"a": a}, "reduction")


def errors():
    inputs = {"x": numbers((3, 4)), "y": numbers((4, 3)), "v": numbers((5,)), "s": numbers(())}
    for text, kind in [
        ("x + y", "shape"), ("x + v", "shape"), ("x @ x", "shape"), ("x @ s", "shape"), ("dot(x, x)", "shape"),
        ("inner(x, y)", "shape"), ("reshape(x, (5, 2))", "shape"), ("reshape(x, (-1, 5))", "shape"),
        ("reshape(x, (-1, -1))", "shape"), ("broadcast_to(x, (4, 3))", "shape"), ("broadcast_to(x, (3,))", "shape"),
        ("transpose(x, (0, 0))", "axis"), ("transpose(x, (0,))", "axis"), ("transpose(x, (0, 2))", "axis"),
        ("swapaxes(x, 0, 2)", "axis"), ("moveaxis(x, 2, 0)", "axis"), ("flip(x, 2)", "axis"), ("flip(x, (0, 0))", "axis"),
        ("windows(x, (4, 1))", "shape"), ("windows(x, 6, axis=0)", "shape"), ("diagonal(v)", "axis"),
        ("diagonal(x, 0, 1, 1)", "axis"), ("expand_dims(x, 5)", "axis"), ("expand_dims(x, (0, 0))", "axis"),
        ("squeeze(x, 0)", "shape"), ("squeeze(x, 7)", "axis"), ("x[::0]", "shape"), ("x[0, 0, 0]", "axis"),
        ("x[..., 0, ...]", "axis"), ("x[3]", "shape"), ("x[0, -5]", "shape"), ("x[1.5]", "type"), ("s[0]", "axis"),
        ("arange(0, 1, 0)", "shape"), ("arange(inf)", "shape"), ("linspace(0, 1, -1)", "shape"), ("full((-1,), 2)", "shape"),
        ("eye(2.5)", "shape"), ("arange(x)", "type"), ("einsum('ij,jk', x, x)", "shape"), ("einsum('ij', v)", "axis"),
        ("einsum('ij->k', x)", "syntax"), ("einsum('ij,j', x)", "arity"), ("einsum('ii', x)", "shape"),
        ("tensordot(x, y, 2)", "shape"), ("tensordot(x, y, 3)", "axis"), ("tensordot(x, y, ((0,), (0, 1)))", "axis"),
        ("sum(x, axis=2)", "axis"), ("sum(x, axis=(0, 0))", "axis"), ("argmax(x, axis=(0, 1))", "axis"),
        ("sum(x, where=y > 0)", "type"), ("sum(x, where=x)", "type"), ("sum(x, axis=0, ddof=1)", "arity"),
        ("take(x, 1.5)", "type"), ("reshape(x, (2.5, 2))", "type"), ("trace(v)", "axis"), ("index(x, 2)", "axis"),
    ]:
        case("err-arrays", text, inputs, error=kind, laid=False)


def scans():
    for dtype in DTYPES * 2:
        name = "cumsum" if dtype in COMPLEX else pick(["cumsum", "cumsum", "cumprod"])
        x = numbers(shape(int(RANDOM.integers(1, 5)), 0), dtype)
        rest = f", axis={RANDOM.integers(-x.ndim, x.ndim)}" if RANDOM.random() < 0.8 else ""
        case("scan", f"{name}(x{rest})", {"x": x}, "reduction")
    for dtype, to in [("int64", "float32"), ("float32", "float64"), ("bool", "float64"), ("uint8", "int32"),
                      ("int8", "uint64"), ("float64", "complex128"), ("int16", "int8")]:
        x = numbers((4, 3), dtype)
        case("scan-dtype", f"cumsum(x, axis=1, dtype='{to}')", {"x": x}, "reduction")
    special = numbers((3, 7), special=True)
    case("scan", "cumsum(x, axis=1)", {"x": special}, "reduction")
    case("scan", "cumprod(x, axis=0)", {"x": special}, "reduction")
    for empty, rest in [((0,), ""), ((0, 3), ", axis=0"), ((0, 3), ", axis=1"), ((2, 0), ""), ((), "")]:
        case("scan-empty", f"cumsum(x{rest})", {"x": numbers(empty)})
    x = numbers((5, 6, 4))
    for text in ["cumsum(x.T, axis=0)", "cumsum(x[::-1, ::2], axis=1)", "cumsum(x.T)", "cumsum(x*2 + 1, axis=-1)[:, ::-1]",
                 "cumsum(cumsum(x, axis=0), axis=1)", "x - cumsum(x, axis=2)", "max(cumsum(x, axis=1), axis=1)",
                 "cumsum(sum(x, axis=2), axis=0)", "cumsum(x, axis=0)[-1] - sum(x, axis=0)", "cumsum(x > 0, axis=2)",
                 "cumsum(broadcast_to(x[0], (3, 6, 4)), axis=0)", "take(cumsum(x), [7, -1])",
                 "cumsum(windows(x[0, :, 0], 3), axis=1)", "cumprod(abs(x[:2]) + 1, axis=0)"]:
        case("scan-of", text, {"x": x}, "reduction", numpy=LISTS.sub(r"array(\1)", text))
    for text, kind in [("cumsum(x, axis=3)", "axis"), ("cumsum(x, axis=-4)", "axis"), ("cumsum(x, 0, 'f64', 1)", "arity")]:
        case("err-scan", text, {"x": x}, error=kind, laid=False)


def main():
    views()
    sources()
    reductions()
    masks()
    places()
    contractions()
    errors()
    scans()
    for one in CASES:
        print(json.dumps(one))


if __name__ == "__main__":
    main()
