"""Trains the locator, as train_reader.py does the reader."""

import training  # first: it says how many threads there are

import cv2
import numpy as np
import torch
from torch.nn import functional as F

import faces
import nets
import scenes

W, H = 416, 256
FRESH, BATCH, POOL, CHUNK = 8, 16, 1_500, 8


def make(rng):
    known = faces.Faces(rng, strokes=120)

    def draw(r):
        picture, found, alike = scenes.scene(r, known, H, W, 0.5 * np.exp(r.uniform(-0.15, 0.25)), r.random() ** 1.3)
        return picture, ([np.float32(corners) for _, _, corners in found], [np.float32(corners) for corners in alike])

    return draw


def targets(found):
    """(heat, corners, weight, what counts) of one picture. Signs and empty holders count for nothing: whether it is a
    plate the reader says, who sees it larger."""
    found, alike = found
    h, w = H // 8, W // 8
    heat, where, weight = np.zeros((h, w), np.float32), np.zeros((8, h, w), np.float32), np.zeros((h, w), np.float32)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    counts = np.ones((h, w), np.float32)
    for corners in (corners for corners in alike if np.abs(corners).max() < 4 * W):
        cv2.fillConvexPoly(counts, np.round((corners / 8 - 0.5) * 16).astype(np.int32), 0.0, cv2.LINE_8, 4)
    for corners in found:
        middle = corners.mean(0) / 8 - 0.5
        size = (corners.max(0) - corners.min(0)) / 8
        sx, sy = max(size[0] * 0.12, 0.45), max(size[1] * 0.14, 0.45)
        bump = np.exp(-(((xx - middle[0]) / sx) ** 2 + ((yy - middle[1]) / sy) ** 2) / 2)
        x, y = int(np.clip(round(middle[0]), 0, w - 1)), int(np.clip(round(middle[1]), 0, h - 1))
        bump[y, x] = 1
        near = bump > np.maximum(heat, 0.3)
        heat = np.maximum(heat, bump)
        offsets = (corners[None, None] - np.stack([xx * 8 + 4, yy * 8 + 4], 2)[:, :, None]) / 32
        where[:, near] = offsets.reshape(h, w, 8)[near].T
        counts[bump > 0.05] = 1
        weight[near] = bump[near] * min(32 / max(size[1] * 8, 6), 4)
    return heat, where, weight, counts


def prepare(picture, corners):
    return picture, targets(corners)


def losses(out, heat, where, weight, counts):
    out = out.float()
    logit = out[:, 0]
    p = torch.sigmoid(logit)
    off = F.binary_cross_entropy_with_logits(logit, heat, reduction="none") * (heat - p).abs().square() * counts
    off = off.sum() / (heat.sum().clamp(min=8) / 3)
    corners = (F.smooth_l1_loss(out[:, 1:], where, beta=0.05, reduction="none").mean(1) * weight).sum() / weight.sum().clamp(min=1)
    return off + 4 * corners, {"heat": off.item(), "corners": 4 * corners.item()}


def main():
    a = training.arguments(2, "reader/state/locator.pt")
    training.train(a, nets.Locator(), make, prepare, losses, training.Pool(POOL, H, W), FRESH, BATCH, CHUNK)


if __name__ == "__main__":
    main()
