"""Residual networks: equal to torchvision's, sized as the paper says, each option used."""

import pytest
import torch
from torch import nn

from dlkit.data.dataset import Facts
from dlkit.models.resnet import BasicBlock, Bottleneck, resnet

GREY = Facts((1, 28, 28), 10, "classes")
PHOTO = Facts((3, 64, 64), 12, "classes")


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("depth", [18, 34, 50])
def test_imagenet_networks_are_torchvision_s(depth):
    """With torchvision's weights, outputs and running statistics are equal, in both modes."""
    from torchvision import models

    torch.manual_seed(0)
    reference = getattr(models, f"resnet{depth}")(weights=None, num_classes=12)
    model = resnet(PHOTO, nn.ReLU, depth=depth, stem="imagenet")
    x = torch.randn(2, 3, 64, 64)

    model.load_state_dict(reference.state_dict())

    assert list(model.state_dict()) == list(reference.state_dict())
    torch.testing.assert_close(model.train()(x), reference.train()(x))
    torch.testing.assert_close(model.state_dict(), reference.state_dict())
    torch.testing.assert_close(model.eval()(x), reference.eval()(x))


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66)])
def test_small_networks_have_the_paper_s_parameters(depth, millions):
    """Depth 6n + 2 on CIFAR-10 has the parameters of table 6, but for the shortcuts' 1x1
    convolutions (option A there, B here)."""
    model = resnet(Facts((3, 32, 32), 10, "classes"), nn.ReLU, depth=depth)

    shortcuts = sum(
        count(block.downsample) for block in model.modules() if isinstance(block, BasicBlock)
    )

    assert shortcuts == 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    assert round((count(model) - shortcuts) / 1e6, 2) == millions


@pytest.mark.parametrize("depth", [8, 14, 18, 20, 32, 34, 44, 50])
def test_depth_is_the_number_of_layers_with_weights(depth):
    """Convolutions and dense layers, shortcuts aside, add up to the depth."""
    model = resnet(GREY, nn.ReLU, depth=depth, width=4)
    weighted = [
        name
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear) and "downsample" not in name
    ]

    assert len(weighted) == depth
    assert model(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_parameters_of_depth_8_in_closed_form():
    """Stem, three blocks of two convolutions, two shortcuts and the dense layer, at width 32."""
    convolutions = 9 * (32 + 2 * 32 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128)
    shortcuts = 32 * 64 + 64 * 128
    norms = 2 * (32 + 2 * 32 + 3 * 64 + 3 * 128)

    model = resnet(GREY, nn.ReLU, width=32)

    assert count(model) == convolutions + shortcuts + norms + 129 * 10


@pytest.mark.parametrize(("depth", "width"), [(8, 16), (44, 16), (18, 64), (50, 64)])
def test_width_is_the_paper_s_unless_given(depth, width):
    """Null is 16 channels for 6n + 2 and 64 for ImageNet's networks."""
    assert resnet(GREY, nn.ReLU, depth=depth).conv1.out_channels == width
    assert resnet(GREY, nn.ReLU, depth=depth, width=6).conv1.out_channels == 6


def test_stem_decides_the_size_of_the_first_stage():
    """The small stem keeps the image, ImageNet's leaves a quarter of each side."""
    x = torch.zeros(1, 1, 28, 28)
    sizes = {}
    for stem in ("small", "imagenet"):
        model = resnet(GREY, nn.ReLU, stem=stem)
        model.layer1.register_forward_hook(
            lambda _, __, out, stem=stem: sizes.update({stem: tuple(out.shape[2:])})
        )
        model.eval()(x)

    assert sizes == {"small": (28, 28), "imagenet": (7, 7)}


@pytest.mark.parametrize("depth", [8, 50])
def test_zero_init_residual_starts_each_block_as_its_shortcut(depth):
    """A block that keeps its shape hands on its (positive) input; the default does not."""
    for zero in (True, False):
        model = resnet(GREY, nn.ReLU, depth=depth, width=4, zero_init_residual=zero)
        blocks = [m for m in model.modules() if isinstance(m, BasicBlock | Bottleneck)]
        block = next(m for m in blocks if isinstance(m.downsample, nn.Identity))
        x = torch.rand(2, block.conv1.in_channels, 5, 5)
        assert torch.equal(block(x), x) == zero


def test_a_block_adds_its_branch_to_its_input():
    """y = f(F(x) + x), with the activation that was handed in, at both places."""
    block = BasicBlock(4, 4, nn.Tanh, stride=1)
    x = torch.randn(2, 4, 5, 5)

    branch = block.bn2(block.conv2(torch.tanh(block.bn1(block.conv1(x)))))

    torch.testing.assert_close(block(x), torch.tanh(branch + x))


def test_activation_is_used_everywhere():
    """No ReLU is left when another activation is handed in: stem, blocks, both kinds of them."""
    for depth, places in ((8, 1 + 2 * 3), (50, 1 + 3 * 16)):
        layers = list(resnet(GREY, nn.SiLU, depth=depth, width=4).modules())
        assert sum(isinstance(layer, nn.SiLU) for layer in layers) == places
        assert not any(isinstance(layer, nn.ReLU) for layer in layers)


def test_head_drops_out_and_activates():
    """Dropout zeroes averaged features while training; `output_activation` has the last word."""
    model = resnet(GREY, nn.Sigmoid, width=100, dropout=0.5, output_activation="softmax")
    shares = []
    model.fc.register_forward_pre_hook(lambda _, x: shares.append((x[0] == 0).float().mean()))
    x = torch.randn(4, 1, 28, 28)

    torch.testing.assert_close(model(x).sum(1), torch.ones(4))
    model.eval()(x)

    assert [round(share.item(), 1) for share in shares] == [0.5, 0]


def test_initialisation_is_he_s_unless_given():
    """Weights start with variance 2 / n_in, as in the paper; `default` is torch's own start."""
    he, default = (resnet(GREY, nn.ReLU, width=64, initialisation=s) for s in ("he", "default"))

    fan_in = 9 * 64
    assert he.layer1[0].conv1.weight.var().item() == pytest.approx(2 / fan_in, rel=0.05)
    assert default.layer1[0].conv1.weight.var().item() == pytest.approx(1 / 3 / fan_in, rel=0.05)
