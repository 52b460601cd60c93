"""Reference values of the scores in src/evaluate, by scikit-learn, NumPy and SciPy.

    .venv/bin/python scripts/metrics_reference.py

writes test/fixtures/metrics/reference.json. Probabilities are multiples of 1/64, so that they are exact and many are equal. SciPy, which
scikit-learn needs anyway, gives the distribution functions. The Diebold-Mariano statistic is written down here once more, from the papers, in
NumPy.
"""

import json
import pathlib
import warnings

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn import metrics

OUT = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "metrics" / "reference.json"
rng = np.random.default_rng(20120621)


def distributions(n, classes, grain=64):
    """Rows of multiples of 1/grain, each at least 1/grain, together 1."""
    cuts = np.array([np.sort(rng.choice(np.arange(1, grain), classes - 1, replace=False)) for _ in range(n)])
    edges = np.hstack([np.zeros((n, 1), int), cuts, np.full((n, 1), grain)])
    return np.diff(edges, axis=1) / grain


def case(name, probabilities, labels):
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    every = list(range(classes))
    onehot = np.eye(classes)[labels]
    return {
        "name": name,
        "classes": classes,
        "labels": labels.tolist(),
        "probabilities": probabilities.reshape(-1).tolist(),
        "logLoss": metrics.log_loss(labels, probabilities, labels=every),
        "brier": float(sum(((probabilities - onehot) ** 2).sum(axis=1)) / len(labels)),
        "brierPerClass": [metrics.brier_score_loss(labels == k, probabilities[:, k]) for k in every],
        "mcc": metrics.matthews_corrcoef(labels, predicted),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "balancedAccuracy": metrics.balanced_accuracy_score(labels, predicted),
        "macroF1": metrics.f1_score(labels, predicted, average="macro"),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=every).tolist(),
        "precision": metrics.precision_score(labels, predicted, average=None, labels=every).tolist(),
        "recall": metrics.recall_score(labels, predicted, average=None, labels=every).tolist(),
        "f1": metrics.f1_score(labels, predicted, average=None, labels=every).tolist(),
        "rocAuc": [metrics.roc_auc_score(labels == k, probabilities[:, k]) for k in every],
        "prAuc": [metrics.average_precision_score(labels == k, probabilities[:, k]) for k in every],
    }


def cases():
    skilful = distributions(200, 3)
    drawn = np.array([rng.choice(3, p=row) for row in skilful])
    binary = distributions(80, 2, 16)
    four = distributions(120, 4)
    return [
        case("three classes, labels from the forecasts", skilful, drawn),
        case("two classes, many equal probabilities", binary, rng.integers(0, 2, 80)),
        case("four classes without skill", four, rng.integers(0, 4, 120)),
        case("a constant forecast", np.tile([0.25, 0.5, 0.25], (60, 1)), rng.integers(0, 3, 60)),
    ]


def diebold_mariano(own, other, horizon, lag):
    """Diebold and Mariano (1995), Bartlett's weights, correction of Harvey, Leybourne and Newbold (1997)."""
    d = other - own
    n = len(d)
    centred = d - d.mean()
    gamma = [np.dot(centred[k:], centred[: n - k]) / n for k in range(lag + 1)]
    variance = gamma[0] + 2 * sum((1 - k / (lag + 1)) * gamma[k] for k in range(1, lag + 1))
    plain = d.mean() / np.sqrt(variance / n)
    statistic = plain * np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return {
        "own": own.tolist(),
        "other": other.tolist(),
        "horizon": horizon,
        "lag": lag,
        "variance": variance,
        "statistic": statistic,
        "pValue": 2 * scipy.stats.t.sf(abs(statistic), n - 1),
    }


def tests():
    out = []
    for n, horizon, lag, shift in [(60, 1, 0, 0.2), (60, 1, 1, 0.0), (150, 5, 5, 0.3), (90, 10, 9, 0.1)]:
        noise = np.convolve(rng.normal(size=n + horizon), np.ones(horizon), "valid")[:n]
        own = np.round(1 + 0.1 * rng.normal(size=n), 6)
        out.append(diebold_mariano(own, np.round(own + shift + noise, 6), horizon, lag))
    return out


def functions():
    z = [-38.0, -12.5, -8.2, -6.1, -5.9, -3.0, -1.0, -0.01, 0.0, 0.3, 1.959964, 4.4, 6.5, 9.0]
    t = [(-40.0, 3), (-2.5, 1), (-1.0, 4.5), (0.0, 7), (0.7, 2), (2.1, 30), (3.3, 1000), (5.5, 41599)]
    p = [1e-12, 1e-5, 0.01, 0.02425, 0.1, 0.5, 0.77, 0.975, 0.999999]
    k = [0.3, 0.5, 0.9, 1.36, 2.0, 3.0]
    return {
        "normalCdf": [[x, scipy.stats.norm.cdf(x)] for x in z],
        "normalQuantile": [[x, scipy.stats.norm.ppf(x)] for x in p],
        "studentCdf": [[x, freedom, scipy.stats.t.cdf(x, freedom)] for x, freedom in t],
        "studentTwoSided": [[x, freedom, 2 * scipy.stats.t.sf(abs(x), freedom)] for x, freedom in t],
        "kolmogorovTail": [[x, scipy.stats.kstwobign.sf(x)] for x in k],
    }


def main():
    warnings.simplefilter("ignore")
    source = f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    whole = {"source": source, "cases": cases(), "dieboldMariano": tests(), "functions": functions()}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(whole) + "\n")


main()
