"""Writes the nets as ONNX opset 13, batch norms folded in, and compares them with what was trained.

`python3 reader/export.py reader|locator STATE FILE.onnx`
"""

import sys
import warnings

import numpy as np
import torch
from torch import nn

import nets


class OnlyAnswers(nn.Module):
    """The reader without what training alone needs."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)[:6]


def main():
    what, state, path = sys.argv[1:4]
    net = nets.Reader() if what == "reader" else nets.Locator()
    net.load_state_dict(torch.load(state)["average"])
    net = OnlyAnswers(net) if what == "reader" else net
    net.eval()
    names = ["word", "syllable", "digits", "plate", "colour", "corners"] if what == "reader" else ["cells"]
    example = torch.rand(1, 3, 56, 160) if what == "reader" else torch.rand(1, 3, 360, 640)
    axes = None if what == "reader" else {"picture": {2: "height", 3: "width"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, (example,), path, input_names=["picture"], output_names=names, opset_version=13, dynamic_axes=axes, dynamo=False)
    try:
        import onnxruntime
    except ImportError:
        return
    session = onnxruntime.InferenceSession(path)
    for shape in [example.shape] + ([(1, 3, 64, 96)] if axes else []):
        x = torch.rand(*shape)
        with torch.no_grad():
            expected = net(x)
        expected = expected if isinstance(expected, tuple) else (expected,)
        for a, b in zip(expected, session.run(None, {"picture": x.numpy()})):
            assert np.abs(a.numpy() - b).max() < 1e-3 * max(1, np.abs(b).max()), "the exported net differs"


if __name__ == "__main__":
    main()
