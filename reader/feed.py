"""Draws samples in processes of their own. What is drawn, and in which order it comes, follows from the seed alone."""

import multiprocessing as mp
import os
from queue import Full

import numpy as np


def _draw(make, seed, share, of, chunk, queue, niceness):
    import cv2

    cv2.setNumThreads(1)
    os.nice(niceness)
    draw = make(np.random.default_rng([seed, share, 77]))
    at, parent = share, os.getppid()
    while os.getppid() == parent:
        rng = np.random.default_rng([seed, at])
        samples = [draw(rng) for _ in range(chunk)]
        while os.getppid() == parent:
            try:
                queue.put(samples, timeout=5)
                break
            except Full:
                pass
        at += of


class Feed:
    """Chunks of samples in order, from `processes` processes."""

    def __init__(self, make, seed, processes=1, chunk=32, niceness=0):
        context = mp.get_context("fork")
        self.queues = [context.Queue(6) for _ in range(processes)]
        self.at = 0
        for share, queue in enumerate(self.queues):
            context.Process(target=_draw, args=(make, seed, share, processes, chunk, queue, niceness), daemon=True).start()

    def next(self):
        samples = self.queues[self.at % len(self.queues)].get()
        self.at += 1
        return samples
