"""Fits what a confidence means, on faces that neither training nor the figures use, and writes reader.json.

`python3 reader/calibrate.py JARI FOLDER_OF_MODELS [FOLDER_OF_SETS]`: the program reads drawn crops with the models of the folder and a
neutral reader.json; a slope and an offset are then fitted to how often it was right.
"""

import json
import math
import os
import subprocess
import sys

import numpy as np

import evaluate


def fit(said, right):
    """Slope and offset of the logit, by Newton's method on the likelihood."""
    x = np.log(said / (1 - said))
    a, b = 1.0, 0.0
    for _ in range(60):
        p = 1 / (1 + np.exp(-(a * x + b)))
        w = p * (1 - p) + 1e-9
        gradient = np.array([((right - p) * x).sum() - 0.05 * (a - 1), (right - p).sum() - 0.05 * b])
        hessian = np.array([[(w * x * x).sum() + 0.05, (w * x).sum()], [(w * x).sum(), w.sum() + 0.05]])
        step = np.linalg.solve(hessian, gradient)
        a, b = a + step[0], b + step[1]
    return a, b


def main():
    jari, folder = sys.argv[1:3]
    sets = sys.argv[3] if len(sys.argv) > 3 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "sets")
    path = os.path.join(folder, "reader.json")
    with open(path, "w") as out:
        json.dump({"format": 1, "temperature": 1.0, "plate": [1.0, 0.0]}, out)
    os.environ["PLATE_MODEL_DIR"] = folder
    reads = []
    for kind, count in (("mild", 800), ("hard", 800)):
        told = evaluate.run(jari, kind, count, "calibration", sets, 7)
        reads += [read for file in told["files"] for read in file["reads"]]
    said = np.clip(np.array([read["confidence"] for read in reads]), 1e-6, 1 - 1e-6)
    right = np.array([float(read["right"]) for read in reads])
    a, b = fit(said, right)
    with open(path, "w") as out:
        json.dump({"format": 1, "temperature": 1.0, "plate": [round(a, 4), round(b, 4)]}, out)
        out.write("\n")
    print(f"slope {a:.3f}, offset {b:.3f}, from {len(reads)} reads, of which {right.mean():.4f} right")


if __name__ == "__main__":
    main()
