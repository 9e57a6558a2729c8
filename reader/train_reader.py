"""Trains the reader. `python3 reader/train_reader.py --steps 8000 --cool 2000` draws what it needs (training.py)."""

import training  # first: it says how many threads there are

import numpy as np
import torch
from torch.nn import functional as F

import crops
import faces
import nets

FRESH, BATCH, POOL, CHUNK = 32, 64, 48_000, 32


def make(rng):
    known = faces.Faces(rng, strokes=320)

    def draw(r):
        level = r.random() ** 1.2
        if r.random() < 0.12:
            return crops.no_plate(r, known, level), [0] * 13, np.zeros((4, 2)), (np.zeros((11, 2, 2)), np.zeros(11))
        picture, text, colour, corners, places = crops.crop(r, known, level)
        return picture, text.slots() + [crops.plates.COLOURS.index(colour), 1], corners, text.places(places)

    return draw


def prepare(picture, label, corners, places):
    where, there = places
    return picture, (np.array(label), np.float32(corners).reshape(8), np.float32(where), np.float32(there))


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
    loss = loss + 4 * F.smooth_l1_loss(where[is_plate], corners[is_plate], beta=0.05)
    with torch.no_grad():
        right = (word.argmax(1) == labels[:, 0]) & (syllable.argmax(1) == labels[:, 1]) & (digits.argmax(2) == labels[:, 2:11]).all(1)
        whole = right[is_plate].float().mean().item()
    return loss, {"loss": loss.item(), "whole": whole}


def main():
    a = training.arguments(1, "reader/state/reader.pt")
    training.train(a, nets.Reader(), make, prepare, losses, training.Pool(POOL, crops.H, crops.W), FRESH, BATCH, CHUNK)


if __name__ == "__main__":
    main()
