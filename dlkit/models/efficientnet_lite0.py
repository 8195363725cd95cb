"""EfficientNet-Lite0 up to its feature maps: a small backbone for which there are ImageNet weights.

Names and arithmetic are those of the published weights, so that these load as they are (Tan & Le 2019,
arXiv:1905.11946, table 1; the Lite networks have ReLU6 and no squeeze and excitation).
"""

from __future__ import annotations

from itertools import accumulate
from operator import mul
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu6

from dlkit.errors import OptionError
from dlkit.nn.initialisation import initialise


class Stage(NamedTuple):
    """A row of the paper's table: `blocks` inverted bottlenecks, of which the first has the stride."""

    kernel_size: int
    stride: int
    expansion: int
    channels: int
    blocks: int


STEM = 32
STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)
DEEPEST = 32
CLASSIFIER = ("_conv_head.", "_bn1.", "_fc.")
"""How the tensors begin that the published file has besides: the layers for ImageNet's classes."""
NAMED = 10
"""How many tensors an error names."""


class SameConv2d(nn.Conv2d):
    """A convolution without bias, padded as TensorFlow's `SAME`: `ceil(size / stride)` places, and where
    the number of zeros is odd, the last one is at the right or at the bottom."""

    def __init__(
        self, inputs: int, outputs: int, kernel_size: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel_size, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, inputs, H, W)` to `(B, outputs, ceil(H / stride), ceil(W / stride))`."""
        down, right = (self._zeros(size) for size in x.shape[2:])
        if down or right:
            x = pad(x, (right // 2, right - right // 2, down // 2, down - down // 2))
        return super().forward(x)

    def _zeros(self, size: int) -> int:
        """How many zeros go to both ends of `size` places."""
        kernel_size, stride = self.kernel_size[0], self.stride[0]
        places = -(-size // stride)
        return max((places - 1) * stride + kernel_size - size, 0)


class MBConv(nn.Module):
    """An inverted bottleneck (Sandler et al. 2018, arXiv:1801.04381, section 3.3): 1x1 to `expansion`
    times the maps, depthwise, 1x1 back without activation; plus its input where the shapes agree."""

    def __init__(self, inputs: int, stage: Stage, *, stride: int) -> None:
        super().__init__()
        wide, outputs = inputs * stage.expansion, stage.channels
        self.stride, self.outputs = stride, outputs
        self.adds = stride == 1 and inputs == outputs
        self.expands = stage.expansion > 1
        if self.expands:
            self._expand_conv = SameConv2d(inputs, wide, 1)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SameConv2d(wide, wide, stage.kernel_size, stride=stride, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv2d(wide, outputs, 1)
        self._bn2 = _norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, inputs, H, W)` to `(B, channels, ceil(H / stride), ceil(W / stride))`."""
        y = relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    """Colour images to feature maps; `channels` and `strides` are theirs, the finest first.

    `deepest` is the largest stride that is wanted, 2 to 32; blocks beyond it are left out. The layers up
    to the first `frozen` maps do not learn. With `frozen_norm` no batch normalisation learns, and each
    goes on using the statistics that it has: those of many images, where a batch has few.
    """

    def __init__(
        self, *, deepest: int = DEEPEST, frozen: int = 0, frozen_norm: bool = False
    ) -> None:
        super().__init__()
        self.frozen_norm = frozen_norm
        self.rate_share = 1.0  # read by `dlkit.optim.groups`
        self._conv_stem = SameConv2d(3, STEM, 3, stride=2)
        self._bn0 = _norm(STEM)
        blocks = _blocks(deepest)
        self._blocks = nn.ModuleList(blocks)
        starts = [number for number, block in enumerate(blocks) if block.stride > 1]
        self._ends = (*starts, len(blocks))
        """How many blocks there are before each map."""
        self.strides = tuple(2**power for power in range(1, deepest.bit_length()))
        self.channels = tuple(blocks[end - 1].outputs for end in self._ends)
        self._fixed = self._not_learning(blocks, frozen)
        for module in self._fixed:
            module.requires_grad_(False).eval()

    def _not_learning(self, blocks: list[MBConv], frozen: int) -> list[nn.Module]:
        modules: list[nn.Module] = []
        if frozen:
            modules += [self._conv_stem, self._bn0, *blocks[: self._ends[frozen - 1]]]
        if self.frozen_norm:
            modules += [each for each in self.modules() if isinstance(each, nn.BatchNorm2d)]
        return modules

    def train(self, mode: bool = True) -> EfficientNetLite0:
        """Training mode for what learns."""
        super().train(mode)
        for module in self._fixed:
            module.eval()
        return self

    def features(self, images: Tensor) -> list[Tensor]:
        """Images `(B, 3, H, W)` from 0 to 1 to the last map of each size, `(B, channels[i],
        ceil(H / strides[i]), ceil(W / strides[i]))`."""
        x = (images * 255 - 127) / 128  # as the network was trained
        x = relu6(self._bn0(self._conv_stem(x)))
        maps = []
        for number, block in enumerate(self._blocks):
            if number in self._ends:
                maps.append(x)
            x = block(x)
        return [*maps, x]


def _blocks(deepest: int) -> list[MBConv]:
    reached = accumulate((stage.stride for stage in STAGES), mul, initial=2)
    blocks, inputs = [], STEM
    for stage, stride in zip(STAGES, list(reached)[1:], strict=True):
        for number in range(stage.blocks if stride <= deepest else 0):
            blocks.append(MBConv(inputs, stage, stride=1 if number else stage.stride))
            inputs = stage.channels
    return blocks


def _norm(channels: int) -> nn.BatchNorm2d:
    """TensorFlow's epsilon and momentum: its 0.99 is torch's 0.01."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def efficientnet_lite0(
    weights: str | None,
    *,
    deepest: int = DEEPEST,
    frozen: int = 0,
    frozen_norm: bool = False,
    backbone_rate: float = 1.0,
) -> EfficientNetLite0:
    """The backbone with the weights of a safetensors file, or with random ones (He et al. 2015).

    Weights of a file learn at a share `backbone_rate` of the learning rate, random ones at the whole.
    Raises `OptionError` for `backbone_weights` if the file is not one of this network's weights.
    """
    maps = deepest.bit_length() - 1
    if frozen > maps:
        message = f"there are no {frozen} maps down to stride {deepest}"
        raise OptionError("frozen", message, f"Use 0 to {maps}.")
    network = EfficientNetLite0(deepest=deepest, frozen=frozen, frozen_norm=frozen_norm)
    if weights is None:
        initialise(network, scheme="he")
        return network
    tensors = read_weights(weights)
    network.load_state_dict({name: tensors[name] for name in network.state_dict()})
    network.rate_share = backbone_rate
    return network


def read_weights(path: str) -> dict[str, Tensor]:
    """Every tensor of the network down to stride 32, out of a safetensors file.

    Tensors of the classifier may be there or not. Raises `OptionError` as above.
    """
    tensors = {
        name: tensor for name, tensor in _read(path).items() if not name.startswith(CLASSIFIER)
    }
    with torch.device("meta"):
        wanted = EfficientNetLite0().state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in wanted.items()}
    other = [
        f"{name} {tuple(tensors[name].shape)} instead of {shape}"
        for name, shape in shapes.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    _refuse(path, "lacks", [name for name in shapes if name not in tensors])
    _refuse(path, "has left over", [name for name in tensors if name not in shapes])
    _refuse(path, "has in another shape", other)
    return tensors


def _read(path: str) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise OptionError(
            "backbone_weights",
            f"{path} cannot be read as safetensors: {reason}",
            "A PyTorch file becomes one by: dlkit import-weights FILE.",
        ) from error


def _refuse(path: str, how: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        raise OptionError(
            "backbone_weights",
            f"{path} is not EfficientNet-Lite0: it {how} {', '.join(names[:NAMED])}{more}",
            "See the page pretrained-model for where the weights are.",
        )
