"""Writes test/fixtures/nn/training.json: losses, their gradients and the steps of optimisers, by PyTorch in float64.

    python3 scripts/nn_reference_training.py

Needs PyTorch (made with 1.13.1). Inputs are rounded to float32 first, so that both sides begin with the same numbers.
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)


def rounded(x):
    return x.to(torch.float32).to(torch.float64)


def numbers(x):
    return x.detach().flatten().tolist()


def weighted_mean(losses, weights):
    return (losses * weights).sum() / weights.sum()


def focal(logits, y, gamma):
    log_p = F.log_softmax(logits, 1).gather(1, y[:, None])[:, 0]
    return -((1 - log_p.exp()) ** gamma) * log_p


def pinball(outputs, y, quantiles):
    q = torch.tensor(quantiles)
    e = y[:, None] - outputs
    return torch.maximum(q * e, (q - 1) * e).mean(1)


def loss_cases():
    batch, classes = 9, 4
    y = torch.randint(classes, (batch,))
    targets = rounded(torch.randn(batch))
    windows = rounded(torch.rand(batch) + 0.2)
    class_weights = [0.5, 2.0, 1.25, 3.0]
    adjust = [-0.5, -2.0, -1.25, -0.75]
    quantiles = [0.125, 0.25, 0.5, 0.875]
    ce = lambda z: F.cross_entropy(z, y, reduction="none")
    by_class = torch.tensor(class_weights)[y]
    ones = torch.ones(batch)
    specs = [
        ({"kind": "cross-entropy"}, ce, ones),
        ({"kind": "cross-entropy", "weights": class_weights}, ce, by_class),
        ({"kind": "cross-entropy", "adjust": adjust}, lambda z: ce(z + torch.tensor(adjust)), ones),
        ({"kind": "focal", "gamma": 2}, lambda z: focal(z, y, 2), ones),
        ({"kind": "focal", "gamma": 0.5, "weights": class_weights}, lambda z: focal(z, y, 0.5), by_class),
        ({"kind": "brier"}, lambda z: ((F.softmax(z, 1) - F.one_hot(y, classes)) ** 2).sum(1), ones),
        ({"kind": "quantile", "quantiles": quantiles}, lambda z: pinball(z, targets, quantiles), ones),
    ]
    for spec, loss_of, by_class in specs:
        for scale in (1, 12):
            for weights in (None, windows):
                z = rounded(scale * torch.randn(batch, classes)).requires_grad_()
                factor = by_class if weights is None else by_class * weights
                loss = weighted_mean(loss_of(z), factor)
                loss.backward()
                yield {
                    "spec": spec,
                    "batch": batch,
                    "outputs": classes,
                    "logits": numbers(z),
                    "y": numbers(targets) if spec["kind"] == "quantile" else y.tolist(),
                    "weights": None if weights is None else numbers(weights),
                    "loss": loss.item(),
                    "gradient": numbers(z.grad),
                }


def training_cases():
    """A linear net of 3 classes; the last batch of every round of three has 4 windows instead of 6."""
    features, classes, counts = 5, 3, [6, 6, 4]
    w0, b0 = rounded(torch.randn(features, classes)), rounded(torch.randn(classes))
    batches = [(rounded(torch.randn(n, features)), torch.randint(classes, (n,))) for n in counts]
    cases = [
        ({"optimiser": {"kind": "sgd"}}, 0.1),
        ({"optimiser": {"kind": "sgd", "momentum": 0.9}}, 0.05),
        ({"optimiser": {"kind": "adam"}}, 0.02),
        ({"optimiser": {"kind": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6}, "clipNorm": 0.3}, 0.02),
        ({"optimiser": {"kind": "adamw", "decay": 0.1}}, 0.02),
        ({"optimiser": {"kind": "adamw", "decay": 0.1}, "ema": 0.6}, 0.02),
        ({"optimiser": {"kind": "sgd"}, "maxNorm": 1.5}, 0.1),
    ]
    for spec, rate in cases:
        w, b = w0.clone().requires_grad_(), b0.clone().requires_grad_()
        options = spec["optimiser"]
        betas = (options.get("beta1", 0.9), options.get("beta2", 0.999))
        epsilon = options.get("epsilon", 1e-8)
        if options["kind"] == "sgd":
            optimiser = torch.optim.SGD([w, b], lr=rate, momentum=options.get("momentum", 0))
        elif options["kind"] == "adam":
            optimiser = torch.optim.Adam([w, b], lr=rate, betas=betas, eps=epsilon)
        else:
            groups = [{"params": [w], "weight_decay": options["decay"]}, {"params": [b], "weight_decay": 0.0}]
            optimiser = torch.optim.AdamW(groups, lr=rate, betas=betas, eps=epsilon)
        average = torch.cat([w0.flatten(), b0])
        seen = []
        for step in range(30):
            x, y = batches[step % 3]
            loss = F.cross_entropy(x @ w + b, y)
            optimiser.zero_grad()
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_([w, b], spec.get("clipNorm", math.inf))
            optimiser.step()
            if "maxNorm" in spec:
                with torch.no_grad():
                    w.mul_(spec["maxNorm"] / w.norm(dim=0).clamp(min=spec["maxNorm"]))
            flat = torch.cat([w.detach().flatten(), b.detach()])
            keep = min(spec.get("ema", 0), (2 + step) / (11 + step))
            average = keep * average + (1 - keep) * flat
            if step in (0, 1, 2, 9, 29):
                seen.append(
                    {"step": step, "loss": loss.item(), "norm": norm.item(), "weights": numbers(average if "ema" in spec else flat)}
                )
        yield {"spec": spec, "rate": rate, "seen": seen}, (w0, b0, batches)


def main():
    trained = list(training_cases())
    w0, b0, batches = trained[0][1]
    data = {
        "made": f"scripts/nn_reference_training.py, PyTorch {torch.__version__}, float64",
        "losses": list(loss_cases()),
        "training": {
            "features": w0.shape[0],
            "classes": w0.shape[1],
            "weights": numbers(w0) + numbers(b0),
            "batches": [{"x": numbers(x), "y": y.tolist()} for x, y in batches],
            "cases": [case for case, _ in trained],
        },
    }
    path = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "nn" / "training.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
