"""Residual networks: each block adds to its input what its convolutions make of it.

Layers carry torchvision's names, so that its weights load into depths 18, 34 and 50 as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from dlkit.data.dataset import Facts
from dlkit.models.shapes import image_shape
from dlkit.nn.initialisation import initialise
from dlkit.nn.layers import dropout_layer, output_layer, stack
from dlkit.ranges import ActivationName, InitialisationName, PositiveInt, Share

IMAGENET_STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}
"""Blocks of each stage (He et al. 2016, table 1)."""


def resnet(
    facts: Facts,
    activation: Callable[[], nn.Module],
    *,
    depth: Literal[8, 14, 18, 20, 32, 34, 44, 50] = 8,
    stem: Literal["small", "imagenet"] = "small",
    width: PositiveInt | None = None,
    zero_init_residual: bool = False,
    dropout: Share = 0.0,
    initialisation: InitialisationName = "he",
    output_activation: ActivationName | None = None,
) -> nn.Module:
    """Stages of residual blocks, then one dense layer: `(B, C, H, W)` to `(B, facts.outputs)`.

    He et al. 2016, arXiv:1512.03385. Each stage but the first halves the image and doubles the
    channels; the dense layer sees the mean of each feature map. Shortcuts that change the shape are
    1x1 convolutions, option B of the paper, which has option A (padding with zeros) for depths
    6n + 2. Raises `ConfigError` if the data are not images. Options:

    - `depth`: layers with weights, shortcuts aside. 8, 14, 20, 32 and 44 are 6n + 2, three stages
      of n blocks for small images (section 4.2, which begins at 20); 18, 34 and 50 are the networks
      for ImageNet, four stages, 50 with bottlenecks (table 1).
    - `stem`: `small` is a 3x3 convolution at full size; `imagenet` a 7x7 convolution and a pooling,
      which leave a quarter of each side.
    - `width`: channels of the first stage; null is the paper's, 16 for 6n + 2 and 64 for ImageNet.
    - `zero_init_residual`: each block starts as its shortcut alone (Goyal et al. 2017,
      arXiv:1706.02677, section 5.1).
    - `dropout`: share of the averaged features that is zeroed at random while training.
    - `initialisation`: see `dlkit.nn.initialisation`; the paper has `he`.
    - `output_activation`: applied to the outputs; null for losses that take raw outputs.
    """
    maps, *_ = image_shape(facts, "resnet")
    counts = IMAGENET_STAGES.get(depth) or ((depth - 2) // 6,) * 3
    first = width or (64 if depth in IMAGENET_STAGES else 16)
    block = Bottleneck if depth == 50 else BasicBlock
    features = first * 2 ** (len(counts) - 1) * block.expansion
    model = stack(
        **_stem(stem, maps, first, activation),
        **_stages(block, counts, first, activation),
        avgpool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        dropout=dropout_layer(dropout),
        fc=nn.Linear(features, facts.outputs),
        output_activation=output_layer(output_activation),
    )
    initialise(model, scheme=initialisation)
    if zero_init_residual:
        _silence_branches(model)
    return model


def _stem(
    stem: str, maps: int, width: int, activation: Callable[[], nn.Module]
) -> dict[str, nn.Module | None]:
    """`(B, maps, H, W)` to `(B, width, H, W)`, or to `(B, width, H/4, W/4)` for `imagenet`."""
    small = stem == "small"
    return {
        "conv1": _conv(maps, width, 3) if small else _conv(maps, width, 7, stride=2),
        "bn1": nn.BatchNorm2d(width),
        "activation": activation(),
        "maxpool": None if small else nn.MaxPool2d(3, stride=2, padding=1),
    }


def _stages(
    block: type[BasicBlock | Bottleneck],
    counts: tuple[int, ...],
    width: int,
    activation: Callable[[], nn.Module],
) -> dict[str, nn.Module]:
    """`(B, width, H, W)` to `(B, 2^(S-1) width expansion, H/2^(S-1), W/2^(S-1))` in S stages."""
    stages: dict[str, nn.Module] = {}
    maps = width
    for stage, count in enumerate(counts):
        blocks = []
        for number in range(count):
            stride = 2 if stage and not number else 1
            blocks.append(block(maps, width * 2**stage, activation, stride=stride))
            maps = width * 2**stage * block.expansion
        stages[f"layer{stage + 1}"] = nn.Sequential(*blocks)
    return stages


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut (He et al. 2016, figure 5, left)."""

    expansion = 1

    def __init__(
        self, maps: int, width: int, activation: Callable[[], nn.Module], *, stride: int
    ) -> None:
        super().__init__()
        self.conv1 = _conv(maps, width, 3, stride=stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.activation1 = activation()
        self.conv2 = _conv(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(maps, width, stride)
        self.activation2 = activation()

    def forward(self, x: Tensor) -> Tensor:
        """`(B, maps, H, W)` to `(B, width, H/stride, W/stride)`."""
        branch = self.activation1(self.bn1(self.conv1(x)))
        branch = self.bn2(self.conv2(branch))
        return self.activation2(branch + self.downsample(x))


class Bottleneck(nn.Module):
    """A 3x3 convolution between two of 1x1, on a quarter of the channels (figure 5, right).

    The stride is at the 3x3 convolution, as in torchvision; the paper has it at the first 1x1.
    """

    expansion = 4

    def __init__(
        self, maps: int, width: int, activation: Callable[[], nn.Module], *, stride: int
    ) -> None:
        super().__init__()
        wide = width * self.expansion
        self.conv1 = _conv(maps, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.activation1 = activation()
        self.conv2 = _conv(width, width, 3, stride=stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.activation2 = activation()
        self.conv3 = _conv(width, wide, 1)
        self.bn3 = nn.BatchNorm2d(wide)
        self.downsample = _shortcut(maps, wide, stride)
        self.activation3 = activation()

    def forward(self, x: Tensor) -> Tensor:
        """`(B, maps, H, W)` to `(B, 4 width, H/stride, W/stride)`."""
        branch = self.activation1(self.bn1(self.conv1(x)))
        branch = self.activation2(self.bn2(self.conv2(branch)))
        branch = self.bn3(self.conv3(branch))
        return self.activation3(branch + self.downsample(x))


def _conv(maps: int, outputs: int, kernel_size: int, *, stride: int = 1) -> nn.Conv2d:
    """Keeps the size at stride 1; no bias, because a normalisation follows."""
    padding = kernel_size // 2
    return nn.Conv2d(maps, outputs, kernel_size, stride=stride, padding=padding, bias=False)


def _shortcut(maps: int, outputs: int, stride: int) -> nn.Module:
    """The input itself, or what gives it the shape of the branch's output."""
    if stride == 1 and maps == outputs:
        return nn.Identity()
    return nn.Sequential(_conv(maps, outputs, 1, stride=stride), nn.BatchNorm2d(outputs))


def _silence_branches(model: nn.Module) -> None:
    """Zeroes the scale of the last normalisation of each residual branch."""
    for block in model.modules():
        if isinstance(block, BasicBlock):
            nn.init.zeros_(block.bn2.weight)
        elif isinstance(block, Bottleneck):
            nn.init.zeros_(block.bn3.weight)
