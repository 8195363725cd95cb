"""The binary cross-entropy with a sigmoid too many, without its trick, and as a softmax of two."""

from __future__ import annotations

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, score: PositiveFloat = 100.0) -> dict[str, float]:
    """Losses of certain, right answers behind a second sigmoid, in float32.

    `printed_form` is `-ln(1 - sigmoid(score))` for a wrong yes, which `torch` gives rightly as
    about `score`; `two_class_softmax` is the largest difference from the cross-entropy of two
    classes with the scores 0 and z, for 100 random z.
    """
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(100, generator=generator)  # (100,)
    t = (torch.rand(100, generator=generator) < 0.5).float()  # (100,)
    pairs = torch.stack([torch.zeros(100), z], dim=1)  # (100, 2)
    two = cross_entropy(pairs, t.long(), reduction="none")
    one = binary_cross_entropy_with_logits(z, t, reduction="none")
    certain = torch.tensor([1e4, -1e4]).sigmoid()  # (2,): yes, no
    yes, no = binary_cross_entropy_with_logits(certain, torch.tensor([1.0, 0.0]), reduction="none")
    wrong = torch.tensor(score)
    return {
        "floor_yes": float(yes),
        "floor_no": float(no),
        "two_class_softmax": float((two - one).abs().max()),
        "printed_form": float(-torch.log(1 - wrong.sigmoid())),
        "torch": float(binary_cross_entropy_with_logits(wrong, torch.tensor(0.0))),
    }
