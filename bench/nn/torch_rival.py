"""PyTorch beside bookcast's nets: the same net, the same weights, the same batches. Reads one JSON command a line, answers with one line.

Commands: build (net, config, sizes, weights as a raw float32 file with names and shapes), train (steps), infer (runs). Layers are PyTorch's own
(nn.LSTM, nn.TransformerEncoderLayer's parts, nn.Linear), as its users would write them.
"""

import json
import math
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

from torch_nets import NETS

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)


def main():
    net = None
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "build":
            flat = np.fromfile(command["weights"], dtype=np.float32)
            weights = {}
            for spec in command["parameters"]:
                size = math.prod(spec["shape"])
                weights[spec["name"]] = flat[spec["offset"] : spec["offset"] + size].reshape(spec["shape"])
            net = NETS[command["net"]](command["config"], weights)
            steps, batch, features = command["steps"], command["batch"], command["features"]
            x = torch.from_numpy(np.fromfile(command["x"], dtype=np.float32).reshape(steps, batch, features))
            y = torch.from_numpy(np.fromfile(command["y"], dtype=np.int32).astype(np.int64))
            optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
            count = sum(p.numel() for p in net.parameters())
            answer = {"parameters": count, "loss": F.cross_entropy(net(x), y).item()}
        elif command["do"] == "train":
            times = []
            losses = []
            for _ in range(command["steps"]):
                begun = time.perf_counter_ns()
                optimiser.zero_grad()
                loss = F.cross_entropy(net(x), y)
                loss.backward()
                optimiser.step()
                losses.append(loss.item())
                times.append((time.perf_counter_ns() - begun) / 1e6)
            answer = {"ms": times, "losses": losses}
        elif command["do"] == "infer":
            net.eval()
            times = []
            with torch.inference_mode():
                for _ in range(command["runs"]):
                    begun = time.perf_counter_ns()
                    out = torch.softmax(net(x), -1)
                    times.append((time.perf_counter_ns() - begun) / 1e6)
            net.train()
            answer = {"ms": times, "first": out[0].tolist()}
        else:
            raise ValueError(f"no such command: {command['do']}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__, "blas": torch.__config__.show().split("BLAS_INFO=")[-1].split(",")[0]}), flush=True)
    main()
