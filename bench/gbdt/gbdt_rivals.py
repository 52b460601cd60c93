"""Gradient-boosted trees of LightGBM and scikit-learn on rows that bench/gbdt/gbdt.bench.ts wrote.

usage: gbdt_rivals.py FOLDER TRAIN_ROWS WIDTH ROUNDS

Reads x.bin (float32, row-major) and y.bin (int32), little-endian; the rows behind TRAIN_ROWS are held out. Prints one line of JSON: of
each rival its version, seconds to learn (binning included) and log-loss on the held-out rows.
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "2"
# Threads that wait by spinning take several times as long where other work has the cores: the rivals are given their better case.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier


def log_loss(probabilities, labels):
    return float(-np.mean(np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-9))))


def main():
    folder, rows, width, rounds = sys.argv[1], *map(int, sys.argv[2:5])
    x = np.fromfile(os.path.join(folder, "x.bin"), dtype="<f4").reshape(-1, width)
    y = np.fromfile(os.path.join(folder, "y.bin"), dtype="<i4")
    train, held = slice(0, rows), slice(rows, None)
    out = []

    begun = time.perf_counter()
    data = lightgbm.Dataset(x[train], y[train], params={"max_bin": 255, "verbose": -1})
    parameters = {
        "objective": "multiclass",
        "num_class": 3,
        "num_leaves": 31,
        "learning_rate": 0.1,
        "min_data_in_leaf": 20,
        "num_threads": 2,
        "verbose": -1,
    }
    model = lightgbm.train(parameters, data, rounds)
    seconds = time.perf_counter() - begun
    loss = log_loss(model.predict(x[held]), y[held])
    out.append({"rival": f"lightgbm@{lightgbm.__version__}", "seconds": seconds, "loss": loss})

    begun = time.perf_counter()
    model = HistGradientBoostingClassifier(
        max_iter=rounds, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20, early_stopping=False
    ).fit(x[train], y[train])
    seconds = time.perf_counter() - begun
    loss = log_loss(model.predict_proba(x[held]), y[held])
    out.append({"rival": f"scikit-learn@{sklearn.__version__}", "seconds": seconds, "loss": loss})
    print(json.dumps(out))


main()
