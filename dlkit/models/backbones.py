"""Which network makes the feature maps of a detector, by the options of a config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from dlkit.data.dataset import Facts
from dlkit.errors import OptionError
from dlkit.models.detector_backbone import TinyBackbone
from dlkit.models.efficientnet_lite0 import efficientnet_lite0
from dlkit.models.shapes import image_shape


def build_backbone(
    facts: Facts,
    activation: Callable[[], nn.Module],
    backbone: str,
    *,
    deepest: int,
    of_tiny: Mapping[str, Any],
    of_pretrained: Mapping[str, Any],
) -> nn.Module:
    """`tiny` or `efficientnet_lite0`, with maps down to stride `deepest`.

    `of_tiny` and `of_pretrained` are the options that were set for either (`given`). Raises
    `OptionError` for one that means nothing to the other, and for data that the backbone cannot take.
    """
    channels, *_ = image_shape(facts, "detector")
    if backbone == "tiny":
        refuse(of_pretrained, "backbone: tiny", "backbone: efficientnet_lite0")
        return TinyBackbone(channels, activation, deepest=deepest, **of_tiny)
    refuse(of_tiny, f"backbone: {backbone}", "backbone: tiny")
    if channels != 3:
        message = f"{backbone} takes 3 channels, the data yield {channels}"
        raise OptionError("backbone", message, "Use 'backbone: tiny'.")
    options = dict(of_pretrained)
    return efficientnet_lite0(options.pop("backbone_weights", None), deepest=deepest, **options)


def given(**options: Any) -> dict[str, Any]:
    """Those that were set; the signature of what takes them has the defaults of the rest."""
    return {name: value for name, value in options.items() if value is not None}


def refuse(options: Mapping[str, Any], chosen: str, other: str) -> None:
    """Raises `OptionError` for the first of `options`, which mean nothing to what was `chosen`."""
    for option in options:
        message = f"has no effect with '{chosen}'"
        raise OptionError(option, message, f"Leave it out, or use '{other}'.")
