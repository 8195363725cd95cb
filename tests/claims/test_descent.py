"""Gradient descent with momentum, against torch's."""

import pytest
import torch

from dlkit.claims.descent import descend


def test_it_is_torch_s_momentum() -> None:
    """Twenty steps on `(w_1^2 + 3 w_2^2) / 2` from (1, -2) end where torch's SGD ends."""
    scale = torch.tensor([1.0, 3.0], dtype=torch.float64)
    mine, theirs = (torch.tensor([1.0, -2.0], dtype=torch.float64) for _ in range(2))
    final = descend([mine], lambda: (scale * mine**2).sum() / 2, rate=0.05, steps=20)
    optimizer = torch.optim.SGD([theirs.requires_grad_()], lr=0.05, momentum=0.9)
    for _ in range(20):
        optimizer.zero_grad()
        torch.autograd.backward((scale * theirs**2).sum() / 2)
        optimizer.step()
    assert mine.tolist() == pytest.approx(theirs.tolist(), abs=1e-12)
    assert final == pytest.approx(float((scale * theirs.detach() ** 2).sum() / 2), abs=1e-12)
