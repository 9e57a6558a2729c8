"""Writes the nets as ONNX opset 13, batch norms folded in, and compares them with what was trained.

rten gathers what a convolution looks at number by number, which takes five times as long as the product that follows. So
convolutions are written as what they are: shifted copies of the picture, one beside the other, and one product.

`python3 reader/export.py reader|locator STATE FILE.onnx`
"""

import copy
import sys
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import nets


# Columns of zeros at the right of a picture, which every stride of 2 halves. They part one row from the next.
COLUMNS = 8


class Lay(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.columns = columns

    def forward(self, x):
        return F.pad(x, (0, self.columns))


class Cut(Lay):
    def forward(self, x):
        return x[:, :, :, : -self.columns]


class Shifted(nn.Module):
    """A block of nets.py for one picture: its convolution, batch norm folded in, as a product of matrices.

    The picture lies flat, row after row with zeros between them, so that what a place of the kernel sees is one run of
    numbers. At a stride of 2 each of the four phases of the picture lies flat."""

    def __init__(self, conv, norm, columns, fixed):
        super().__init__()
        self.fixed = fixed
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = (conv.weight * scale[:, None, None, None]).detach()
        self.stride, self.kernel, self.columns = conv.stride[0], conv.kernel_size[0], columns
        self.weight = nn.Parameter(weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1).contiguous())
        self.bias = nn.Parameter((norm.bias - norm.running_mean * scale).detach()[:, None])

    def forward(self, x):
        c, h, row = self.weight.shape[1] // self.kernel**2, x.shape[2], x.shape[3]
        if self.fixed:  # numbers instead of something to compute when the net runs
            h, row = int(h), int(row)
        if self.stride == 2:
            h, row = h // 2, row // 2
            x = x.reshape(c, h, 2, row, 2).permute(2, 4, 0, 1, 3)
        size, half = h * row, self.kernel // 2
        flat = F.pad(x.reshape(-1, size), (row + 1, row + 1))
        runs, offsets = [], range(-half, half + 1)
        for dy in offsets:
            first = (1 + dy // self.stride) * row
            last = first + size
            for dx in offsets:
                phase, at = (dy % 2 * 2 + dx % 2) * c if self.stride == 2 else 0, 1 + dx // self.stride
                runs.append(flat[phase : phase + c, first + at : last + at])
        out = F.relu(torch.matmul(self.weight, torch.cat(runs, 0)) + self.bias)
        kept = F.pad(torch.ones(h, row - self.columns), (0, self.columns))
        return out.reshape(1, -1, h, row) * kept


def shift(net, names, fixed):
    """Puts Shifted where a block of nets.py looks at more than one place and at all channels. `fixed` is whether all
    pictures are of one size."""
    net.lay, net.cut = Lay(COLUMNS), Cut(COLUMNS // 8)
    stride = 1
    for name in names:
        block = net.get_submodule(name)
        stride *= block[0].stride[0]
        net.set_submodule(name, Shifted(block[0], block[1], COLUMNS // stride, fixed))
    assert stride == 8


class OneHead(nn.Module):
    """The locator whose two heads look at the same in one go."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        (heat, norm, _), (corners, norm2, _) = net.heat[0], net.corners[0]
        both = nn.Conv2d(heat.in_channels, heat.out_channels + corners.out_channels, 3, padding=1, bias=False)
        both.weight = nn.Parameter(torch.cat([heat.weight, corners.weight]))
        norms = nn.BatchNorm2d(both.out_channels, norm.eps)
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(norms, name).data = torch.cat([getattr(norm, name).data, getattr(norm2, name).data])
        answers = nn.Conv2d(both.out_channels, 9, 1)
        nn.init.zeros_(answers.weight)
        answers.weight.data[:1, : heat.out_channels] = net.heat[1].weight.data
        answers.weight.data[1:, heat.out_channels :] = net.corners[1].weight.data
        answers.bias.data = torch.cat([net.heat[1].bias.data, net.corners[1].bias.data])
        self.heads = nn.Sequential(Lay(1), Shifted(both, norms, 1, False), Cut(1), answers)

    def forward(self, x):
        return self.heads(self.net.trunk(x))


class OnlyAnswers(nn.Module):
    """The reader without what training alone needs."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)[:6]


def shorten(path):
    """Gives the values within short names: the long ones took a tenth of the file."""
    try:
        import onnx
    except ImportError:
        return
    model = onnx.load(path)
    graph = model.graph
    names = {value.name: value.name for value in [*graph.input, *graph.output]}
    short = lambda name: names.setdefault(name, f"v{len(names)}") if name else name
    for weight in graph.initializer:
        weight.name = short(weight.name)
    for node in graph.node:
        node.name = node.doc_string = ""
        node.input[:], node.output[:] = [short(name) for name in node.input], [short(name) for name in node.output]
    del graph.value_info[:]
    onnx.save(model, path)


def main():
    what, state, path = sys.argv[1:4]
    is_reader = what == "reader"
    net = nets.Reader() if is_reader else nets.Locator()
    net.load_state_dict(torch.load(state)["average"])
    plain = copy.deepcopy(net)
    if is_reader:
        shift(net, ("c1", "c2", "c4", "c5", "c6", "c7", "c8"), True)
        plain, net = OnlyAnswers(plain), OnlyAnswers(net)
    else:
        shift(net, ("stem.0", "stem.1", "stem.2", "stem.3"), False)
        net = OneHead(net)
    plain.eval(), net.eval()
    names = ["word", "syllable", "digits", "plate", "colour", "corners"] if is_reader else ["cells"]
    example = torch.rand(1, 3, 56, 160) if is_reader else torch.rand(1, 3, 360, 640)
    axes = None if is_reader else {"picture": {2: "height", 3: "width"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, (example,), path, input_names=["picture"], output_names=names, opset_version=13, dynamic_axes=axes, dynamo=False)
    shorten(path)
    try:
        import onnxruntime
    except ImportError:
        return
    session = onnxruntime.InferenceSession(path)
    for shape in [example.shape] + ([(1, 3, 64, 96)] if axes else []):
        x = torch.rand(*shape)
        with torch.no_grad():
            expected = plain(x)
        expected = expected if isinstance(expected, tuple) else (expected,)
        for a, b in zip(expected, session.run(None, {"picture": x.numpy()})):
            assert np.abs(a.numpy() - b).max() < 1e-3 * max(1, np.abs(b).max()), "the exported net differs"


if __name__ == "__main__":
    main()
