"""Outcomes and gradients of every layer of `src/nn/layers`, by PyTorch in float64.

Run: /usr/bin/python3 scripts/nn_reference_layers.py > test/nn/layers/reference.json   (PyTorch 1.13 or newer)

Inputs and parameters are not in the file: both sides make them with `wave`, so that the file holds the answers alone. The loss is
the sum of the outcome times another wave. Tensors are time-major, (T, B, F), but for
convolutions: (B, C, T, W). Parameters are laid out as the layers lay them out:
dense weights (inputs, outputs), gates of the LSTM in the order i, o, f, g and of the GRU in the order z, r, n (ONNX's).
"""

import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as fun

torch.set_default_dtype(torch.float64)


def wave(shape, phase, scale):
    """Numbers that repeat nowhere soon, rounded to float32 so that both sides begin with the same."""
    n = int(np.prod(shape))
    k = np.arange(n, dtype=np.float64)
    x = np.array([math.sin(a) for a in (k + 1) * (k + phase) * 0.37]) * scale
    return torch.tensor(x.astype(np.float32).astype(np.float64).reshape(shape))


def swap_gates(weight, order):
    """From the layers' order of gates to PyTorch's."""
    blocks = weight.chunk(len(order))
    return torch.cat([blocks[i] for i in order])


def over_time(x, weight):
    """(T, B, F) and (T, T') to (T', B, F)."""
    return torch.einsum("tbf,ts->sbf", x, weight)


def standardised(x, axis):
    mean = x.mean(axis, keepdim=True)
    variance = ((x - mean) ** 2).sum(axis, keepdim=True) / (x.shape[axis] - 1)
    return (x - mean) / torch.sqrt(variance + 1e-8)


def dense(x, weight, bias):
    return x @ weight + bias


def dense_over_time(x, weight, bias):
    return over_time(x, weight) + bias[:, None, None]


def layer_norm(x, gain, bias):
    return fun.layer_norm(x, x.shape[-1:], gain, bias, 1e-5)


def layer_norm_over_time(x, gain, bias):
    return fun.layer_norm(x.permute(1, 2, 0), x.shape[:1], gain, bias, 1e-5).permute(2, 0, 1)


def lstm(x, *parameters):
    layers = len(parameters) // 4
    weights = [swap_gates(p, [0, 2, 3, 1]) for p in parameters]
    state = torch.zeros(layers, x.shape[1], parameters[1].shape[1])
    return torch.lstm(x, (state, state), weights, True, layers, 0.0, False, False, False)[0]


def gru(x, *parameters):
    layers = len(parameters) // 4
    weights = [swap_gates(p, [1, 0, 2]) for p in parameters]
    state = torch.zeros(layers, x.shape[1], parameters[1].shape[1])
    return torch.gru(x, state, weights, True, layers, 0.0, False, False, False)[0]


def attention(heads):
    def run(x, weight, bias, out_weight, out_bias):
        return fun.multi_head_attention_forward(
            x, x, x, x.shape[-1], heads, weight.T, bias, None, None, False, 0.0, out_weight.T, out_bias
        )[0]

    return run


def attention_over_features(x, weight, bias, out_weight, out_bias):
    """One head; each feature is a token, described by its T numbers."""
    turned = attention(1)(x.permute(2, 1, 0), weight, bias, out_weight, out_bias)
    return turned.permute(2, 1, 0)


def attention_pool(x, weight, bias, query):
    """Yang et al. 2016, equations 5 to 7."""
    scores = torch.tanh(x @ weight + bias) @ query
    return (torch.softmax(scores, 0) * x).sum(0)


def feed_forward(x, w1, b1, w2, b2):
    return fun.gelu(x @ w1 + b1) @ w2 + b2


def bin_norm(x, time_gain, time_bias, feature_gain, feature_bias, time_weight, feature_weight):
    by_time = standardised(x, 0) * time_gain + time_bias
    by_feature = standardised(x, 2) * feature_gain + feature_bias
    return torch.exp(time_weight) * by_time + torch.exp(feature_weight) * by_feature


def bilinear(x, features, time, bias):
    return over_time(x @ features, time) + bias


def tabl(x, features, attend, time, share, bias):
    """Tran et al. 2018, equations 7 to 11."""
    steps = x.shape[0]
    inner = x @ features
    eye = torch.eye(steps)
    scores = over_time(inner, attend * (1 - eye) + eye / steps)
    mask = torch.softmax(scores, 0)
    mix = torch.sigmoid(share)
    return over_time(mix * inner * mask + (1 - mix) * inner, time) + bias


