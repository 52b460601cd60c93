"""Reference values for the operators of src/nn/ops: forward and gradient in float64, by PyTorch.

    /usr/bin/python3 scripts/nn_reference.py

writes test/fixtures/nn/*.jsonl: a header, then a case a line. A case calls an operator by the name that it has in src/nn/ops with `args`, in which "$i" stands for input i.
The loss is the sum of each output times its `weights`; `gradients` has its gradient by each float input, null for the others. Inputs and
weights are multiples of 1/256, so that float32 holds them exactly.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "nn"
rng = np.random.default_rng(20240501)


def grid(shape, low=-2.0, high=2.0):
    """Multiples of 1/256 in [low, high)."""
    return rng.integers(round(low * 256), round(high * 256), size=shape) / 256.0


def apart(shape):
    """Numbers of which no two are equal, nor one near 0: for operators with kinks."""
    n = int(np.prod(shape))
    return (rng.permutation(np.arange(n)) * 8 - n * 4 + 3).reshape(shape) / 256.0


def numbers(array):
    return [float(f"{x:.10g}") for x in np.asarray(array, dtype=np.float64).reshape(-1)]


class File:
    def __init__(self):
        self.cases = []

    def case(self, name, op, inputs, args, reference):
        tensors = [
            torch.tensor(x, dtype=torch.int64) if x.dtype == np.int64 else torch.tensor(x, dtype=torch.float64, requires_grad=True)
            for x in inputs
        ]
        outputs = reference(*tensors)
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        weights = [grid(tuple(y.shape)) for y in outputs]
        if any(y.requires_grad for y in outputs):
            loss = sum((y * torch.tensor(w)).sum() for y, w in zip(outputs, weights))
            floats = [t for t in tensors if t.requires_grad]
            grads = iter(torch.autograd.grad(loss, floats, allow_unused=True))
            grads = [next(grads) if t.requires_grad else None for t in tensors]
        else:
            grads = [None] * len(tensors)
        self.cases.append({
            "name": name,
            "op": op,
            "args": args,
            "inputs": [
                {"shape": list(x.shape), "dtype": "int64" if x.dtype == np.int64 else "float32", "data": x.reshape(-1).tolist()} for x in inputs
            ],
            "outputs": [{"shape": list(y.shape), "data": numbers(y.detach().numpy()), "weights": w.reshape(-1).tolist()} for y, w in zip(outputs, weights)],
            "gradients": [None if g is None else numbers(g.numpy()) for g in grads],
        })

    def write(self, name):
        head = {
            "about": "float64 reference values, made by PyTorch",
            "torch": torch.__version__,
            "command": "/usr/bin/python3 scripts/nn_reference.py",
        }
        lines = [head, *self.cases]
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.jsonl").write_text(text)
        print(f"{name}.jsonl: {len(self.cases)} cases, {len(text)} bytes")


def elementwise():
    file = File()
    shapes = [((2, 3), (2, 3)), ((2, 1, 3), (4, 1)), ((3,), (2, 3)), ((2, 3), ())]
    for op, reference in [("add", torch.add), ("sub", torch.sub), ("mul", torch.mul)]:
        for a, b in shapes:
            file.case(f"{op} {a} {b}", op, [grid(a), grid(b)], ["$0", "$1"], reference)
    for a, b in shapes:
        file.case(f"div {a} {b}", "div", [grid(a), grid(b, 0.5, 3)], ["$0", "$1"], torch.div)
    for op, reference in [("maximum", torch.maximum), ("minimum", torch.minimum)]:
        numbers = apart((10,))
        file.case(f"{op} broadcast", op, [numbers[:6].reshape(3, 2), numbers[6:8]], ["$0", "$1"], reference)
    file.case("mul of a tensor with itself", "mul", [grid((2, 3))], ["$0", "$0"], lambda x: x * x)
    file.case("div of a tensor by itself", "div", [grid((2, 3), 0.5, 2)], ["$0", "$0"], lambda x: x / x * 1.0)
    anywhere = {
        "neg": torch.neg, "exp": torch.exp, "square": torch.square, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
        "gelu": F.gelu, "softplus": F.softplus,
    }
    for op, reference in anywhere.items():
        file.case(op, op, [grid((2, 5), -3, 3)], ["$0"], reference)
    for op in ["tanh", "sigmoid", "gelu", "softplus"]:
        x = np.array([-20.0, -8.0, -4.5, 0.0, 4.5, 8.0, 20.0, 60.0] if op != "softplus" else [-8.0, -4.5, 0.0, 4.5, 20.0, 60.0, 90.0])
        file.case(f"{op} far out", op, [x], ["$0"], anywhere[op])
    for op, reference in {"log": torch.log, "sqrt": torch.sqrt, "reciprocal": torch.reciprocal}.items():
        file.case(op, op, [grid((2, 5), 0.25, 4)], ["$0"], reference)
    for op, reference in {"abs": torch.abs, "relu": torch.relu}.items():
        file.case(op, op, [apart((2, 5))], ["$0"], reference)
    for power in [3, -2, 0.5, 1.7]:
        file.case(f"pow {power}", "pow", [grid((2, 4), 0.5, 3)], ["$0", power], lambda x, p=power: x**p)
    file.write("elementwise")


def linear():
    file = File()
    for a, b in [((3, 4), (4, 2)), ((2, 3, 4), (4, 2)), ((2, 3, 4), (2, 4, 2)), ((3, 4), (2, 4, 2)), ((2, 1, 3, 4), (3, 4, 2)), ((2, 2, 3, 4), (1, 2, 4, 3))]:
        file.case(f"matmul {a} {b}", "matmul", [grid(a), grid(b)], ["$0", "$1"], torch.matmul)
    for trans_a in [False, True]:
        for trans_b in [False, True]:
            a = grid((4, 3) if trans_a else (3, 4))
            b = grid((2, 4) if trans_b else (4, 2))
            for bias in [None, (2,), (1, 2), (3, 2), (3, 1)]:
                if bias is not None and trans_a != trans_b:
                    continue
                options = {"transA": trans_a, "transB": trans_b}
                inputs = [a, b]
                if bias is not None:
                    options["bias"] = "$2"
                    inputs.append(grid(bias))

                def reference(x, y, c=None, ta=trans_a, tb=trans_b):
                    product = (x.T if ta else x) @ (y.T if tb else y)
                    return product if c is None else product + c

                file.case(f"gemm {trans_a} {trans_b} bias {bias}", "gemm", inputs, ["$0", "$1", options], reference)
    q, k, v = grid((2, 2, 3, 4)), grid((2, 2, 5, 4)), grid((2, 2, 5, 3))
    scaled = lambda q, k: q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    file.case("attention", "attention", [q, k, v], ["$0", "$1", "$2"], lambda q, k, v: torch.softmax(scaled(q, k), -1) @ v)
    file.case(
        "attention with a bias", "attention", [q, k, v, grid((3, 5))], ["$0", "$1", "$2", "$3"],
        lambda q, k, v, b: torch.softmax(scaled(q, k) + b, -1) @ v,
    )
    file.write("linear")


def reductions():
    file = File()
    shape = (2, 3, 4)
    for axes in [None, [0], [-1], [0, 2], [0, 1, 2]]:
        for keep in [False, True]:
            dims = [0, 1, 2] if axes is None else axes
            args = ["$0", axes, keep]
            file.case(f"sum {axes} {keep}", "sum", [grid(shape)], args, lambda x: x.sum(dims, keepdim=keep))
            file.case(f"mean {axes} {keep}", "mean", [grid(shape)], args, lambda x: x.mean(dims, keepdim=keep))
            file.case(f"max {axes} {keep}", "max", [apart(shape)], args, lambda x: torch.amax(x, dims, keepdim=keep))
    file.case("max of equal numbers", "max", [np.array([[1.0, 2.0, 2.0], [0.5, 0.5, 0.5]])], ["$0", [1]], lambda x: torch.amax(x, [1]))
    for axis in [-1, 0, 1]:
        file.case(f"softmax {axis}", "softmax", [grid(shape, -4, 4)], ["$0", axis], lambda x: torch.softmax(x, axis))
        file.case(f"logSoftmax {axis}", "logSoftmax", [grid(shape, -4, 4)], ["$0", axis], lambda x: torch.log_softmax(x, axis))
    far = np.array([[60.0, -60.0, 0.0], [100.0, 99.0, 20.0]])
    file.case("logSoftmax far out", "logSoftmax", [far], ["$0"], lambda x: torch.log_softmax(x, -1))
    for epsilon in [1e-5, 0.01]:
        file.case(
            f"layerNorm epsilon {epsilon}", "layerNorm", [grid((2, 3, 6)), grid((6,)), grid((6,))], ["$0", "$1", "$2", {"epsilon": epsilon}],
            lambda x, g, b: F.layer_norm(x, (6,), g, b, epsilon),
        )
    file.case("layerNorm of rows", "layerNorm", [grid((4, 5)), grid((5,)), grid((5,))], ["$0", "$1", "$2"], lambda x, g, b: F.layer_norm(x, (5,), g, b))
    file.write("reductions")


def layout():
    file = File()
    x = lambda: grid((2, 3, 4))
    file.case("reshape", "reshape", [x()], ["$0", [4, -1]], lambda x: x.reshape(4, 6))
    file.case("transpose", "transpose", [x()], ["$0", [2, 0, 1]], lambda x: x.permute(2, 0, 1))
    file.case("transpose reversed", "transpose", [x()], ["$0"], lambda x: x.permute(2, 1, 0))
    file.case("squeeze", "squeeze", [grid((1, 3, 1, 2))], ["$0", [0, -2]], lambda x: x.reshape(3, 2))
    file.case("unsqueeze", "unsqueeze", [grid((3, 2))], ["$0", [0, -1]], lambda x: x.reshape(1, 3, 2, 1))
    file.case("slice", "slice", [x()], ["$0", 1, 1, 3], lambda x: x[:, 1:3])
    file.case("slice from the end", "slice", [x()], ["$0", -1, -2], lambda x: x[:, :, -2:])
    file.case("slice by 2", "slice", [grid((2, 7))], ["$0", 1, 1, 6, 2], lambda x: x[:, 1:6:2])
    file.case("slice by 3 over the end", "slice", [grid((7, 2))], ["$0", 0, 1, 7, 3], lambda x: x[1:7:3])
    file.case("slice by 3 of the end", "slice", [grid((7, 2))], ["$0", 0, 3, 7, 3], lambda x: x[3:7:3])
    file.case("concat", "concat", [grid((2, 3)), grid((2, 1)), grid((2, 2))], [["$0", "$1", "$2"], 1], lambda *xs: torch.cat(xs, 1))
    file.case("concat of a tensor with itself", "concat", [grid((2, 3))], [["$0", "$0"], 0], lambda x: torch.cat([x, x], 0))
    file.case("split", "split", [grid((2, 6))], ["$0", -1, [1, 3, 2]], lambda x: torch.split(x, [1, 3, 2], 1))
    file.case("broadcastTo", "broadcastTo", [grid((3, 1))], ["$0", [2, 3, 4]], lambda x: x.expand(2, 3, 4))
    file.case("pad", "pad", [grid((2, 3))], ["$0", [1, 0], [0, 2], 0.5], lambda x: F.pad(x, (0, 2, 1, 0), value=0.5))
    rows = np.array([[2, 0], [2, 1]], dtype=np.int64)
    file.case("gather rows", "gather", [grid((4, 3)), rows], ["$0", "$1"], lambda x, i: x[i])
    file.case("gather along the last axis", "gather", [x(), rows], ["$0", "$1", -1], lambda x, i: x[:, :, i])
    file.case("gather from the end", "gather", [x(), np.array([-1, 0, -1], dtype=np.int64)], ["$0", "$1", 1], lambda x, i: x[:, i])
    file.case("oneHot", "oneHot", [rows], ["$0", 3], lambda i: F.one_hot(i, 3).double())
    file.write("layout")


def convolutions():
    file = File()
    settings = [
        ((2, 2, 5, 4), (3, 2, 2, 2), {}),
        ((2, 1, 6, 4), (2, 1, 1, 2), {"strides": [1, 2]}),
        ((1, 2, 6, 3), (2, 2, 4, 1), {"pads": [1, 0, 2, 0]}),
        ((2, 2, 7, 6), (2, 2, 3, 2), {"strides": [2, 3], "pads": [1, 0, 1, 1]}),
        ((1, 2, 8, 7), (2, 2, 2, 3), {"dilations": [3, 2], "strides": [2, 1]}),
        ((1, 2, 9, 5), (3, 2, 2, 1), {"strides": [4, 2], "dilations": [2, 1]}),
    ]
    for x, w, options in settings:
        def reference(x, w, b, options=options):
            top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
            padded = F.pad(x, (left, right, top, bottom))
            return F.conv2d(padded, w, b, options.get("strides", 1), 0, options.get("dilations", 1))

        file.case(f"conv {x} {w} {options}", "conv", [grid(x), grid(w), grid((w[0],))], ["$0", "$1", {**options, "bias": "$2"}], reference)
    for x, kernel, strides, pads in [((1, 2, 5, 3), [3, 1], [1, 1], [1, 0, 1, 0]), ((1, 2, 6, 6), [2, 3], [2, 2], [0, 1, 0, 1]), ((2, 1, 4, 5), [2, 2], [1, 1], [0, 0, 0, 0])]:
        options = {"kernel": kernel, "strides": strides, "pads": pads}

        def pooled(x, kernel=kernel, strides=strides, pads=pads):
            padded = F.pad(x, (pads[1], pads[3], pads[0], pads[2]), value=-math.inf)
            return F.max_pool2d(padded, kernel, strides)

        file.case(f"maxPool {x} {options}", "maxPool", [apart(x)], ["$0", options], pooled)
    file.write("convolutions")


if __name__ == "__main__":
    elementwise()
    linear()
    reductions()
    layout()
    convolutions()
