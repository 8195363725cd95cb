"""The small backbone and the neck: sizes, channels, and who sees whom."""

import pytest
import torch
from torch import nn

from dlkit.models.detector_backbone import Levels, PathAggregation, Residual, TinyBackbone


@pytest.mark.parametrize(
    ("deepest", "strides"), [(4, (4,)), (16, (4, 8, 16)), (32, (4, 8, 16, 32))]
)
def test_each_map_has_the_size_that_its_stride_promises(deepest, strides):
    """A stage halves the image and doubles the maps, down to the deepest stride."""
    backbone = TinyBackbone(1, nn.ReLU, deepest=deepest, width=2)

    maps = backbone.features(torch.rand(2, 1, 64, 96))

    assert backbone.strides == strides
    assert backbone.channels == tuple(stride for stride in strides)
    assert [each.shape for each in maps] == [(2, s, 64 // s, 96 // s) for s in strides]


def test_blocks_say_how_many_residuals_a_stage_has():
    """Two stages of three blocks have six; no convolution has a bias before its normalisation."""
    backbone = TinyBackbone(3, nn.ReLU, deepest=8, width=2, blocks=3)

    assert sum(isinstance(module, Residual) for module in backbone.modules()) == 6
    assert all(c.bias is None for c in backbone.modules() if isinstance(c, nn.Conv2d))


def test_a_residual_block_adds_to_its_input():
    """With a branch that is 0, what is left is the activation of the input."""
    block = Residual(3, nn.ReLU).eval()
    nn.init.zeros_(block.branch.second.norm.weight)
    x = torch.randn(2, 3, 5, 5)

    assert torch.equal(block(x), x.relu())


def test_levels_are_those_that_were_asked_for():
    """Strides 8 and 16 of a backbone that has 4 as well."""
    backbone = TinyBackbone(1, nn.ReLU, deepest=16, width=2).eval()
    x = torch.rand(1, 1, 32, 32)

    levels = Levels(backbone, (8, 16))

    assert levels.channels == (8, 16)
    for found, expected in zip(levels(x), backbone.features(x)[1:], strict=True):
        assert torch.equal(found, expected)


def test_every_level_of_the_neck_sees_every_other():
    """Each map that goes in moves each map that comes out."""
    neck = PathAggregation((2, 3, 4), 5, nn.Tanh)
    maps = [torch.randn(2, c, n, n, requires_grad=True) for c, n in ((2, 8), (3, 4), (4, 2))]

    outputs = neck(maps)

    assert [each.shape for each in outputs] == [(2, 5, n, n) for n in (8, 4, 2)]
    for output in outputs:
        gradients = torch.autograd.grad(output.square().sum(), maps, retain_graph=True)
        assert all(gradient.abs().max() > 0 for gradient in gradients)


def test_a_neck_of_one_level_only_changes_the_channels():
    """Without a second level there is nothing to aggregate."""
    neck = PathAggregation((3,), 4, nn.ReLU)
    x = torch.randn(2, 3, 4, 4)

    assert torch.equal(neck([x])[0], neck.lateral[0](x))