def layer_norm_over_channels(x, gain, bias):
    return fun.layer_norm(x.permute(0, 2, 3, 1), x.shape[1:2], gain, bias, 1e-5).permute(0, 3, 1, 2)


def block(columns=1, same=False):
    """Here tensors are (B, C, T, W)."""

    def run(x, weight, bias, gain, shift):
        pad = (weight.shape[2] // 2, 0) if same else 0
        y = fun.conv2d(x, weight, bias, stride=(1, columns), padding=pad)
        return layer_norm_over_channels(fun.leaky_relu(y, 0.01), gain, shift)

    return run


def inception(x, *p):
    one, same = block(), block(same=True)
    pooled = fun.max_pool2d(x, (3, 1), stride=1, padding=(1, 0))
    looks = [same(one(x, *p[0:4]), *p[4:8]), same(one(x, *p[8:12]), *p[12:16])]
    return torch.cat([*looks, one(pooled, *p[16:20])], 1)


def conv_shapes(channels, inputs, steps, columns=1):
    return [(channels, inputs, steps, columns), (channels,), (channels,), (channels,)]


T, B, F, H = 5, 3, 4, 6
LSTM = [(4 * H, F), (4 * H, H), (4 * H,), (4 * H,), (4 * H, H), (4 * H, H), (4 * H,), (4 * H,)]
GRU = [(3 * H, F), (3 * H, H), (3 * H,), (3 * H,), (3 * H, H), (3 * H, H), (3 * H,), (3 * H,)]
ONE = conv_shapes(3, 4, 1)
INCEPTION = [*ONE, *conv_shapes(3, 3, 3), *ONE, *conv_shapes(3, 3, 5), *ONE]
CASES = {
    "dense": (dense, (T, B, F), [(F, H), (H,)]),
    "denseOverTime": (dense_over_time, (T, B, F), [(T, H), (H,)]),
    "layerNorm": (layer_norm, (T, B, F), [(F,), (F,)]),
    "layerNormOverTime": (layer_norm_over_time, (T, B, F), [(T,), (T,)]),
    "lstm": (lstm, (T, B, F), LSTM[:4]),
    "lstm of 1 step": (lstm, (1, B, F), LSTM[:4]),
    "lstm of 2 layers": (lstm, (T, B, F), LSTM),
    "gru": (gru, (T, B, F), GRU[:4]),
    "gru of 1 step": (gru, (1, B, F), GRU[:4]),
    "gru of 2 layers": (gru, (T, B, F), GRU),
    "attention of 2 heads": (attention(2), (T, B, F), [(F, 3 * F), (3 * F,), (F, F), (F,)]),
    "attention over features": (attention_over_features, (T, B, F), [(T, 3 * T), (3 * T,), (T, T), (T,)]),
    "attentionPool": (attention_pool, (T, B, F), [(F, H), (H,), (H, 1)]),
    "feedForward": (feed_forward, (T, B, F), [(F, H), (H,), (H, F), (F,)]),
    "bin": (bin_norm, (T, B, F), [(F,), (F,), (T, 1, 1), (T, 1, 1), (1,), (1,)]),
    "bilinear": (bilinear, (T, B, F), [(F, H), (T, 3), (3, 1, H)]),
    "tabl": (tabl, (T, B, F), [(F, H), (T, T), (T, 2), (1,), (2, 1, H)]),
    "layerNormOverChannels": (layer_norm_over_channels, (2, F, 3, 2), [(F,), (F,)]),
    "convBlock over time": (block(), (2, F, 6, 3), conv_shapes(5, F, 4)),
    "convBlock over columns": (block(2), (2, F, 3, 6), conv_shapes(5, F, 1, 2)),
    "inception": (inception, (2, 4, 6, 1), INCEPTION),
}


def solve(function, shape, shapes):
    x = wave(shape, 1.5, 1.0).requires_grad_()
    parameters = [wave(s, 2.5 + i, 0.6).requires_grad_() for i, s in enumerate(shapes)]
    y = function(x, *parameters)
    (y * wave(tuple(y.shape), 99.5, 1.0)).sum().backward()
    return {
        "shape": list(shape),
        "outcome": flat(y),
        "gradients": [flat(v.grad) for v in [x, *parameters]],
    }


def flat(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().reshape(-1).tolist()]


def main():
    found = {name: solve(*case) for name, case in CASES.items()}
    json.dump({"torch": torch.__version__, "cases": found}, sys.stdout, indent=None, separators=(",", ":"))
    sys.stdout.write("\n")


main()
