"""Draws a set that is measured: pictures and labels.csv in a folder, as `jari evaluate` takes them.

`python3 reader/draw_set.py KIND COUNT FOLDER [--share test|calibration] [--seed N]`, where KIND is

- mild: crops, plates 110 to 260 pixels wide, little distortion
- hard: crops, plates 75 to 170 pixels wide, much of it
- scenes: 1280 x 720 with one plate or two, 80 to 420 pixels wide
- empty: 1280 x 720 without a plate
"""

import argparse
import os

import cv2
import numpy as np

import crops
import faces
import held_out
import photo
import scenes


def after(rng, level, chance, share):
    """Distortions that training never saw; the set for calibration does without."""
    if share != "test" or rng.random() > chance:
        return ()
    name = held_out.DISTORTIONS[rng.integers(len(held_out.DISTORTIONS))]
    return (photo.HELD_OUT[name],)


def draw(rng, known, kind, share):
    """(picture, texts)."""
    if kind in ("mild", "hard"):
        hard = kind == "hard"
        level = rng.uniform(0.35, 0.75) if hard else rng.uniform(0, 0.25)
        width = rng.uniform(75, 170) if hard else rng.uniform(110, 260)
        picture, text, *_ = crops.crop(rng, known, level, width=width, after=after(rng, level, 0.7 if hard else 0.3, share), whole=True)
        return picture, [str(text)]
    level = rng.uniform(0, 0.5)
    wanted = 0 if kind == "empty" else int(rng.choice([1, 1, 1, 2]))
    while True:
        picture, found, _ = scenes.scene(rng, known, 720, 1280, 1.0, level, wanted, 80, after=after(rng, level, 0.3, share))
        if len(found) == wanted:
            return picture, [str(text) for text, _, _ in found]


def main():
    a = argparse.ArgumentParser()
    a.add_argument("kind", choices=["mild", "hard", "scenes", "empty"])
    a.add_argument("count", type=int)
    a.add_argument("folder")
    a.add_argument("--share", default="test", choices=["test", "calibration", "train"])
    a.add_argument("--seed", type=int, default=1)
    a = a.parse_args()
    cv2.setNumThreads(1)
    os.makedirs(a.folder, exist_ok=True)
    seed = held_out.SEED + a.seed
    known = faces.Faces(np.random.default_rng([seed, 99]), a.share, 40)
    with open(os.path.join(a.folder, "labels.csv"), "w") as labels:
        for at in range(a.count):
            picture, texts = draw(np.random.default_rng([seed, at]), known, a.kind, a.share)
            name = f"{at:05}." + ("png" if a.kind in ("mild", "hard") else "jpg")
            cv2.imwrite(os.path.join(a.folder, name), picture)
            labels.writelines(f"{name},{text}\n" for text in texts or [""])


if __name__ == "__main__":
    main()
