"""The nets of the benchmark, written as PyTorch's users write them: its own layers where it has them, batch first. Each takes bookcast's weights by
name, so that both sides can be seen to compute the same. `x` comes as (T, B, F)."""

import math

import numpy as np
import torch
from torch import nn


def linear(weights, place):
    weight = weights[f"{place}/weight"]  # (in, out)
    layer = nn.Linear(weight.shape[0], weight.shape[1])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight.T.copy()))
        layer.bias.copy_(torch.from_numpy(weights[f"{place}/bias"]))
    return layer


def norm(weights, place):
    layer = nn.LayerNorm(weights[f"{place}/gain"].shape[0])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights[f"{place}/gain"]))
        layer.bias.copy_(torch.from_numpy(weights[f"{place}/bias"]))
    return layer


def parameter(array):
    return nn.Parameter(torch.from_numpy(array.copy()))


class Lstm(nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        hidden, layers = config["hidden"], config["layers"]
        self.lstm = nn.LSTM(weights["lstm 1/input"].shape[1], hidden, layers)
        names = {"weight_ih": "input", "weight_hh": "recurrent", "bias_ih": "input bias", "bias_hh": "recurrent bias"}
        with torch.no_grad():
            for layer in range(layers):
                for theirs, ours in names.items():
                    i, o, f, g = np.split(weights[f"lstm {layer + 1}/{ours}"], 4)
                    getattr(self.lstm, f"{theirs}_l{layer}").copy_(torch.from_numpy(np.concatenate([i, f, g, o])))
        self.head = linear(weights, "head")

    def forward(self, x):
        return self.head(self.lstm(x)[0][-1])


class BiN(nn.Module):
    def __init__(self, weights):
        super().__init__()
        for name in ["time gain", "time bias", "features gain", "features bias", "time weight", "features weight"]:
            self.register_parameter(name.replace(" ", "_"), parameter(weights[f"norm/{name}"].reshape(-1)))

    def forward(self, x):  # (B, T, F)
        def standard(axis):
            centred = x - x.mean(axis, keepdim=True)
            return centred / torch.sqrt(x.var(axis, keepdim=True) + 1e-8)

        over_time = standard(1) * self.time_gain + self.time_bias
        over_features = standard(2) * self.features_gain[:, None] + self.features_bias[:, None]
        return over_time * self.time_weight.exp() + over_features * self.features_weight.exp()


class Perceptron(nn.Module):
    """Two maps along the last axis, residual where sizes allow, norm, GELU."""

    def __init__(self, weights, place):
        super().__init__()
        self.up, self.down, self.norm = linear(weights, f"{place}/up"), linear(weights, f"{place}/down"), norm(weights, f"{place}/norm")

    def forward(self, x, turn=False):
        y = self.down(nn.functional.gelu(self.up(x)))
        y = self.norm(x + y if x.shape == y.shape else y)
        # Turned before the GELU and not behind it: PyTorch 1.13 computes the gradient of a GELU wrongly where the one that comes in is a view.
        return nn.functional.gelu(y.permute(0, 2, 1).contiguous() if turn else y)


class Mlplob(nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        self.bin = BiN(weights)
        self.embedding = linear(weights, "embedding")
        blocks = range(1, config["blocks"] + 1)
        self.features = nn.ModuleList(Perceptron(weights, f"features {i}") for i in blocks)
        self.time = nn.ModuleList(Perceptron(weights, f"time {i}") for i in blocks)
        levels = sum(1 for name in weights if name.startswith("head/level") and name.endswith("weight"))
        self.head = nn.ModuleList(linear(weights, f"head/level {i + 1}") for i in range(levels))
        self.outputs = linear(weights, "head/outputs")

    def forward(self, x):
        h = nn.functional.gelu(self.embedding(self.bin(x.permute(1, 0, 2))))
        for features, time in zip(self.features, self.time):
            h = time(features(h, turn=True), turn=True)
        h = h.flatten(1)
        for level in self.head:
            h = nn.functional.gelu(level(h))
        return self.outputs(h)


class Transformer(nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        width = config["width"]
        self.embedding = linear(weights, "embedding")
        self.layers = nn.ModuleList()
        for i in range(1, config["layers"] + 1):
            layer = nn.TransformerEncoderLayer(width, config["heads"], config["inner"], dropout=0.0, batch_first=True)
            place = f"attention {i}/heads/queries, keys, values"
            with torch.no_grad():
                layer.self_attn.in_proj_weight.copy_(torch.from_numpy(weights[f"{place}/weight"].T.copy()))
                layer.self_attn.in_proj_bias.copy_(torch.from_numpy(weights[f"{place}/bias"]))
            layer.self_attn.out_proj.load_state_dict(linear(weights, f"attention {i}/heads/out").state_dict())
            layer.linear1.load_state_dict(linear(weights, f"feed-forward {i}/maps/up").state_dict())
            layer.linear2.load_state_dict(linear(weights, f"feed-forward {i}/maps/down").state_dict())
            layer.norm1.load_state_dict(norm(weights, f"attention {i}/norm").state_dict())
            layer.norm2.load_state_dict(norm(weights, f"feed-forward {i}/norm").state_dict())
            self.layers.append(layer)
        self.head = linear(weights, "head")
        steps = config["length"]
        angle = torch.arange(steps)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
        places = torch.zeros(steps, width)
        places[:, 0::2], places[:, 1::2] = torch.sin(angle), torch.cos(angle)
        self.register_buffer("places", places)

    def forward(self, x):
        h = self.embedding(x.permute(1, 0, 2)) + self.places
        for layer in self.layers:
            h = layer(h)
        return self.head(h[:, -1])


class BinCtabl(nn.Module):
    """As the authors' and LOBCAST's code: (B, F, T), W1 x W2 + b."""

    def __init__(self, config, weights):
        super().__init__()
        self.bin = BiN(weights)
        for layer in ["bilinear 1", "bilinear 2", "tabl"]:
            key = layer.replace(" ", "")
            self.register_parameter(f"{key}_features", parameter(weights[f"{layer}/features"].T))
            self.register_parameter(f"{key}_time", parameter(weights[f"{layer}/time"]))
            self.register_parameter(f"{key}_bias", parameter(weights[f"{layer}/bias"][:, 0, :].T))
        self.attention = parameter(weights["tabl/attention"])
        self.share = parameter(weights["tabl/share"])
        steps = self.attention.shape[0]
        self.register_buffer("eye", torch.eye(steps))

    def forward(self, x):
        h = self.bin(x.permute(1, 0, 2)).permute(0, 2, 1)  # (B, F, T)
        h = torch.relu(self.bilinear1_features @ h @ self.bilinear1_time + self.bilinear1_bias)
        h = torch.relu(self.bilinear2_features @ h @ self.bilinear2_time + self.bilinear2_bias)
        inner = self.tabl_features @ h
        steps = inner.shape[-1]
        mask = torch.softmax(inner @ (self.attention * (1 - self.eye) + self.eye / steps), -1)
        share = torch.sigmoid(self.share)
        attended = inner * (mask * share + (1 - share))
        return (attended @ self.tabl_time + self.tabl_bias)[:, :, 0]


NETS = {"lstm": Lstm, "mlplob": Mlplob, "transformer": Transformer, "bin-ctabl": BinCtabl}
