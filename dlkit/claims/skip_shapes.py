"""What a residual and a concatenating skip connection do to the number of channels."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, channels: PositiveInt = 8, blocks: PositiveInt = 4) -> dict[str, float]:
    """Channels after `blocks` blocks that each make `channels` new ones from all that came before.

    Added as in ResNet (arXiv:1512.03385), or concatenated as in DenseNet (arXiv:1608.06993).
    """
    added = concatenated = torch.zeros(1, channels, 4, 4)
    for _ in range(blocks):
        new = torch.zeros(1, channels, 4, 4)
        added = added + new
        concatenated = torch.cat([concatenated, new], dim=1)
    return {
        "channels_added": float(added.shape[1]),
        "channels_concatenated": float(concatenated.shape[1]),
    }
