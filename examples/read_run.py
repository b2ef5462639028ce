"""Reads a run in Python: its settings, its metrics and its latest machine, with NumPy and the safetensors package."""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

run = Path(sys.argv[1])
metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
latest = sorted((run / "checkpoints").glob("*.safetensors"))[-1]
machine = load_file(latest)
J, b, x = machine["couplings"], machine["bias"], machine["chains"]

# E(x) = |v|^2 / 2 with v = J tanh(x) + b - x: the energy that the chains of the training have.
v = np.tanh(x) @ J.T + b - x
energy = 0.5 * (v**2).sum(axis=1)
print(f"{run.name}: {len(metrics)} rows of metrics, the last of update {metrics[-1]['update']}")
print(f"J {J.shape}, b {b.shape}, {len(x)} chains with a mean energy of {energy.mean():.3f}")
print(f"asymmetry |J - J^T| / |J + J^T| = {np.linalg.norm(J - J.T) / np.linalg.norm(J + J.T):.3f}")
