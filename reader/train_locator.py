"""Trains the locator, as train_reader.py does the reader."""

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
from torch.nn import functional as F

import faces
import feed
import nets
import scenes

W, H = 416, 256
FRESH, BATCH, POOL = 8, 16, 1_500


def make(rng):
    known = faces.Faces(rng, strokes=120)

    def draw(r):
        picture, found, alike = scenes.scene(r, known, H, W, 0.5 * np.exp(r.uniform(-0.15, 0.25)), r.random() ** 1.3)
        return picture, ([np.float32(corners) for _, _, corners in found], [np.float32(corners) for corners in alike])

    return draw


def targets(found):
    """(heat, corners, weight, what counts) of one picture. Signs and empty holders count for nothing: whether it is a
    plate the reader says, who sees it larger."""
    import cv2

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


def losses(out, heat, where, weight, counts):
    out = out.float()
    logit = out[:, 0]
    p = torch.sigmoid(logit)
    off = F.binary_cross_entropy_with_logits(logit, heat, reduction="none") * (heat - p).abs().square() * counts
    count = heat.sum().clamp(min=8) / 3
    corners = (F.smooth_l1_loss(out[:, 1:], where, beta=0.05, reduction="none").mean(1) * weight).sum() / weight.sum().clamp(min=1)
    return off.sum() / count, corners * 4


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--steps", type=int, default=9000)
    a.add_argument("--cool", type=int, default=2000)
    a.add_argument("--rate", type=float, default=2.5e-3)
    a.add_argument("--seed", type=int, default=2)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--processes", type=int, default=1)
    a.add_argument("--minutes", type=float, nargs=2, metavar=("ALL", "COOL"), help="end by the clock instead of by steps")
    a.add_argument("--resume")
    a.add_argument("--out", default="reader/state/locator.pt")
    a = a.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    supply = feed.Feed(make, a.seed, a.processes, 8, 2)
    net = nets.Locator().to(memory_format=torch.channels_last)
    average = nets.Average(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=a.rate, weight_decay=0.02)
    if a.resume:
        state = torch.load(a.resume)
        net.load_state_dict(state["net"])
        average.state = state["average"]
        optimiser.load_state_dict(state["optimiser"])
    pool, found = np.zeros((POOL, H, W, 3), np.uint8), [None] * POOL
    filled = at = 0
    rng = np.random.default_rng([a.seed, 5])
    began, heard = time.time(), []
    os.makedirs(os.path.dirname(a.out), exist_ok=True)
    for step in range(a.steps):
        taken = 0
        while taken < FRESH or filled < 100:
            for picture, corners in supply.next():
                pool[at], found[at] = picture, targets(corners)
                at, filled, taken = (at + 1) % POOL, min(filled + 1, POOL), taken + 1
        pick = rng.integers(0, filled, BATCH)
        x = torch.from_numpy(pool[pick][..., ::-1].copy()).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last).float() / 255
        left = (a.steps - step) / max(a.cool, 1)
        if a.minutes:
            left = (a.minutes[0] - (time.time() - began) / 60) / a.minutes[1]
        rate = a.rate * min(1, (step + 1) / (30 if a.resume else 200)) * min(1, max(left, 0.001))
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = net(x)
        heat, corners = losses(out, *(torch.from_numpy(np.stack(parts)) for parts in zip(*(found[k] for k in pick))))
        optimiser.zero_grad(set_to_none=True)
        (heat + corners).backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        if not torch.isfinite(norm):
            print("a step without a finite gradient was left out", heat.item(), corners.item(), flush=True)
            continue
        optimiser.step()
        average.update(net)
        heard.append((heat.item(), corners.item()))
        if step % 50 == 49 and heard:
            mean = np.mean(heard[-50:], 0)
            print(f"{step + 1} heat {mean[0]:.3f} corners {mean[1]:.3f} rate {rate:.5f} {time.time() - began:.0f} s", flush=True)
        last = step + 1 == a.steps or a.minutes is not None and left <= 0
        if step % 250 == 249 or last:
            torch.save({"net": net.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(), "step": step + 1}, a.out + ".tmp")
            os.replace(a.out + ".tmp", a.out)
        if last:
            break


if __name__ == "__main__":
    main()
