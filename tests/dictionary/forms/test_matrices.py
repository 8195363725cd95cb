"""Muon's iteration on lists acts on singular values as its polynomial says."""

import pytest
import torch

from dlkit.dictionary.forms import matrices


def test_newton_schulz_keeps_the_vectors_and_moves_the_values():
    """The singular vectors stay, and each value goes through the polynomial of one number."""
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(3, 5, generator=generator, dtype=torch.float64)
    left, values, right = torch.linalg.svd(matrix / matrix.norm(), full_matrices=False)
    moved = torch.tensor([matrices.newton_schulz_of_one(float(s)) for s in values]).double()
    got = torch.tensor(matrices.newton_schulz(matrix.tolist()), dtype=torch.float64)
    torch.testing.assert_close(got, left @ moved.diag() @ right, atol=1e-6, rtol=0)


def test_a_step_of_torchs_muon_is_the_iteration():
    """torch works in bfloat16, so its step agrees to about one per cent."""
    generator = torch.Generator().manual_seed(1)
    gradient = torch.randn(4, 6, generator=generator)
    weight = torch.zeros(4, 6, requires_grad=True)
    weight.grad = gradient
    torch.optim.Muon([weight], lr=1.0, weight_decay=0.0).step()
    got = torch.tensor(matrices.newton_schulz(gradient.tolist()))
    assert float((got + weight.detach()).abs().max()) == pytest.approx(0, abs=0.02)
