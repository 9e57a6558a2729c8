"""Trains the reader. `python3 reader/train_reader.py --steps 8000 --cool 2000` draws what it needs.

The rate rises, stays, and falls to nothing over the last `--cool` steps; `--resume` goes on from a file of state.
"""

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
from torch.nn import functional as F

import crops
import faces
import feed
import nets

FRESH, BATCH, POOL = 32, 64, 48_000


def make(rng):
    known = faces.Faces(rng, strokes=320)

    def draw(r):
        level = r.random() ** 1.2
        if r.random() < 0.12:
            return crops.no_plate(r, known, level), [0] * 13, np.zeros((4, 2)), (0, 0)
        picture, text, colour, corners, places = crops.crop(r, known, level)
        return picture, text.slots() + [crops.plates.COLOURS.index(colour), 1], corners, text.places(places)

    return draw


def losses(out, labels, corners, places, there):
    word, syllable, digits, plate, colour, where, looked = (o.float() for o in out)
    is_plate = labels[:, 12] == 1
    labels_p = labels[is_plate]
    loss = F.cross_entropy(word[is_plate], labels_p[:, 0]) + 1.5 * F.cross_entropy(syllable[is_plate], labels_p[:, 1])
    loss = loss + 9 * F.cross_entropy(digits[is_plate].reshape(-1, nets.DIGITS), labels_p[:, 2:11].reshape(-1))
    loss = loss + 0.3 * F.cross_entropy(colour[is_plate], labels_p[:, 11])
    loss = loss + F.binary_cross_entropy_with_logits(plate[:, 0], is_plate.float())
    # Where to look is known for drawn plates, so it is taught: learning it from the text alone takes ten times as long.
    grid = torch.stack(torch.meshgrid((torch.arange(7) + 0.5) / 7, (torch.arange(20) + 0.5) / 20, indexing="ij"), 2).reshape(140, 2).flip(1)
    distance = (grid - places[:, :, :, None]) / torch.tensor([0.035, 0.12])
    target = torch.softmax(-distance.square().sum(4) / 2, 3)
    look = -(target * torch.log(looked.reshape(target.shape) + 1e-6)).sum(3).mean(2)
    loss = loss + (look * there).sum() / there.sum().clamp(min=1) * 1.0
    return loss + 4 * F.smooth_l1_loss(where[is_plate], corners[is_plate], beta=0.05)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--steps", type=int, default=9000)
    a.add_argument("--cool", type=int, default=2000)
    a.add_argument("--rate", type=float, default=2.5e-3)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--processes", type=int, default=1)
    a.add_argument("--minutes", type=float, nargs=2, metavar=("ALL", "COOL"), help="end by the clock instead of by steps")
    a.add_argument("--resume")
    a.add_argument("--grow", action="store_true", help="the state is of a smaller net")
    a.add_argument("--out", default="reader/state/reader.pt")
    a = a.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    supply = feed.Feed(make, a.seed, a.processes, 32, 2)
    net = nets.Reader().to(memory_format=torch.channels_last)
    average = nets.Average(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=a.rate, weight_decay=0.02)
    if a.resume:
        state = torch.load(a.resume)
        if a.grow:
            # Blocks that the state does not know begin near nothing.
            missing = net.load_state_dict(state["net"], strict=False).missing_keys
            for name in missing:
                if name.endswith(".1.weight"):
                    torch.nn.init.constant_(net.get_parameter(name), 0.1)
            average = nets.Average(net)
        else:
            net.load_state_dict(state["net"])
            average.state = state["average"]
            optimiser.load_state_dict(state["optimiser"])
    pool = np.zeros((POOL, crops.H, crops.W, 3), np.uint8)
    labels, corners = np.zeros((POOL, 13), np.int64), np.zeros((POOL, 8), np.float32)
    places, there = np.zeros((POOL, 11, 2, 2), np.float32), np.zeros((POOL, 11), np.float32)
    filled = at = 0
    rng = np.random.default_rng([a.seed, 5])
    began, heard = time.time(), []
    os.makedirs(os.path.dirname(a.out), exist_ok=True)
    for step in range(a.steps):
        taken = 0
        while taken < FRESH or filled < 3000:
            for picture, label, where, (places[at], there[at]) in supply.next():
                pool[at], labels[at], corners[at] = picture, label, where.reshape(8)
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
        loss = losses(out, *(torch.from_numpy(of[pick]) for of in (labels, corners, places, there)))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update(net)
        with torch.no_grad():
            y = torch.from_numpy(labels[pick])
            right = (out[0].argmax(1) == y[:, 0]) & (out[1].argmax(1) == y[:, 1]) & (out[2].argmax(2) == y[:, 2:11]).all(1)
            heard.append((loss.item(), right[y[:, 12] == 1].float().mean().item()))
        if step % 100 == 99:
            mean = np.mean(heard[-100:], 0)
            print(f"{step + 1} loss {mean[0]:.3f} whole {mean[1]:.3f} rate {rate:.5f} {time.time() - began:.0f} s", flush=True)
        last = step + 1 == a.steps or a.minutes is not None and left <= 0
        if step % 250 == 249 or last:
            torch.save({"net": net.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(), "step": step + 1}, a.out + ".tmp")
            os.replace(a.out + ".tmp", a.out)
        if last:
            break


if __name__ == "__main__":
    main()
