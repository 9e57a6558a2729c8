"""The loop that trains a net on what a feed draws, and what its command line understands.

The rate rises, stays, and falls to nothing over the last `--cool` steps (or minutes); `--resume` goes on from a file of
state, which is written every 250 steps.
"""

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch

import feed
import nets


class Pool:
    """The latest pictures that were drawn, of which each step looks at some."""

    def __init__(self, size, h, w):
        self.pictures, self.labels = np.zeros((size, h, w, 3), np.uint8), [None] * size
        self.at = self.filled = 0

    def add(self, picture, labels):
        self.pictures[self.at], self.labels[self.at] = picture, labels
        self.at, self.filled = (self.at + 1) % len(self.labels), min(self.filled + 1, len(self.labels))

    def batch(self, rng, count):
        """Pictures, RGB from 0 to 1, and each part of their labels in one tensor."""
        pick = rng.integers(0, self.filled, count)
        x = torch.from_numpy(self.pictures[pick][..., ::-1].copy()).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        return x.float() / 255, [torch.from_numpy(np.stack(parts)) for parts in zip(*(self.labels[k] for k in pick))]


def arguments(seed, out):
    a = argparse.ArgumentParser()
    a.add_argument("--steps", type=int, default=9000)
    a.add_argument("--cool", type=int, default=2000)
    a.add_argument("--rate", type=float, default=2.5e-3)
    a.add_argument("--seed", type=int, default=seed)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--processes", type=int, default=1)
    a.add_argument("--minutes", type=float, nargs=2, metavar=("ALL", "COOL"), help="end by the clock instead of by steps")
    a.add_argument("--resume")
    a.add_argument("--grow", action="store_true", help="the state is of a net with fewer blocks")
    a.add_argument("--out", default=out)
    a = a.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    return a


def resume(a, net, average, optimiser):
    state = torch.load(a.resume)
    if not a.grow:
        net.load_state_dict(state["net"])
        average.state = state["average"]
        optimiser.load_state_dict(state["optimiser"])
        return average
    # Blocks that the state does not know begin near nothing.
    for name in net.load_state_dict(state["net"], strict=False).missing_keys:
        if name.endswith(".1.weight"):
            torch.nn.init.constant_(net.get_parameter(name), 0.1)
    return nets.Average(net)


def train(a, net, make, prepare, losses, pool, fresh, batch, chunk):
    """`make` is a feed's; `prepare` makes of what it draws (picture, labels); `losses` of answers and labels the loss and
    what is told of it, by name. Each step draws at least `fresh` pictures and looks at `batch` of the pool."""
    supply = feed.Feed(make, a.seed, a.processes, chunk, 2)
    net = net.to(memory_format=torch.channels_last)
    average = nets.Average(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=a.rate, weight_decay=0.02)
    if a.resume:
        average = resume(a, net, average, optimiser)
    rng = np.random.default_rng([a.seed, 5])
    began, heard = time.time(), []
    os.makedirs(os.path.dirname(a.out), exist_ok=True)
    for step in range(a.steps):
        taken = 0
        while taken < fresh or pool.filled < 45 * batch:
            for sample in supply.next():
                pool.add(*prepare(*sample))
                taken += 1
        x, labels = pool.batch(rng, batch)
        left = (a.steps - step) / max(a.cool, 1)
        if a.minutes:
            left = (a.minutes[0] - (time.time() - began) / 60) / a.minutes[1]
        rate = a.rate * min(1, (step + 1) / (30 if a.resume else 200)) * min(1, max(left, 0.001))
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = net(x)
        loss, told = losses(out, *labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if torch.isfinite(torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)):
            optimiser.step()
            average.update(net)
            heard.append(told)
        else:
            print("a step without a finite gradient was left out", told, flush=True)
        if step % 100 == 99 and heard:
            means = " ".join(f"{name} {np.mean([one[name] for one in heard]):.3f}" for name in heard[0])
            print(f"{step + 1} {means} rate {rate:.5f} {time.time() - began:.0f} s", flush=True)
            heard = []
        last = step + 1 == a.steps or (a.minutes is not None and left <= 0)
        if step % 250 == 249 or last:
            torch.save({"net": net.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(), "step": step + 1}, a.out + ".tmp")
            os.replace(a.out + ".tmp", a.out)
        if last:
            break
