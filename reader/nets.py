"""The two nets. Plain operators only: what is exported is ONNX opset 13 and runs in rten."""

import torch
from torch import nn
from torch.nn import functional as F

import plates

WORDS, SYLLABLES, DIGITS, COLOURS = len(plates.WORDS) + 1, len(plates.SYLLABLES) + 1, 11, len(plates.COLOURS)
SLOTS = 2 + plates.DIGIT_SLOTS
HEADS = 2


def block(i, o, stride=1, groups=1, kernel=3):
    return nn.Sequential(nn.Conv2d(i, o, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Mixer(nn.Module):
    """Lets every place of the picture know of every other: which character is the third."""

    def __init__(self, places, channels):
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        self.across = nn.Linear(places, places)
        self.norm2 = nn.BatchNorm1d(channels)
        self.up, self.down = nn.Conv1d(channels, channels, 1), nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        x = x + F.relu(self.across(self.norm(x)))
        return x + self.down(F.relu(self.up(self.norm2(x))))


class Reader(nn.Module):
    """A crop (N, 3, 56, 160), RGB from 0 to 1, to the slots of plates.py. All outputs are logits but the
    corners, and where it looked for each slot, which training alone needs."""

    def __init__(self, c=112):
        super().__init__()
        self.c = c
        self.lay = self.cut = nn.Identity()  # export.py lays pictures out in its own way between them
        self.c1, self.c2 = block(3, 40, 2, kernel=5), block(40, 64, 2)
        self.c4, self.c5, self.c6 = block(64, 64), block(64, c, 2), block(c, c)
        self.c7, self.c8 = block(c, c), block(c, c)
        self.mix = nn.Sequential(Mixer(140, c), Mixer(140, c))
        self.where = nn.Conv1d(c, SLOTS * HEADS, 1)
        self.word, self.syllable, self.digit = nn.Linear(HEADS * c, WORDS), nn.Linear(HEADS * c, SYLLABLES), nn.Linear(HEADS * c, DIGITS)
        self.plate, self.colour = nn.Linear(c, 1), nn.Linear(c, COLOURS)
        self.near, self.corner = nn.Conv1d(c, 8, 1), nn.Linear(8 * 140, 8)

    def forward(self, x):
        x = self.c2(self.c1(self.lay((x - 0.45) * 4.0)))
        x = self.c5(x + self.c4(x))
        for part in (self.c6, self.c7, self.c8):
            x = x + part(x)
        values = self.cut(x).reshape(-1, self.c, 140)
        mixed = self.mix(values)
        where = torch.softmax(self.where(mixed), 2)
        seen = torch.matmul(where, values.transpose(1, 2)).reshape(-1, SLOTS, HEADS * self.c)
        whole = mixed.mean(2)
        corners = self.corner(F.relu(self.near(mixed)).reshape(-1, 8 * 140))
        return self.word(seen[:, 0]), self.syllable(seen[:, 1]), self.digit(seen[:, 2:]), self.plate(whole), self.colour(values.mean(2)), corners, where


class Locator(nn.Module):
    """A picture (N, 3, h, w), RGB from 0 to 1, sides multiples of 8, to (N, 9, h/8, w/8): how surely the middle of a
    plate lies in a cell (a logit), and where its corners are from the middle of the cell, in units of 32 pixels."""

    def __init__(self):
        super().__init__()
        self.lay = self.cut = nn.Identity()  # as in Reader
        self.stem = nn.Sequential(block(3, 12, 2), block(12, 28, 2), block(28, 28), block(28, 56, 2))
        self.body = nn.ModuleList(self.deep(56, d) for d in (1, 2, 4, 1, 2, 4, 1))
        self.heat = nn.Sequential(block(56, 32), nn.Conv2d(32, 1, 1))
        self.corners = nn.Sequential(block(56, 40), nn.Conv2d(40, 8, 1))
        nn.init.constant_(self.heat[1].bias, -4.0)

    @staticmethod
    def deep(c, dilation):
        return nn.Sequential(
            nn.Conv2d(c, c, 3, 1, dilation, dilation, groups=c, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 3, 1, 1, groups=c, bias=False), nn.BatchNorm2d(c),
            nn.Conv2d(c, c, 1),
        )  # fmt: skip

    def trunk(self, x):
        x = self.cut(self.stem(self.lay((x - 0.45) * 4.0)))
        for part in self.body:
            x = F.relu(x + part(x))
        return x

    def forward(self, x):
        x = self.trunk(x)
        return torch.cat([self.heat(x), self.corners(x)], 1)


class Average:
    """An exponential moving average of weights: what is kept in the end."""

    def __init__(self, net, keep=0.998):
        self.keep, self.state = keep, {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net):
        for k, v in net.state_dict().items():
            if v.is_floating_point():
                self.state[k].lerp_(v, 1 - self.keep)
            else:
                self.state[k].copy_(v)
