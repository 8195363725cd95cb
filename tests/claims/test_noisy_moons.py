"""The moons lie on half-circles, and networks side by side train apart from each other."""

import pytest
import torch

from dlkit.claims import early_stopping, noisy_moons


def test_moons_without_noise_are_half_circles():
    """Radius 1 about (0, 0), upper half; and about (1, 0.5), lower half."""
    with torch.random.fork_rng(devices=[]):
        points, classes = noisy_moons.moons(2, 50, noise=0.0)
    for kind, (centre, side) in enumerate([((0.0, 0.0), 1), ((1.0, 0.5), -1)]):
        offsets = points[classes == kind] - torch.tensor(centre)
        torch.testing.assert_close(offsets.norm(dim=1), torch.ones(len(offsets)))
        assert (side * offsets[:, 1] >= -1e-6).all()


@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_network_does_not_see_its_neighbour(batch_norm):
    """The loss of one network has no gradient in the weights of the other."""
    with torch.random.fork_rng(devices=[]):
        model = noisy_moons.Networks(2, width=4, batch_norm=batch_norm)
        logits = model(torch.randn(2, 8, 2))
    (gradient,) = torch.autograd.grad(logits[0].square().sum(), model.weights[0])
    assert gradient[0].abs().max() > 0
    assert gradient[1].abs().max() == 0


def test_training_is_a_function_of_the_seed():
    """The same twice, and other for another seed; the global generator is left as it was."""
    before = torch.get_rng_state()
    runs = [noisy_moons.fit(networks=1, updates=5, seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("losses", "patience", "kept"),
    [([3, 2, 1], 1, 2), ([3, 2, 4, 1], 1, 1), ([3, 2, 4, 1], 2, 3), ([1, 1, 1, 0], 2, 0)],
)
def test_patience_waits_so_many_looks(losses, patience, kept):
    """Stops after so many looks without a new lowest; the lowest before that is kept."""
    assert early_stopping._best(losses, patience) == kept
